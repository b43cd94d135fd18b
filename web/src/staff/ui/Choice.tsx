import IconChevronDown from "@douyinfe/semi-icons/lib/es/icons/IconChevronDown";

interface ChoiceProps<T extends string> {
  label: string;
  value: T | "";
  options: (readonly [value: T, label: string])[];
  /** The name of no choice; without it one has to be chosen. */
  any?: string;
  onChange: (value: T | "") => void;
}

/** One of a few: the browser's own menu, because Semi's refers screen readers to options that are not there. */
export function Choice<T extends string>({ label, value, options, any, onChange }: ChoiceProps<T>) {
  return (
    <div className="choice">
      <select aria-label={label} value={value} onChange={(event) => onChange(event.target.value as T | "")}>
        {any !== undefined && <option value="">{any}</option>}
        {options.map(([option, name]) => (
          <option key={option} value={option}>
            {name}
          </option>
        ))}
      </select>
      <IconChevronDown aria-hidden />
    </div>
  );
}
