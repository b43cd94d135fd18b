// A customized field of a ticket. It is stored when one leaves it.

import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { asFailure } from "../../api/failure";
import { Field as Labelled } from "../../ui/Field";
import type { Field } from "../api/calls";
import { leavesOf, picksOf } from "./picks";

interface FieldProps {
  field: Field;
  /** Of a drop-down: the name of what was picked, several with commas between them. */
  value: string;
  onChange: (value: string) => Promise<unknown>;
}

export function TicketField({ field, value, onChange }: FieldProps) {
  const { t } = useTranslation("agent");
  const [typed, setTyped] = useState<string | null>(null);
  const [why, setWhy] = useState<string | undefined>();
  const save = async (next: string): Promise<void> => {
    setWhy(undefined);
    if (next === value) return setTyped(null);
    try {
      await onChange(next);
      setTyped(null);
    } catch (error) {
      setWhy(asFailure(error).message);
    }
  };
  const label = field.required ? `${field.display_name} (${t("data.required")})` : field.display_name;
  const text = (attributes: object, input: (attributes: object) => ReactNode): ReactNode =>
    input({
      ...attributes,
      className: "text-field",
      value: typed ?? value,
      disabled: !field.editable,
      title: field.description || undefined,
      onChange: (event: { target: { value: string } }) => setTyped(event.target.value),
      onBlur: () => typed !== null && void save(typed.trim()),
    });
  switch (field.field_type) {
    case "dropdown":
    case "dropdown_nested":
      return field.multiple ? <Several field={field} value={value} label={label} why={why} onSave={save} /> : <One field={field} value={value} label={label} why={why} onSave={save} />;
    case "multiline":
      return (
        <Labelled label={label} why={why}>
          {(attributes) => text(attributes, (all) => <textarea rows={3} maxLength={10_000} {...all} />)}
        </Labelled>
      );
    default:
      return (
        <Labelled label={label} why={why}>
          {(attributes) => text(attributes, (all) => <input maxLength={1_000} {...all} />)}
        </Labelled>
      );
  }
}

interface PickProps {
  field: Field;
  value: string;
  label: string;
  why: string | undefined;
  onSave: (value: string) => Promise<void>;
}

function One({ field, value, label, why, onSave }: PickProps) {
  const leaves = leavesOf(field.options);
  const picked = leaves.find(({ name }) => name === value);
  return (
    <Labelled label={label} why={why}>
      {(attributes) => (
        <select {...attributes} className="text-field" disabled={!field.editable} title={field.description || undefined} value={picked?.tag ?? ""} onChange={(event) => void onSave(event.target.value)}>
          <option value="">{picked || !value ? "" : value}</option>
          {leaves.map(({ tag, name }) => (
            <option key={tag} value={tag}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}

function Several({ field, value, label, why, onSave }: PickProps) {
  const leaves = leavesOf(field.options);
  const picked = picksOf(value, leaves).map(({ tag }) => tag);
  const toggle = (tag: string, on: boolean): void => {
    const next = on ? [...picked, tag] : picked.filter((other) => other !== tag);
    void onSave(next.length > 0 ? JSON.stringify(next) : "");
  };
  return (
    <fieldset className="choices field" disabled={!field.editable}>
      <legend>{label}</legend>
      {leaves.map(({ tag, name }) => (
        <label key={tag}>
          <input type="checkbox" checked={picked.includes(tag)} onChange={(event) => toggle(tag, event.target.checked)} /> {name}
        </label>
      ))}
      {why && <p className="field-why">{why}</p>}
    </fieldset>
  );
}
