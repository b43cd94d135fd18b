import Input from "@douyinfe/semi-ui-19/lib/es/input";
import Slider from "@douyinfe/semi-ui-19/lib/es/slider";
import { Field } from "../ui/Field";

interface ScoreProps {
  label: string;
  hint: string;
  value: number;
  onChange: (value: number) => void;
}

/** A score from 0 to 1: by slider, or by number. */
export function Score({ label, hint, value, onChange }: ScoreProps) {
  return (
    <Field label={label} hint={hint}>
      {(attributes) => (
        <div className="score-field">
          <div className="grow">
            <Slider min={0} max={1} step={0.01} value={value} onChange={(chosen) => onChange(Number(chosen))} aria-label={label} getAriaValueText={(at) => Number(at).toFixed(2)} tipFormatter={(at) => Number(at).toFixed(2)} />
          </div>
          <Input {...attributes} type="number" min={0} max={1} step={0.01} value={String(value)} onChange={(text) => text !== "" && onChange(Math.min(1, Math.max(0, Number(text))))} />
        </div>
      )}
    </Field>
  );
}
