import Select from "@douyinfe/semi-ui-19/lib/es/select";

interface ChoiceProps<T extends string> {
  label: string;
  value: T | "";
  options: (readonly [value: T, label: string])[];
  /** The name of no choice; without it one has to be chosen. */
  any?: string;
  onChange: (value: T | "") => void;
  className?: string;
}

/** One of a few. */
export function Choice<T extends string>({ label, value, options, any, onChange, className }: ChoiceProps<T>) {
  const list = options.map(([option, name]) => ({ value: option as string, label: name }));
  if (any !== undefined) list.unshift({ value: "", label: any });
  return <Select aria-label={label} value={value} optionList={list} onChange={(chosen) => onChange(chosen as T | "")} {...(className && { className })} />;
}
