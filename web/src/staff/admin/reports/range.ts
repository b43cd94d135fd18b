// Which days and which tickets a report page is about. All of it is in the address, so that it can be kept and sent to others.

import type { Schemas } from "../../api/client";

export type Figures = Schemas["AdminReportFigures"];
export type Row = Schemas["AdminReportRow"];

/** Either the last days, or from one day to another (`YYYY-MM-DD`). */
export interface Range {
  days?: number;
  from?: string;
  to?: string;
}

export const FIGURES = [
  "opened",
  "open",
  "closed",
  "intercepted",
  "handed_over",
  "answered",
  "unanswered",
  "solved",
  "not_solved",
  "queued",
  "taken",
  "abandoned",
  "waiting",
  "resolved",
  "rated",
  "dissatisfied",
  "neutral",
  "satisfied",
] as const;
export type Figure = (typeof FIGURES)[number];

/** Which tickets a number counts, beside its days. */
export interface Filter {
  figure?: Figure;
  agent?: string;
  category?: string;
  weekday?: number;
  hour?: number;
}

const isDay = (value: unknown): value is string => typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value);
const whole = (value: unknown): number | undefined => (/^\d{1,3}$/.test(String(value)) ? Number(value) : undefined);

/** Reads days from a query; without any they are the last seven. */
export function rangeOf(query: Record<string, unknown>): Range {
  if (isDay(query.from) && isDay(query.to)) return { from: query.from, to: query.to };
  return { days: whole(query.days) ?? 7 };
}

const DAY_MS = 86_400_000;

/** The day before today on the clock of a time zone. */
export function yesterdayOn(clock: string, now: number): Range {
  const today = new Intl.DateTimeFormat("en-CA", { timeZone: clock, dateStyle: "short" }).format(now);
  const day = new Date(Date.parse(`${today}T00:00Z`) - DAY_MS).toISOString().slice(0, 10);
  return { from: day, to: day };
}

export function filterOf(query: Record<string, unknown>): Filter {
  const figure = FIGURES.find((name) => name === query.figure);
  const filter: Filter = {};
  if (figure) filter.figure = figure;
  for (const name of ["agent", "category"] as const) {
    const value = query[name];
    if (typeof value === "string" && value !== "") filter[name] = value;
  }
  for (const name of ["weekday", "hour"] as const) {
    const value = whole(query[name]);
    if (value !== undefined) filter[name] = value;
  }
  return filter;
}

/** The tickets of an hour's row, whose key is such as `1-09`. */
export function hourOf(key: string): Filter {
  const [weekday, hour] = key.split("-").map(Number);
  return { weekday: weekday ?? 1, hour: hour ?? 0 };
}

/** The address of a table as a file. */
export function fileOf(desk: string, what: string, query: object): string {
  const pairs = Object.entries({ ...query, format: "csv" }).map(([name, value]) => [name, String(value)]);
  return `/admin/v1/desks/${desk}/reports/${what}?${new URLSearchParams(Object.fromEntries(pairs))}`;
}
