// A ticket's conversation as far as it was read.

import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { conversationPart, type Entry } from "../api/calls";
import { merged } from "./entries";

export interface Conversation {
  entries: Entry[];
  /** Whether there are older ones. */
  hasMore: boolean;
}

const PART = 50;

/** The conversation. Read again it catches up: the last part, and whatever lies between that and what is known. */
export function conversation(client: QueryClient, id: string) {
  const queryKey = ["conversation", id];
  return queryOptions<Conversation>({
    queryKey,
    queryFn: async ({ signal }) => {
      const last = await conversationPart(id, { limit: PART }, signal);
      const known = client.getQueryData<Conversation>(queryKey);
      if (!known) return { entries: last.entries, hasMore: last.has_more };
      const found = [last.entries];
      const end = known.entries.at(-1)?.position ?? 0;
      const begin = last.entries[0]?.position ?? 0;
      let after = end;
      let more = last.has_more && begin > end + 1;
      while (more) {
        const part = await conversationPart(id, { after, limit: 200 }, signal);
        found.push(part.entries);
        after = part.entries.at(-1)?.position ?? after;
        more = part.has_more && after < begin;
      }
      const before = client.getQueryData<Conversation>(queryKey) ?? known;
      return { entries: merged(before.entries, found.flat()), hasMore: before.hasMore };
    },
  });
}

/** Reads the part before what is known. */
export async function older(client: QueryClient, id: string): Promise<void> {
  const key = ["conversation", id];
  const first = client.getQueryData<Conversation>(key)?.entries[0];
  if (!first) return;
  const part = await conversationPart(id, { before: first.position, limit: PART });
  client.setQueryData<Conversation>(key, (known) => ({ entries: merged(known?.entries ?? [], part.entries), hasMore: part.has_more }));
}

/** An entry that a call answered. */
export function add(client: QueryClient, id: string, entry: Entry): void {
  client.setQueryData<Conversation>(["conversation", id], (known) => known && { ...known, entries: merged(known.entries, [entry]) });
}
