// Unsent texts. Each is in this page's memory at once and on the server a moment later, so that it is there on every computer
// of its writer.

import { useCallback, useEffect } from "react";
import { createStore, useStore } from "../../ui/store";
import { type TicketView, write } from "../api/calls";

export interface Draft {
  text: string;
  /** Meant for a private note. */
  isPrivate: boolean;
}

export type Saved = "saved" | "saving" | "failed" | "none";

interface Kept extends Draft {
  saved: Saved;
}

const NONE: Kept = { text: "", isPrivate: false, saved: "none" };
const SAVE_MS = 700;
const AGAIN_MS = 5_000;
const drafts = createStore<ReadonlyMap<string, Kept>>(new Map());
const timers = new Map<string, ReturnType<typeof setTimeout>>();
/** Saving one text ends before the next begins, so that the last one written is the last one stored. */
const running = new Map<string, Promise<void>>();

function put(id: string, draft: Kept): void {
  drafts.set(new Map(drafts.get()).set(id, draft));
}

/** Stores the draft now, if it is not. */
export function flush(id: string): Promise<void> {
  clearTimeout(timers.get(id));
  timers.delete(id);
  const next = (running.get(id) ?? Promise.resolve()).then(() => save(id));
  running.set(id, next);
  return next;
}

async function save(id: string): Promise<void> {
  const draft = drafts.get().get(id);
  if (!draft || draft.saved === "saved" || draft.saved === "none") return;
  const isCurrent = (): boolean => drafts.get().get(id) === draft;
  try {
    if (draft.text === "") await write.dropDraft(id);
    else await write.draft(id, draft.text, draft.isPrivate);
    if (isCurrent()) put(id, { ...draft, saved: draft.text === "" ? "none" : "saved" });
  } catch {
    // Said beside the text; it is tried again until it works or the text changes.
    if (!isCurrent()) return;
    put(id, { ...draft, saved: "failed" });
    timers.set(id, setTimeout(() => void flush(id), AGAIN_MS));
  }
}

export function setDraft(id: string, { text, isPrivate }: Draft): void {
  const before = drafts.get().get(id) ?? NONE;
  if (before.text === text && before.isPrivate === isPrivate) return;
  // Where there is no text there is nothing to store but that there is none any more.
  const nothing = text === "" && before.text === "" && before.saved === "none";
  put(id, { text, isPrivate, saved: nothing ? "none" : "saving" });
  if (nothing) return;
  clearTimeout(timers.get(id));
  timers.set(id, setTimeout(() => void flush(id), SAVE_MS));
}

/** Puts a text behind what is written already. What was begun for other eyes stays as it is; then it answers false. */
export function addTo(id: string, text: string, isPrivate: boolean): boolean {
  const begun = drafts.get().get(id) ?? NONE;
  const isEmpty = begun.text.trim() === "";
  if (!isEmpty && begun.isPrivate !== isPrivate) return false;
  setDraft(id, { text: isEmpty ? text : `${begun.text.trimEnd()}\n${text}`, isPrivate });
  return true;
}

/** A ticket's draft; the server's, until something is written here. */
export function useDraft(id: string, view: TicketView) {
  const known = useStore(drafts).get(id);
  const { draft } = view;
  const shown: Kept = known ?? (draft ? { text: draft.text, isPrivate: draft.private, saved: "saved" } : NONE);
  useEffect(() => {
    if (!drafts.get().has(id) && draft) put(id, { text: draft.text, isPrivate: draft.private, saved: "saved" });
  }, [id, draft]);
  useEffect(() => {
    const leave = (): void => void flush(id);
    addEventListener("pagehide", leave);
    return () => {
      removeEventListener("pagehide", leave);
      leave();
    };
  }, [id]);
  const set = useCallback((next: Draft) => setDraft(id, next), [id]);
  return { draft: shown, set };
}
