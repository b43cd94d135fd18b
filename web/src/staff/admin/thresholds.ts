// What any two scores would have done to past questions, counted from bands of scores.

import type { paths } from "../../generated/api";

/** Past questions under many scores. */
export type Swept = paths["/admin/v1/desks/{helpdesk_id}/replay/thresholds"]["get"]["responses"][200]["content"]["application/json"];

/** What becomes of questions: six parts of all of them. */
export interface Tally {
  /** Answered directly: rightly, nobody knows, wrongly. */
  directRight: number;
  directUnknown: number;
  directWrong: number;
  /** Answered with a list: with the FAQ that is known to be right, or another one. */
  listRight: number;
  listOther: number;
  /** Handed to a human. */
  none: number;
}

/** From the best outcome to the worst; also the order in the graphs. */
export const PARTS = ["directRight", "directUnknown", "directWrong", "listRight", "listOther", "none"] as const satisfies (keyof Tally)[];

export interface Scores {
  direct: number;
  list: number;
}

/** Scores are set in hundredths. */
const STEPS = 100;
/** Sliders add up hundredths, which are not exact. */
const NOISE = 1e-9;

/** What these scores would have done to past questions. Categories that have scores of their own stay as they are. */
export function tally({ bands, of_categories: own, questions }: Swept, { direct, list }: Scores): Tally {
  const of: Tally = {
    directRight: own.direct.solved,
    directUnknown: own.direct.unknown,
    directWrong: own.direct.wrong,
    listRight: own.list.solved,
    listOther: own.list.questions - own.list.solved,
    none: questions - own.direct.questions - own.list.questions,
  };
  for (const band of bands) {
    if (band.score >= direct - NOISE) {
      of.directRight += band.direct.solved;
      of.directWrong += band.direct.wrong;
      of.directUnknown += band.direct.unknown;
      of.none -= band.direct.questions;
    } else if (band.score >= list - NOISE) {
      of.listRight += band.list.solved;
      of.listOther += band.list.questions - band.list.solved;
      of.none -= band.list.questions;
    }
  }
  return of;
}

export type Row = Tally & { at: number };

/** What becomes of the questions while one score moves from 0 to 1 and takes the other along, as the form does. */
export function rows(swept: Swept, scores: Scores, moves: keyof Scores): Row[] {
  return Array.from({ length: STEPS + 1 }, (_, step) => {
    const at = step / STEPS;
    const moved = moves === "direct" ? { direct: at, list: Math.min(scores.list, at) } : { direct: Math.max(scores.direct, at), list: at };
    return { at, ...tally(swept, moved) };
  });
}

export function direct({ directRight, directUnknown, directWrong }: Tally): number {
  return directRight + directUnknown + directWrong;
}

export function listed({ listRight, listOther }: Tally): number {
  return listRight + listOther;
}
