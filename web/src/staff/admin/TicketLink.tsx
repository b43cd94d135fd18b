import type { ReactNode } from "react";

/** To a ticket in the agents' console, which is another app. */
export function TicketLink({ id, children }: { id: string; children: ReactNode }) {
  return <a href={`/agent?ticket=${encodeURIComponent(id)}`}>{children}</a>;
}
