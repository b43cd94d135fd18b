// The order of a conversation.

import type { Entry } from "../api/calls";

export function keyOf({ message, note }: Entry): string {
  return message?.message_id ?? `note ${note?.note_id}`;
}

/** What was known with what was read, each entry once, in order. What was read is newer. */
export function merged(known: Entry[], readNow: Entry[]): Entry[] {
  const all = new Map<string, Entry>();
  for (const entry of [...known, ...readNow]) all.set(keyOf(entry), entry);
  return [...all.values()].sort(order);
}

/** By position; notes stand behind the message that was the last when they were written, the oldest first. */
function order(a: Entry, b: Entry): number {
  if (a.position !== b.position) return a.position - b.position;
  if (a.note && b.note) return a.note.created_at - b.note.created_at || (keyOf(a) < keyOf(b) ? -1 : 1);
  return a.note ? 1 : b.note ? -1 : 0;
}

/** So close together, words of one person are read as one. */
const TOGETHER_MS = 3 * 60_000;

/** Whether an entry goes on what the one before said: the same person, a moment later, and nothing between them. */
export function follows(entry: Entry | undefined, before: Entry | undefined): boolean {
  const [now, then] = [entry?.message, before?.message];
  if (!now || !then || now.kind === "notice" || then.kind === "notice") return false;
  // What the bot answered has its own line with what became of it.
  if (now.from !== then.from || (now.from !== "guest" && now.from !== "agent")) return false;
  return now.sender?.open_id === then.sender?.open_id && now.created_at - then.created_at < TOGETHER_MS;
}
