// The tickets behind a number of a report.

import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { answer, api, type Schemas } from "../../api/client";
import { Page } from "../../shell/Shell";
import { Nothing } from "../../shell/states";
import { Paged } from "../../ui/Paged";
import { Time } from "../../ui/Time";
import { useWeekdays } from "../weekdays";
import { useFormat } from "./format";
import { fileOf, filterOf, rangeOf } from "./range";

const PAGE = 50;

export function Tickets() {
  const { t, day } = useFormat();
  const weekday = useWeekdays();
  const { deskId } = useParams({ strict: false }) as { deskId: string };
  const search: Record<string, unknown> = useSearch({ strict: false });
  const [range, filter] = [rangeOf(search), filterOf(search)];
  const query = useInfiniteQuery({
    queryKey: ["reports", deskId, "tickets", range, filter],
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/admin/v1/desks/{helpdesk_id}/reports/tickets", {
          params: { path: { helpdesk_id: deskId }, query: { ...range, ...filter, page_size: PAGE, ...(pageParam && { page_token: pageParam }) } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.page_token,
  });
  const tickets = query.data?.pages.flatMap((page) => page.tickets) ?? [];
  const figure = t(`reports.figure.${filter.figure ?? "opened"}`);
  const title = t("reports.tickets", { figure });
  const when = range.from && range.to ? (range.from === range.to ? day(range.from) : `${day(range.from)} – ${day(range.to)}`) : t("reports.lastDays", { count: range.days ?? 7 });
  const hour = filter.weekday !== undefined && filter.hour !== undefined ? `${weekday(filter.weekday, "short")} ${filter.hour}:00` : "";
  return (
    <Page
      title={title}
      lead={[when, hour].filter(Boolean).join(" · ")}
      actions={
        <>
          <Link to="/desks/$deskId/reports" params={{ deskId }} search={range as never}>
            {t("reports.back")}
          </Link>
          <a className="file" href={fileOf(deskId, "tickets", { ...range, ...filter })} download aria-label={`${t("reports.csv")}: ${title}`}>
            {t("reports.csv")}
          </a>
        </>
      }
    >
      <Paged query={query} items={tickets} keyOf={({ ticket_id: id }) => id} nothing={<Nothing title={t("reports.none")} />}>
        {(ticket) => <Ticket ticket={ticket} />}
      </Paged>
    </Page>
  );
}

function Ticket({ ticket }: { ticket: Schemas["AdminReportTicket"] }) {
  const { t, duration } = useFormat();
  const scores = { 1: t("reports.figure.dissatisfied"), 2: t("reports.figure.neutral"), 3: t("reports.figure.satisfied") } as Record<number, string>;
  const facts = [
    ticket.closed_at === undefined ? t("reports.figure.open") : t("reports.figure.closed"),
    ticket.agent,
    ticket.category,
    ticket.first_response_s !== undefined && `${t("reports.firstResponse")}: ${duration(ticket.first_response_s)}`,
    ticket.resolution_s !== undefined && `${t("reports.resolution")}: ${duration(ticket.resolution_s)}`,
    ticket.queue_s !== undefined && `${t("reports.queue")}: ${duration(ticket.queue_s)}`,
    ticket.solved !== undefined && t(ticket.solved ? "reports.figure.solved" : "reports.figure.not_solved"),
    ticket.score !== undefined && scores[ticket.score],
  ];
  return (
    <div className="report-ticket">
      <p className="row">
        <a href={`/agent?ticket=${ticket.ticket_id}`}>{ticket.guest}</a> <code>{ticket.ticket_id}</code> <Time at={ticket.created_at} />
      </p>
      <p className="muted">{facts.filter(Boolean).join(" · ")}</p>
    </div>
  );
}
