// The week as a calendar: hours are drawn, moved and stretched, with a mouse, a finger or a keyboard.

import { type KeyboardEvent, type MouseEvent, type PointerEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { added, type Block, clock, DAY, gapAt, type Place, refusal, snap, STEP } from "./week";
import { useWeekdays } from "../weekdays";

const DAYS = [1, 2, 3, 4, 5, 6, 7];
/** What a click without a drag makes. */
const CLICKED = 60;
/** How much of a block is its edge. */
const EDGE_PX = 7;

type Grip = "body" | "start" | "end" | "new";

/** What a pointer has hold of. */
interface Held {
  grip: Grip;
  id: number;
  /** The block when it was taken, and where in the day the pointer was then. */
  from: Place;
  at: number;
  moved: boolean;
}

interface WeekProps {
  blocks: Block[];
  onChange: (blocks: Block[]) => void;
  /** Tells people what became of a block, or why it stays. */
  say: (told: string) => void;
}

/** Which part of a block a pointer took. Short ones have smaller edges, so that they can be moved, too. */
function gripAt({ clientY, currentTarget }: PointerEvent): Grip {
  const { top, bottom, height } = currentTarget.getBoundingClientRect();
  const edge = Math.min(EDGE_PX, height / 4);
  if (clientY - top < edge) return "start";
  return bottom - clientY < edge ? "end" : "body";
}

/** Where a block goes when a pointer at `minute` of `day` has hold of it. Edges stop where the next block begins. */
function dragged({ grip, id, from, at }: Held, blocks: Block[], day: number, minute: number): Place {
  if (grip === "body") {
    const length = from.end - from.start;
    const start = Math.min(DAY - length, Math.max(0, snap(from.start + minute - at)));
    return { day, start, end: start + length };
  }
  const anchor = grip === "start" ? from.end : from.start;
  const [free, busy] = gapAt(blocks, from.day, grip === "start" ? from.end : from.start, id);
  const edge = Math.min(busy, Math.max(free, snap(minute)));
  if (grip === "start") return { ...from, start: Math.min(edge, from.end - STEP) };
  if (grip === "end") return { ...from, end: Math.max(edge, from.start + STEP) };
  return { ...from, start: Math.min(anchor, edge), end: Math.max(anchor, edge) };
}

/** What a key does to a block: nothing, if it is no such key. */
function pushed({ key, shiftKey, altKey }: KeyboardEvent, { day, start, end }: Block): Place | undefined {
  const by = { ArrowUp: -STEP, ArrowDown: STEP }[key];
  if (by !== undefined) {
    if (shiftKey) return { day, start, end: end + by };
    if (altKey) return { day, start: start + by, end };
    return { day, start: start + by, end: end + by };
  }
  const days = { ArrowLeft: -1, ArrowRight: 1 }[key];
  return days === undefined ? undefined : { day: day + days, start, end };
}

export function Week({ blocks, onChange, say }: WeekProps) {
  const { t } = useTranslation("admin");
  const weekday = useWeekdays();
  const grid = useRef<HTMLDivElement>(null);
  const [held, setHeld] = useState<Held | null>(null);
  const [refused, setRefused] = useState(false);
  const told = ({ day, start, end }: Place): string => t("hours.told", { day: weekday(day), from: clock(start), to: clock(end) });

  /** The day and the minute under a pointer. */
  const under = ({ clientX, clientY }: MouseEvent): [day: number, minute: number] => {
    const { left, top, width, height } = grid.current?.getBoundingClientRect() ?? new DOMRect();
    const day = Math.min(7, Math.max(1, 1 + Math.floor(((clientX - left) / width) * 7)));
    return [day, Math.min(DAY, Math.max(0, ((clientY - top) / height) * DAY))];
  };
  const take = (event: PointerEvent, block: Block): void => {
    if (event.button !== 0) return;
    event.stopPropagation();
    const grip = gripAt(event);
    grid.current?.setPointerCapture(event.pointerId);
    setHeld({ grip, id: block.id, from: block, at: under(event)[1], moved: false });
  };
  const begin = (event: PointerEvent): void => {
    // A finger scrolls here; its tap comes as a click.
    if (event.button !== 0 || event.pointerType === "touch") return;
    const [day, minute] = under(event);
    const start = Math.floor(minute / STEP) * STEP;
    if (refusal(blocks, { day, start, end: start + STEP })) return;
    event.preventDefault();
    const made = added(blocks, { day, start, end: start + STEP });
    grid.current?.setPointerCapture(event.pointerId);
    const { id } = made.at(-1) as Block;
    setHeld({ grip: "new", id, from: { day, start, end: start + STEP }, at: minute, moved: false });
    onChange(made);
  };
  const put = (id: number, place: Place): boolean => {
    const why = refusal(blocks, place, id);
    setRefused(why === "overlap");
    if (why) return false;
    onChange(blocks.map((block) => (block.id === id ? { id, ...place } : block)));
    return true;
  };
  const move = (event: PointerEvent): void => {
    if (!held) return;
    const [day, minute] = under(event);
    if (!held.moved && Math.abs(minute - held.at) < STEP / 2 && day === held.from.day) return;
    if (!held.moved) setHeld({ ...held, moved: true });
    put(held.id, dragged(held, blocks, day, minute));
  };
  const release = (): void => {
    if (!held) return;
    const block = blocks.find(({ id }) => id === held.id);
    if (block && held.grip === "new" && !held.moved) widen(block);
    else if (block && held.moved) say(refused ? t("hours.refused.overlap") : told(block));
    setHeld(null);
    setRefused(false);
    grid.current?.querySelector<HTMLElement>(`[data-block="${held.id}"]`)?.focus();
  };
  /** What was clicked into being is an hour, or as long as there is room. */
  const widen = (block: Block): void => {
    const [, busy] = gapAt(blocks, block.day, block.start, block.id);
    const place = { ...block, end: Math.min(busy, block.start + CLICKED) };
    onChange(blocks.map((other) => (other.id === block.id ? place : other)));
    say(told(place));
  };
  const tap = (event: MouseEvent): void => {
    if ((event.nativeEvent as Partial<globalThis.PointerEvent>).pointerType !== "touch" || event.target !== event.currentTarget) return;
    const [day, minute] = under(event);
    const start = Math.floor(minute / 60) * 60;
    const [free, busy] = gapAt(blocks, day, minute);
    const place = { day, start: Math.max(free, start), end: Math.min(busy, start + CLICKED) };
    if (refusal(blocks, place)) return;
    onChange(added(blocks, place));
    say(told(place));
  };
  const press = (event: KeyboardEvent, block: Block): void => {
    if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      onChange(blocks.filter(({ id }) => id !== block.id));
      say(t("hours.removed", { what: told(block) }));
      return;
    }
    const place = pushed(event, block);
    if (!place || place.day < 1 || place.day > 7) return;
    event.preventDefault();
    const why = refusal(blocks, place, block.id);
    if (why) return say(t(`hours.refused.${why}`));
    onChange(blocks.map((other) => (other.id === block.id ? { ...place, id: block.id } : other)));
    say(told(place));
  };
  return (
    <div className="week">
      <div className="week-days" aria-hidden="true">
        {DAYS.map((day) => (
          <span key={day}>{weekday(day, "short")}</span>
        ))}
      </div>
      <div className="week-times" aria-hidden="true">
        {[0, 3, 6, 9, 12, 15, 18, 21].map((hour) => (
          <span key={hour}>{clock(hour * 60)}</span>
        ))}
      </div>
      <div ref={grid} className={`week-grid${refused ? " week-refused" : ""}`} role="group" aria-label={t("hours.calendar")} aria-describedby="week-keys" onPointerDown={begin} onPointerMove={move} onPointerUp={release} onPointerCancel={release} onClick={tap}>
        {blocks.map((block) => (
          <button
            key={block.id}
            type="button"
            data-block={block.id}
            className={`week-block${held?.id === block.id ? " week-held" : ""}`}
            style={{ left: `${((block.day - 1) / 7) * 100}%`, top: `${(block.start / DAY) * 100}%`, height: `${((block.end - block.start) / DAY) * 100}%` }}
            onPointerDown={(event) => take(event, block)}
            onKeyDown={(event) => press(event, block)}
          >
            <span className="week-edge week-start" />
            <span className="visually-hidden">{told(block)}</span>
            <span className="week-label" aria-hidden="true">
              {clock(block.start)}
              <br />
              {clock(block.end)}
            </span>
            <span className="week-edge week-end" />
          </button>
        ))}
      </div>
    </div>
  );
}
