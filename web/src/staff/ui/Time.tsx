import { language, localeOf } from "../i18n";
import { useStore } from "./store";

const DAY_MS = 86_400_000;

interface TimeProps {
  /** Unix ms. */
  at: number;
  /** Also hundredths of a second, for what happens in a row. */
  exact?: boolean;
}

/** A moment: of the last day its time, of others the day too. All of it is in its title. */
export function Time({ at, exact = false }: TimeProps) {
  const locale = localeOf(useStore(language));
  const date = new Date(at);
  const time: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", ...(exact && { second: "2-digit", fractionalSecondDigits: 2 }) };
  const far = Math.abs(Date.now() - at) > DAY_MS;
  const shown = new Intl.DateTimeFormat(locale, far ? { dateStyle: "medium", timeStyle: exact ? "medium" : "short" } : time).format(date);
  const whole = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "long" }).format(date);
  return (
    <time dateTime={date.toISOString()} title={whole}>
      {shown}
    </time>
  );
}
