// What a change of a ticket means for a list that is on screen, without asking the server again.

import type { Filter, Ticket, TicketList } from "../api/calls";
import type { Listed } from "../place";

export interface Pages {
  pages: TicketList[];
  pageParams: string[];
}

/** Whether the ticket belongs into the list; `null` if only the server knows. */
export function belongs(ticket: Ticket, listed: Listed, me: string, filter?: Filter): boolean | null {
  if (listed.desk && ticket.helpdesk_id !== listed.desk) return false;
  const isOpen = ticket.status < 50;
  const isAtWork = isOpen && ticket.stage === 2;
  if (listed.view) {
    if (!isAtWork) return false;
    return filter ? fits(ticket, filter, me) : null;
  }
  if (listed.inbox === "closed") return !isOpen;
  if (!isAtWork) return false;
  switch (listed.inbox) {
    case "mine":
      return ticket.owner?.open_id === me;
    case "unassigned":
      return !ticket.owner;
    case "queue":
      return ticket.status === 3;
    case "on_hold":
      return ticket.status === 4;
    case "open":
      return true;
    case "shared":
      return null;
  }
}

function fits(ticket: Ticket, { helpdesk_id, statuses, owner, tag }: Filter, me: string): boolean {
  if (helpdesk_id && ticket.helpdesk_id !== helpdesk_id) return false;
  if (statuses && statuses.length > 0 && !statuses.includes(ticket.status)) return false;
  if (tag && !ticket.tags.includes(tag)) return false;
  if (!owner) return true;
  return owner === "none" ? !ticket.owner : ticket.owner?.open_id === (owner === "me" ? me : owner);
}

/** The order of an inbox, as the server has it. */
export function before(a: Ticket, b: Ticket, listed: Listed): boolean {
  const [first, second] = [place(a, listed), place(b, listed)];
  if (first !== second) return first < second;
  // What was closed goes from the newest down, also among those of one moment.
  return !listed.view && listed.inbox === "closed" ? isOlder(b, a) : isOlder(a, b);
}

function isOlder({ ticket_id: a }: Ticket, { ticket_id: b }: Ticket): boolean {
  // Ids are decimal numbers too long to compute with.
  return a.length === b.length ? a < b : a.length < b.length;
}

function place(ticket: Ticket, { inbox, view }: Listed): number {
  if (!view && inbox === "shared") return 0;
  if (!view && inbox === "closed") return -(ticket.closed_at ?? 0);
  return ticket.waiting_since ?? Number.POSITIVE_INFINITY;
}

/**
 * The pages with the ticket where it belongs now. What lies behind the last page that was read is left to the server. `null`
 * if the list has to be read again.
 */
export function patched(data: Pages, ticket: Ticket, listed: Listed, me: string, filter?: Filter): Pages | null {
  const verdict = belongs(ticket, listed, me, filter);
  const known = data.pages.some(({ tickets }) => tickets.some(({ ticket_id }) => ticket_id === ticket.ticket_id));
  if (verdict === null) {
    // Whether I collaborate in a ticket only changes when somebody says so.
    return known && ticket.status < 50 && ticket.stage === 2 ? replaced(data, ticket) : null;
  }
  if (!verdict && !known) return data;
  const pages = data.pages.map((page) => ({ ...page, tickets: page.tickets.filter(({ ticket_id }) => ticket_id !== ticket.ticket_id) }));
  if (verdict) insert(pages, ticket, listed);
  return { ...data, pages };
}

function replaced(data: Pages, ticket: Ticket): Pages {
  const swap = (other: Ticket): Ticket => (other.ticket_id === ticket.ticket_id ? ticket : other);
  return { ...data, pages: data.pages.map((page) => ({ ...page, tickets: page.tickets.map(swap) })) };
}

function insert(pages: TicketList[], ticket: Ticket, listed: Listed): void {
  for (const page of pages) {
    const at = page.tickets.findIndex((other) => before(ticket, other, listed));
    if (at < 0) continue;
    page.tickets.splice(at, 0, ticket);
    return;
  }
  const last = pages.at(-1);
  if (last && !last.has_more) last.tickets.push(ticket);
}
