// Which question is open over a ticket; keys, palette and buttons all ask the same ones.

import { createStore, useStore } from "../../ui/store";

export type Question = "transfer" | "collaborator" | "close" | "canned" | "view" | "keys" | "palette" | null;

const question = createStore<Question>(null);

export function ask(next: Question): void {
  question.set(next);
}

export function useQuestion(): Question {
  return useStore(question);
}

/** Whether any is open, or will be. */
export function isAsked(): boolean {
  return question.get() !== null;
}

/** Asks nothing of a ticket any more, because it is left. */
export function leaveTicket(): void {
  if (!["palette", "keys", "view", null].includes(question.get())) question.set(null);
}

/** Which of the composer's two purposes is asked for, counted so that each asking is heard. */
export const wanted = createStore<{ purpose: "reply" | "note"; times: number }>({ purpose: "reply", times: 0 });

export function wantComposer(purpose: "reply" | "note"): void {
  wanted.set({ purpose, times: wanted.get().times + 1 });
}

/** Whether the search for FAQs is asked for. */
export const wantedFaqs = createStore(0);

export function wantFaqs(): void {
  wantedFaqs.set(wantedFaqs.get() + 1);
}
