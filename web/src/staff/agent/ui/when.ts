// Times as people say them.

import { useTranslation } from "react-i18next";
import { language, localeOf } from "../../i18n";
import { useStore } from "../../ui/store";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How urgent a wait is: it changes how it looks, beside what it says. */
export type Urgency = "fresh" | "warm" | "hot";

export function urgencyOf(ms: number): Urgency {
  return ms >= 30 * MINUTE ? "hot" : ms >= 5 * MINUTE ? "warm" : "fresh";
}

/** Lengths of time in the language that is shown. */
export function useLength(): (ms: number) => string {
  const { t } = useTranslation("agent");
  return (ms) => {
    if (ms < MINUTE) return t("time.now");
    if (ms < HOUR) return t("time.minutes", { n: Math.floor(ms / MINUTE) });
    const minutes = Math.floor((ms % HOUR) / MINUTE);
    if (ms < DAY) return t(minutes === 0 ? "time.hours" : "time.hoursMinutes", { n: Math.floor(ms / HOUR), minutes });
    return t("time.days", { n: Math.floor(ms / DAY) });
  };
}

/** Moments: today's by hour and minute, others with their day; exact ones with the second, too. */
export function useMoment(): (at: number, now: number, exact: boolean) => string {
  const tag = localeOf(useStore(language));
  return (at, now, exact) => {
    const date = new Date(at);
    const time: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", ...(exact && { second: "2-digit" }) };
    if (date.toDateString() === new Date(now).toDateString()) return new Intl.DateTimeFormat(tag, time).format(date);
    const sameYear = date.getFullYear() === new Date(now).getFullYear();
    return new Intl.DateTimeFormat(tag, { day: "numeric", month: "short", ...(!sameYear && { year: "numeric" }), ...time }).format(date);
  };
}

/** A moment in full. */
export function useFullTime(): (at: number) => string {
  const tag = localeOf(useStore(language));
  return (at) => new Intl.DateTimeFormat(tag, { dateStyle: "full", timeStyle: "medium" }).format(new Date(at));
}
