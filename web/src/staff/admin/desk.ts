// Which help desk the pages are about.

import { useParams } from "@tanstack/react-router";
import { useSignedIn } from "../api/session";
import { createStore, kept, useStore } from "../ui/store";

const last = createStore(kept.get("desk") ?? "");

/** The help desks that somebody runs. */
export function useRunDesks() {
  return useSignedIn().desks.filter(({ rights }) => rights !== "agent");
}

/** The help desk of the address; on pages without one, the one that was looked at last. */
export function useDesk(): { id: string; name: string } | undefined {
  const { deskId } = useParams({ strict: false }) as { deskId?: string };
  const before = useStore(last);
  const desks = useRunDesks();
  return desks.find(({ id }) => id === (deskId ?? before)) ?? desks[0];
}

export function rememberDesk(id: string): void {
  kept.set("desk", id);
  last.set(id);
}
