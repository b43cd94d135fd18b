// What agents do with a ticket.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useSignedIn } from "../../api/session";
import { type Action, type Change, type Detail, read, type TicketView, write } from "../api/calls";
import { tell } from "../live/Live";
import { say } from "../ui/say";

/** `onFailure`: for who shows no error of it. */
export function useAct(ticketId: string, onFailure?: (error: unknown) => void) {
  const client = useQueryClient();
  const { t } = useTranslation("agent");
  const me = useSignedIn().person.open_id;
  return useMutation({
    mutationFn: (action: Action) => write.act(ticketId, action),
    onSuccess: (view, { action }) => {
      tell(client, view, me);
      void client.invalidateQueries({ queryKey: ["conversation", ticketId] });
      say(t(`did.${action}`));
    },
    // What is shown may be what was before somebody else acted.
    onError: (error) => {
      void client.invalidateQueries({ queryKey: ["ticket", ticketId] });
      onFailure?.(error);
    },
  });
}

export function useChange(ticketId: string) {
  const client = useQueryClient();
  const me = useSignedIn().person.open_id;
  return useMutation({
    mutationFn: (change: Change) => write.change(ticketId, change),
    onSuccess: (view) => tell(client, view, me),
  });
}

export interface TagChange {
  add?: string;
  remove?: string;
  /** The tags that were on screen. */
  shown: string[];
}

/** Changes a ticket's tags, one after the other: each goes as the whole list, and begins with what the one before left. */
export function useTags(ticketId: string) {
  const client = useQueryClient();
  const me = useSignedIn().person.open_id;
  return useMutation({
    scope: { id: `tags ${ticketId}` },
    mutationFn: ({ add, remove, shown }: TagChange) => {
      const tags = client.getQueryData(read.ticket(ticketId).queryKey)?.ticket.tags ?? shown;
      const rest = tags.filter((name) => name !== add && name !== remove);
      return write.change(ticketId, { tag_names: add === undefined ? rest : [...rest, add] });
    },
    onSuccess: (view) => tell(client, view, me),
  });
}

export const isOpen = ({ status }: Pick<Detail, "status">): boolean => status < 50;
const isOnHold = ({ status }: Pick<Detail, "status">): boolean => status === 4;

/** What the reader can do with a ticket right now. */
export function possible({ ticket, may }: TicketView) {
  const atWork = isOpen(ticket) && ticket.stage === 2;
  const act = atWork && may.act;
  // What needs somebody in charge.
  const work = act && ticket.owner !== undefined;
  return {
    take: atWork && may.take && !ticket.owner,
    reply: work,
    hold: work && !isOnHold(ticket),
    resume: act && isOnHold(ticket),
    transfer: act,
    collaborate: act,
    close: act,
  };
}
