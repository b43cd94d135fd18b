// A weekly schedule as blocks of days, and as the server keeps it.

import type { Schemas } from "../../api/client";

export type Slot = Schemas["Slot"];

/** Minutes of a day. */
export const DAY = 1440;
/** Blocks are dragged and pushed by quarters of an hour. */
export const STEP = 15;
/** Most slots that the server takes. */
export const SLOTS_MAX = 50;

const [EVERY_DAY, WEEKDAYS, WEEKEND] = [9, 10, 11];

/** Hours on one day, in minutes since midnight. A night is two of them. */
export interface Block {
  /** What stays the same while it is moved. */
  id: number;
  /** 1 Monday to 7 Sunday. */
  day: number;
  start: number;
  /** After the start, {@link DAY} at most. */
  end: number;
}

export type Place = Omit<Block, "id">;
/** Why a block cannot be somewhere. */
export type Refused = "overlap" | "backwards";

export const clock = (minute: number): string => `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;

/** `HH:MM`, also `9`, `9:30` and `0930`, as minutes since midnight; 24:00 is the most. */
export function minuteOf(text: string): number | null {
  const [, hour, minute = "0"] = /^\s*(\d{1,2})(?:[:：.]?(\d{2}))?\s*$/.exec(text) ?? [];
  if (hour === undefined) return null;
  const [hours, minutes] = [Number(hour), Number(minute)];
  const total = hours * 60 + minutes;
  return minutes < 60 && total <= DAY ? total : null;
}

export const snap = (minute: number): number => Math.round(minute / STEP) * STEP;

function daysOf(weekday: number): number[] {
  if (weekday === EVERY_DAY) return [1, 2, 3, 4, 5, 6, 7];
  if (weekday === WEEKDAYS) return [1, 2, 3, 4, 5];
  return weekday === WEEKEND ? [6, 7] : [weekday];
}

/** The slots day by day. What overlaps or touches becomes one, since it means the same. */
export function blocksOf(slots: Slot[]): Block[] {
  const places: Place[] = slots.flatMap(({ start_time: from, end_time: to, weekday }) => {
    const [start, end] = [minuteOf(from) ?? 0, minuteOf(to) ?? DAY];
    return daysOf(weekday).flatMap((day) =>
      start < end ? [{ day, start, end }] : [{ day, start, end: DAY }, ...(end > 0 ? [{ day: (day % 7) + 1, start: 0, end }] : [])],
    );
  });
  const merged: Place[] = [];
  for (const place of places.sort((a, b) => a.day - b.day || a.start - b.start)) {
    const last = merged.at(-1);
    if (last && last.day === place.day && place.start <= last.end) last.end = Math.max(last.end, place.end);
    else merged.push({ ...place });
  }
  return merged.map((place, id) => ({ id, ...place }));
}

/** The slots of a week: what is the same on every day, on weekdays or at the weekend is told once. */
export function slotsOf(blocks: Block[]): Slot[] {
  const days = new Map<string, Set<number>>();
  for (const { day, start, end } of sorted(blocks)) {
    const key = `${clock(start)} ${clock(end)}`;
    days.set(key, (days.get(key) ?? new Set()).add(day));
  }
  return [...days].flatMap(([key, on]) => {
    const [start_time = "", end_time = ""] = key.split(" ");
    const told: number[] = [];
    for (const group of [EVERY_DAY, WEEKDAYS, WEEKEND]) {
      if (!daysOf(group).every((day) => on.has(day))) continue;
      told.push(group);
      for (const day of daysOf(group)) on.delete(day);
    }
    return [...told, ...on].map((weekday) => ({ start_time, end_time, weekday }));
  });
}

/** From Monday's morning to Sunday's night. */
export function sorted(blocks: Block[]): Block[] {
  return [...blocks].sort((a, b) => a.day - b.day || a.start - b.start);
}

/** Why no block may be there, other than the one with this id; nothing if one may. */
export function refusal(blocks: Block[], { day, start, end }: Place, id?: number): Refused | undefined {
  if (start >= end || start < 0 || end > DAY) return "backwards";
  return blocks.some((other) => other.id !== id && other.day === day && start < other.end && other.start < end) ? "overlap" : undefined;
}

/** The free time around a moment of a day: where it begins and ends. */
export function gapAt(blocks: Block[], day: number, minute: number, id?: number): [from: number, to: number] {
  const others = blocks.filter((block) => block.day === day && block.id !== id);
  const before = others.filter(({ end }) => end <= minute).map(({ end }) => end);
  const after = others.filter(({ start }) => start >= minute).map(({ start }) => start);
  return [Math.max(0, ...before), Math.min(DAY, ...after)];
}

/** With one more block. */
export function added(blocks: Block[], place: Place): Block[] {
  return [...blocks, { id: 1 + Math.max(-1, ...blocks.map(({ id }) => id)), ...place }];
}

/** With a block on each weekday that has room for it. */
export function onWeekdays(blocks: Block[], { start, end }: Place): Block[] {
  return daysOf(WEEKDAYS).reduce((made, day) => (refusal(made, { day, start, end }) ? made : added(made, { day, start, end })), blocks);
}
