import { useTranslation } from "react-i18next";
import { type Language, localeOf } from "../i18n";

// The first of January 2024 was a Monday.
const MONDAY = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;

/** Names of days, 1 Monday to 7 Sunday, in the reader's language. */
export function useWeekdays(): (day: number, form?: "long" | "short") => string {
  const { i18n } = useTranslation();
  return (day, form = "long") =>
    new Intl.DateTimeFormat(localeOf(i18n.language as Language), { weekday: form, timeZone: "UTC" }).format(MONDAY + (day - 1) * DAY_MS);
}
