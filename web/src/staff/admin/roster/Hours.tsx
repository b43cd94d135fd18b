// When an agent works: always, or by the week, as a calendar and as a list of ranges.

import IconDelete from "@douyinfe/semi-icons/lib/es/icons/IconDelete";
import IconPlus from "@douyinfe/semi-icons/lib/es/icons/IconPlus";
import Button from "@douyinfe/semi-ui-19/lib/es/button";
import Input from "@douyinfe/semi-ui-19/lib/es/input";
import { useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Choice } from "../../ui/Choice";
import { Week } from "./Week";
import { added, type Block, clock, DAY, minuteOf, onWeekdays, type Place, refusal, sorted } from "./week";
import { useWeekdays } from "../weekdays";

/** Hours of a usual working day, which a new range has where they are free. */
const USUAL: [start: number, end: number] = [540, 1020];

export interface Hours {
  always: boolean;
  blocks: Block[];
}

interface TimeProps {
  label: string;
  minute: number;
  /** What is wrong with a time, if anything. */
  why: (minute: number) => string | undefined;
  onChange: (minute: number) => void;
}

/** A time of day that is written. What cannot be stays as it was written, with the reason, until it can. */
function Time({ label, minute, why, onChange }: TimeProps) {
  const { t } = useTranslation("admin");
  const id = useId();
  const [text, setText] = useState<string | null>(null);
  const written = text === null ? minute : minuteOf(text);
  const wrong = text === null ? undefined : written === null ? t("hours.noTime") : why(written);
  const leave = (): void => {
    if (text === null || written === null || wrong) return;
    setText(null);
    if (written !== minute) onChange(written);
  };
  return (
    <span className="time-field">
      <Input aria-label={label} inputMode="numeric" value={text ?? clock(minute)} onChange={setText} onBlur={leave} onEnterPress={(event) => (event.preventDefault(), leave())} {...(wrong && { "aria-invalid": true, "aria-describedby": id, validateStatus: "error" as const })} />
      {wrong && (
        <span id={id} className="field-why" role="alert">
          {wrong}
        </span>
      )}
    </span>
  );
}

interface RangesProps {
  blocks: Block[];
  onChange: (blocks: Block[]) => void;
  say: (told: string) => void;
}

/** The same hours as fields. */
function Ranges({ blocks, onChange, say }: RangesProps) {
  const { t } = useTranslation(["admin", "shell"]);
  const weekday = useWeekdays();
  const list = useRef<HTMLUListElement>(null);
  const told = ({ day, start, end }: Place): string => t("hours.told", { day: weekday(day), from: clock(start), to: clock(end) });
  const set = (block: Block, change: Partial<Place>): void => onChange(blocks.map((old) => (old.id === block.id ? { ...old, ...change } : old)));
  const why = (block: Block, change: Partial<Place>): string | undefined => {
    const refused = refusal(blocks, { ...block, ...change }, block.id);
    return refused && t(`hours.refused.${refused}`);
  };
  const move = (block: Block, day: number): void => {
    const wrong = why(block, { day });
    if (wrong) say(wrong);
    else set(block, { day });
  };
  const add = (): void => {
    const [start, end] = USUAL;
    const days = [1, 2, 3, 4, 5, 6, 7];
    const free = days.map((day) => ({ day, start, end })).find((place) => !refusal(blocks, place));
    // Every day has its usual hours, so the first free quarter of an hour after some range will do.
    const gap = days.flatMap((day) => Array.from({ length: 96 }, (_, quarter) => ({ day, start: quarter * 15, end: quarter * 15 + 15 }))).find((place) => !refusal(blocks, place));
    const place = free ?? gap;
    if (!place) return say(t("hours.full"));
    const made = added(blocks, place);
    const { id } = made.at(-1) as Block;
    onChange(made);
    say(told(place));
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(`[data-range="${id}"] select`)?.focus());
  };
  return (
    <section aria-label={t("hours.ranges")} className="stack ranges">
      <ul ref={list}>
        {sorted(blocks).map((block) => (
          <li key={block.id} data-range={block.id} className="range">
            <Choice label={t("hours.day", { what: told(block) })} value={String(block.day)} options={[1, 2, 3, 4, 5, 6, 7].map((day) => [String(day), weekday(day)])} onChange={(day) => move(block, Number(day))} />
            <Time label={t("hours.from", { what: told(block) })} minute={block.start} why={(start) => (start === DAY ? t("hours.noTime") : why(block, { start }))} onChange={(start) => set(block, { start })} />
            <span aria-hidden="true">–</span>
            <Time label={t("hours.to", { what: told(block) })} minute={block.end} why={(end) => why(block, { end })} onChange={(end) => set(block, { end })} />
            <Button theme="borderless" onClick={() => onChange(onWeekdays(blocks, block))} aria-label={t("hours.weekdaysOf", { what: told(block) })}>
              {t("hours.weekdays")}
            </Button>
            <Button theme="borderless" type="tertiary" icon={<IconDelete aria-hidden />} aria-label={t("hours.remove", { what: told(block) })} onClick={() => (onChange(blocks.filter(({ id }) => id !== block.id)), say(t("hours.removed", { what: told(block) })))} />
          </li>
        ))}
      </ul>
      <div>
        <Button icon={<IconPlus aria-hidden />} onClick={add}>
          {t("hours.add")}
        </Button>
      </div>
    </section>
  );
}

interface HoursProps {
  hours: Hours;
  timezone: string;
  why?: string | undefined;
  onChange: (hours: Hours) => void;
}

export function HoursField({ hours: { always, blocks }, timezone, why, onChange }: HoursProps) {
  const { t } = useTranslation("admin");
  const name = useId();
  const [said, say] = useState("");
  const set = (changed: Block[]): void => onChange({ always, blocks: changed });
  return (
    <fieldset className="plain stack">
      <legend>{t("hours.title")}</legend>
      <p className="field-hint">{t("hours.zone", { zone: timezone })}</p>
      <div className="row">
        <label className="row">
          <input type="radio" name={name} checked={always} onChange={() => onChange({ always: true, blocks })} /> {t("hours.always")}
        </label>
        <label className="row">
          <input type="radio" name={name} checked={!always} onChange={() => onChange({ always: false, blocks })} /> {t("hours.byWeek")}
        </label>
      </div>
      {!always && (
        <>
          <p id="week-keys" className="field-hint">
            {t("hours.keys")}
          </p>
          <Week blocks={blocks} onChange={set} say={say} />
          <Ranges blocks={blocks} onChange={set} say={say} />
        </>
      )}
      {why && <p className="field-why">{why}</p>}
      <p className="week-said" role="status">
        {said}
      </p>
    </fieldset>
  );
}
