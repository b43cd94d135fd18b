// The tickets of an inbox or view. However many there are, only those in sight are on the page, and they are read as one comes
// to them.

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Fault, Loading, Nothing } from "../../shell/states";
import { read, type Ticket } from "../api/calls";
import { useListed, usePlace } from "../place";
import { Row } from "./Row";

const ROW_PX = 88;
/** The next part is read when so many rows are left. */
const AHEAD = 20;

export function List() {
  const { t } = useTranslation("agent");
  const listed = useListed();
  const query = useInfiniteQuery(read.tickets(listed));
  const tickets = useMemo(() => query.data?.pages.flatMap((page) => page.tickets) ?? [], [query.data]);
  if (query.error && !query.data) return <Fault error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Loading />;
  if (tickets.length === 0) return <Nothing title={t(`list.${listed.view ? "view" : listed.inbox}None`)} />;
  return <Rows tickets={tickets} hasMore={query.hasNextPage} failed={query.isFetchNextPageError ? query.error : null} busy={query.isFetchingNextPage} onMore={() => void query.fetchNextPage()} />;
}

interface RowsProps {
  tickets: Ticket[];
  hasMore: boolean;
  busy: boolean;
  failed: unknown;
  onMore: () => void;
}

function Rows({ tickets, hasMore, busy, failed, onMore }: RowsProps) {
  const { t } = useTranslation("agent");
  const { ticket: current, inbox = "mine", view } = usePlace();
  const { data: me } = useQuery(read.me);
  const scroll = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: tickets.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
    getItemKey: (at) => tickets[at]?.ticket_id ?? at,
  });
  const shown = rows.getVirtualItems();
  const lastShown = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && !busy && !failed && lastShown >= tickets.length - AHEAD) onMore();
  }, [hasMore, busy, failed, lastShown, tickets.length, onMore]);
  // The one that is open is in sight when it was come to by key.
  const at = tickets.findIndex(({ ticket_id }) => ticket_id === current);
  useEffect(() => {
    if (at >= 0) rows.scrollToIndex(at, { align: "auto" });
  }, [current]);
  const deskNames = new Map(me && me.desks.length > 1 ? me.desks.map(({ helpdesk_id, name }) => [helpdesk_id, name]) : []);
  return (
    <div className="row-scroll" ref={scroll}>
      <ul aria-label={t("list.title")} style={{ height: rows.getTotalSize() }}>
        {shown.map(({ index, key, start }) => {
          const ticket = tickets[index];
          if (!ticket) return null;
          return (
            <li key={key} ref={rows.measureElement} data-index={index} aria-posinset={index + 1} aria-setsize={hasMore ? -1 : tickets.length} style={{ transform: `translateY(${start}px)` }}>
              <Row ticket={ticket} current={ticket.ticket_id === current} desk={deskNames.get(ticket.helpdesk_id)} isMine={!view && inbox === "mine"} />
            </li>
          );
        })}
      </ul>
      {busy && <Loading />}
      {failed !== null && <Fault error={failed} onRetry={onMore} />}
    </div>
  );
}
