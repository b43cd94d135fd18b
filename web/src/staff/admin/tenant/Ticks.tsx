interface TicksProps {
  legend: string;
  /** Each name, and what is said about it. */
  options: (readonly [name: string, words: string])[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
  disabled?: boolean;
}

/** Any of a few, each with a tick. */
export function Ticks({ legend, options, chosen, onChange, disabled = false }: TicksProps) {
  return (
    <fieldset className="plain" disabled={disabled}>
      <legend>{legend}</legend>
      {options.map(([name, words]) => (
        <label key={name} className="pick tick">
          <input
            type="checkbox"
            checked={chosen.includes(name)}
            onChange={(event) => onChange(event.target.checked ? [...chosen, name] : chosen.filter((other) => other !== name))}
          />
          <span>
            <code>{name}</code> {words && <span className="line-why">{words}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
