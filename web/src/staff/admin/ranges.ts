// How far back past questions are looked at.

const DAY_MS = 86_400_000;

export const RANGES = ["week", "month", "quarter"] as const;
export type Range = (typeof RANGES)[number];

const DAYS = { week: 7, month: 30, quarter: 91 } as const;

/** From when on, Unix ms; nothing for what the server takes by itself. */
export function since(range: Range): { from?: number } {
  return range === "month" ? {} : { from: Date.now() - DAYS[range] * DAY_MS };
}
