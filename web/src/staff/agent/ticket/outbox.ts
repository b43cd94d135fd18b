// What an agent wrote and the server has not confirmed yet. It is tried again for as long as the page is open, always under the
// same id, so that it arrives once.

import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { asFailure, type Failure } from "../../api/failure";
import { noticeLapse, useSignedIn } from "../../api/session";
import { createStore, useStore } from "../../ui/store";
import { backoffMs, pause } from "../../../common/stream";
import { type Faq, write } from "../api/calls";
import { tell } from "../live/Live";
import { add } from "./conversation";

export type Kind = "reply" | "note" | "faq" | "picture";

export interface Outgoing {
  clientId: string;
  ticketId: string;
  kind: Kind;
  /** Of a FAQ: its question. */
  text: string;
  faqId?: string;
  /** Of a picture; its name is the text. */
  file?: File;
  state: "sending" | "failed";
  failure?: Failure;
}

const outbox = createStore<Outgoing[]>([]);
/** So many times in a row before it is left to the agent. */
const TRIES = 6;

function put(outgoing: Outgoing): void {
  const rest = outbox.get();
  const known = rest.some(({ clientId }) => clientId === outgoing.clientId);
  outbox.set(known ? rest.map((other) => (other.clientId === outgoing.clientId ? outgoing : other)) : [...rest, outgoing]);
}

export function discard(clientId: string): void {
  outbox.set(outbox.get().filter((other) => other.clientId !== clientId));
}

/** What of a ticket is on its way. */
export function useOutgoing(ticketId: string): Outgoing[] {
  return useStore(outbox).filter((outgoing) => outgoing.ticketId === ticketId);
}

/** Whether anything is on its way or failed; then the page should not be left. */
export function isBusy(): boolean {
  return outbox.get().length > 0;
}

export interface Send {
  ticketId: string;
  kind: Kind;
  text: string;
  faq?: Faq;
  file?: File;
}

export function useSend() {
  const client = useQueryClient();
  const me = useSignedIn().person.open_id;
  const deliver = useCallback(
    async (outgoing: Outgoing): Promise<void> => {
      put({ ...outgoing, state: "sending" });
      for (let tries = 1; ; tries += 1) {
        try {
          const { ticketId, clientId, kind, text, faqId, file } = outgoing;
          if (kind === "note") {
            add(client, ticketId, (await write.note(ticketId, text, clientId)).entry);
          } else {
            const sent = await (file ? write.picture(ticketId, file, clientId) : kind === "faq" ? write.faq(ticketId, faqId ?? "", clientId) : write.reply(ticketId, text, clientId));
            add(client, ticketId, sent.entry);
            tell(client, sent, me);
          }
          discard(clientId);
          return;
        } catch (error) {
          const failure = asFailure(error);
          noticeLapse(client, failure);
          if (!failure.passing || tries >= TRIES) return put({ ...outgoing, state: "failed", failure });
          await pause(failure.waitS ? failure.waitS * 1_000 : backoffMs(tries));
        }
      }
    },
    [client, me],
  );
  const send = useCallback(
    ({ ticketId, kind, text, faq, file }: Send) => deliver({ clientId: crypto.randomUUID(), ticketId, kind, text, ...(faq && { faqId: faq.id }), ...(file && { file }), state: "sending" }),
    [deliver],
  );
  return { send, again: deliver };
}
