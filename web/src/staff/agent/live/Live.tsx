// The stream: what it tells goes into what was read before.

import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useCallback, useRef } from "react";
import { useSignedIn } from "../../api/session";
import { useFeed } from "../../live/useFeed";
import { useRarely } from "../../live/useRarely";
import { createStore } from "../../ui/store";
import type { ServerSentEvent } from "../../../common/stream";
import { type Me, type Present, read, type Ticket, type TicketView, type View } from "../api/calls";
import { type Listed, useGo } from "../place";
import { notice } from "./notice";
import { type Pages, patched } from "./lists";

/** Counts are read again at most this often. */
const COUNT_MS = 1_000;
/** Lists longer than this are cut before they are read again, so that it does not take many calls. */
const PAGES_AGAIN = 3;

/** Whether the stream has begun. */
export const streaming = createStore(false);

/** Follows the stream for as long as the console is open: of one help desk, or of all mine if that is empty. */
export function Live({ desk }: { desk: string }) {
  const client = useQueryClient();
  const { open_id: me } = useSignedIn().person;
  const go = useGo();
  const resumable = useRef(false);
  const count = useRarely(useCallback(() => void client.invalidateQueries({ queryKey: ["inboxes"] }), [client]), COUNT_MS);
  const listAgain = useRarely(useCallback(() => readListsAgain(client), [client]), COUNT_MS);

  const onEvent = ({ type, data, id }: ServerSentEvent): void => {
    if (type === "me") {
      client.setQueryData(read.me.queryKey, JSON.parse(data) as Me);
      if (streaming.get()) again();
      streaming.set(true);
      return;
    }
    if (type === "presence") {
      const { ticket_id, present } = JSON.parse(data) as { ticket_id: string; present: Present[] };
      return void client.setQueryData(presentKey(ticket_id), present.filter(({ open_id }) => open_id !== me));
    }
    if (type !== "ticket") return;
    if (id) resumable.current = true;
    const { ticket } = JSON.parse(data) as { ticket: Ticket };
    if (!patchLists(client, ticket, me)) listAgain();
    void client.invalidateQueries({ queryKey: ["ticket", ticket.ticket_id] });
    void client.invalidateQueries({ queryKey: ["conversation", ticket.ticket_id] });
    void client.invalidateQueries({ queryKey: ["timeline", ticket.ticket_id] });
    count();
    notice(ticket, me, (id) => go({ ticket: id }));
  };
  // Between two connections without an event to go on after, anything may have happened.
  const again = (): void => {
    count();
    if (resumable.current) return;
    listAgain();
    readTicketsAgain();
  };
  const readTicketsAgain = (): void => {
    for (const key of ["ticket", "conversation", "timeline", "search"]) void client.invalidateQueries({ queryKey: [key] });
  };
  const url = desk ? `/console/v1/stream?helpdesk_id=${encodeURIComponent(desk)}` : "/console/v1/stream";
  useFeed({ url, onEvent, onBack: readTicketsAgain });
  return null;
}

export function presentKey(ticketId: string): [string, string] {
  return ["present", ticketId];
}

/** Puts the ticket into all lists that were read; `false` if one of them has to be read again. */
export function patchLists(client: QueryClient, ticket: Ticket, me: string): boolean {
  let all = true;
  const views = client.getQueryData<View[]>(read.views.queryKey);
  for (const [key, data] of client.getQueriesData<Pages>({ queryKey: ["tickets"] })) {
    if (!data) continue;
    const listed = key[1] as Listed;
    const filter = views?.find(({ id }) => id === listed.view)?.filter;
    const next = patched(data, ticket, listed, me, filter);
    if (next) client.setQueryData(key, next);
    else all = false;
  }
  return all;
}

/** What a call answered about a ticket, for everything that shows it. */
export function tell(client: QueryClient, view: TicketView, me: string): void {
  client.setQueryData(read.ticket(view.ticket.ticket_id).queryKey, view);
  patchLists(client, view.ticket, me);
  void client.invalidateQueries({ queryKey: ["inboxes"] });
  void client.invalidateQueries({ queryKey: ["timeline", view.ticket.ticket_id] });
}

function readListsAgain(client: QueryClient): void {
  client.setQueriesData<Pages>({ queryKey: ["tickets"] }, (data) => {
    if (!data || data.pages.length <= PAGES_AGAIN) return data;
    return { pages: data.pages.slice(0, PAGES_AGAIN), pageParams: data.pageParams.slice(0, PAGES_AGAIN) };
  });
  void client.invalidateQueries({ queryKey: ["tickets"] });
}
