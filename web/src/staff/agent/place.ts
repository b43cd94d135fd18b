// Where in the console somebody is. All of it is in the address, so that it can be kept and sent to others. It is no path but
// a query: the list stays as it is while tickets beside it come and go.

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";

export const INBOXES = ["mine", "shared", "unassigned", "queue", "on_hold", "open", "closed"] as const;
export type InboxName = (typeof INBOXES)[number];

export interface Place {
  inbox?: InboxName;
  /** A saved view, instead of an inbox. */
  view?: string;
  /** A search, instead of both. */
  q?: string;
  /** Only this help desk. */
  desk?: string;
  ticket?: string;
  /** On a phone: what lies beside the conversation is shown instead of it. */
  side?: "open";
}

/** Reads a place from a query; what is none of it is left out. */
export function placeOf(query: Record<string, unknown>): Place {
  const place: Place = {};
  const inbox = INBOXES.find((name) => name === query.inbox);
  if (inbox) place.inbox = inbox;
  for (const name of ["view", "q", "desk", "ticket"] as const) {
    const value = query[name];
    if (typeof value === "string" && value !== "") place[name] = value;
  }
  if (query.side === "open") place.side = "open";
  return place;
}

/** What a list shows. */
export interface Listed {
  inbox: InboxName;
  view: string | undefined;
  desk: string | undefined;
}

function listedOf({ inbox = "mine", view, desk }: Place): Listed {
  return { inbox, view, desk };
}

export function usePlace(): Place {
  return useSearch({ strict: false }) as Place;
}

export function useListed(): Listed {
  const { inbox, view, desk } = usePlace();
  return useMemo(() => listedOf({ ...(inbox && { inbox }), ...(view && { view }), ...(desk && { desk }) }), [inbox, view, desk]);
}

function changed(place: Place, change: Change): Place {
  const next: Record<string, unknown> = { ...place, ...change };
  for (const [name, value] of Object.entries(next)) if (value === undefined) delete next[name];
  return next as Place;
}

/** What is to change of a place; `undefined` takes it out, whatever is not named stays. */
type Change = { [Name in keyof Place]: Place[Name] | undefined };

/** For links: the place with this changed. */
export function toward(change: Change): (before: object) => Place {
  return (before) => changed(placeOf({ ...before }), change);
}

export type Go = (change: Change, replace?: boolean) => void;

/** Goes somewhere else. */
export function useGo(): Go {
  const navigate = useNavigate();
  return useCallback(
    (change, replace = false) => void navigate({ to: "/", search: toward(change), replace }),
    [navigate],
  );
}
