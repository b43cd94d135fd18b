import { useTranslation } from "react-i18next";
import { language, localeOf } from "../../i18n";
import { useStore } from "../../ui/store";

const UNITS = [
  ["day", 86_400, 172_800],
  ["hour", 3_600, 7_200],
  ["minute", 60, 120],
  ["second", 1, 0],
] as const;

/** How figures are written in the reader's language; what there is none of is a dash. */
export function useFormat() {
  const locale = localeOf(useStore(language));
  const { t } = useTranslation("admin");
  const number = (value: number | undefined, digits = 0) =>
    value === undefined ? "–" : new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value);
  const share = (value: number | undefined) =>
    value === undefined ? "–" : new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 }).format(value);
  const duration = (seconds: number | undefined) => {
    if (seconds === undefined) return "–";
    const [unit, size] = UNITS.find(([, , from]) => seconds >= from) ?? UNITS[3];
    return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 1 }).format(seconds / size);
  };
  const day = (key: string) => new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(`${key}T00:00Z`));
  const name = (row: { key: string; name?: string }, nobody: string) => row.name ?? (row.key === "none" ? nobody : row.key);
  return { t, number, share, duration, day, name };
}
