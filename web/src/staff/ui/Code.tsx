import { Copy } from "./Copy";

/** JSON with line breaks; what is none stays as it is. */
export function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

interface CodeProps {
  text: string;
  /** What it is, for screen readers and above the text. */
  label: string;
  /** What is copied, if that is something else. */
  copies?: string;
}

/** Text of a machine: scrollable, and copied with one press. */
export function Code({ text, label, copies = text }: CodeProps) {
  return (
    <div className="code">
      <div className="code-head">
        <span>{label}</span>
        <Copy text={copies} />
      </div>
      {/* Scrolled by keyboard, so it takes the focus. */}
      <pre tabIndex={0} role="region" aria-label={label}>
        {text}
      </pre>
    </div>
  );
}
