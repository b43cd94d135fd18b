import { type ReactNode, useId } from "react";

interface FieldProps {
  label: string;
  why?: string | undefined;
  children: (attributes: { id: string; "aria-describedby"?: string; "aria-invalid"?: boolean }) => ReactNode;
}

/** A labelled field, with what is wrong with it. */
export function Field({ label, why, children }: FieldProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children(why ? { id, "aria-describedby": `${id}-why`, "aria-invalid": true } : { id })}
      {why && (
        <p id={`${id}-why`} className="field-why">
          {why}
        </p>
      )}
    </div>
  );
}
