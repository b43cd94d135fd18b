import { type ReactNode, useId } from "react";

interface FieldProps {
  label: string;
  /** What is wrong with it. */
  why?: string | undefined;
  /** What may stand here. */
  hint?: ReactNode;
  children: (attributes: { id: string; "aria-describedby"?: string; "aria-invalid"?: boolean }) => ReactNode;
}

/** A labelled field, with what may stand in it and what is wrong with it. */
export function Field({ label, why, hint, children }: FieldProps) {
  const id = useId();
  const described = [why && `${id}-why`, hint && `${id}-hint`].filter(Boolean).join(" ");
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, ...(described && { "aria-describedby": described }), ...(why && { "aria-invalid": true }) })}
      {hint && (
        <p id={`${id}-hint`} className="field-hint">
          {hint}
        </p>
      )}
      {why && (
        <p id={`${id}-why`} className="field-why">
          {why}
        </p>
      )}
    </div>
  );
}
