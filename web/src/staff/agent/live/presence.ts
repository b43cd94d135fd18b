// Tells others that a ticket is open here, and whether somebody types.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";
import { type Present, type TicketView, write } from "../api/calls";
import { presentKey } from "./Live";

/** The server forgets who says nothing for 25 s. */
const BEAT_MS = 10_000;
/** Somebody types for so long after the last key. */
const TYPING_MS = 5_000;
/** Others are told at most so often that somebody goes on typing. */
const RETELL_MS = 4_000;

export interface Presence {
  /** The other agents who have the ticket open. */
  others: Present[];
  /** To be called with every key of a reply; notes are not told to the guest. */
  onType: (isPrivate: boolean) => void;
  /** To be called when what was typed was sent. */
  onSent: () => void;
}

export function usePresence(id: string, view: TicketView): Presence {
  const client = useQueryClient();
  const typed = useRef(0);
  /** When it was last told that somebody types; 0 if it was last told that nobody does. */
  const told = useRef(0);
  const beat = useCallback(
    (viewing: boolean) => {
      const typing = viewing && Date.now() - typed.current < TYPING_MS;
      told.current = typing ? Date.now() : 0;
      // A lost one is made up for by the next.
      write.present(id, viewing, typing).then(({ present }) => viewing && client.setQueryData(presentKey(id), present), () => undefined);
    },
    [client, id],
  );
  useEffect(() => {
    typed.current = 0;
    const look = (): void => beat(!document.hidden);
    const leave = (): void => beat(false);
    look();
    const timer = setInterval(() => !document.hidden && beat(true), BEAT_MS);
    document.addEventListener("visibilitychange", look);
    addEventListener("pagehide", leave);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
      removeEventListener("pagehide", leave);
      leave();
    };
  }, [beat]);
  const onType = useCallback(
    (isPrivate: boolean) => {
      if (isPrivate) return;
      typed.current = Date.now();
      if (typed.current - told.current >= RETELL_MS) beat(true);
    },
    [beat],
  );
  const onSent = useCallback(() => {
    typed.current = 0;
    if (told.current > 0) beat(true);
  }, [beat]);
  const { data } = useQuery({ queryKey: presentKey(id), queryFn: () => view.present, initialData: view.present, staleTime: Number.POSITIVE_INFINITY });
  return { others: data, onType, onSent };
}
