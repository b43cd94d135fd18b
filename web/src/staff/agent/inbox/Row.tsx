// A ticket in a list.

import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Ticket } from "../api/calls";
import { toward } from "../place";
import { Avatar } from "../ui/Avatar";
import { useNow } from "../ui/clock";
import { Moment } from "../ui/Moment";
import { urgencyOf, useLength } from "../ui/when";

type Facts = Pick<Ticket, "stage" | "status">;

/** How a ticket stands, in words. */
export function useStatusText(): (ticket: Facts) => string {
  const { t } = useTranslation("agent");
  return ({ stage, status }) => {
    if (stage === 1 && status < 50) return t("status.bot");
    switch (status) {
      case 1:
        return t("status.created");
      case 2:
        return t("status.processing");
      case 3:
        return t("status.queued");
      case 4:
        return t("status.held");
      case 5:
        return t("status.guest");
      case 50:
        return t("status.closedByBot");
      case 52:
        return t("status.closedByGuest");
      default:
        return t("status.closed");
    }
  };
}

export function Status({ ticket }: { ticket: Facts }) {
  const text = useStatusText();
  const { stage, status } = ticket;
  const look = status >= 50 ? "closed" : stage === 1 ? "bot" : status === 3 ? "queued" : status === 4 ? "held" : "open";
  return <span className={`status status-${look}`}>{text(ticket)}</span>;
}

/** How long the guest has been waiting for a word. */
export function Wait({ ticket, long = false }: { ticket: Pick<Ticket, "waiting_since">; long?: boolean }) {
  const { t } = useTranslation("agent");
  const length = useLength();
  const now = useNow();
  if (ticket.waiting_since === undefined) return null;
  const ms = Math.max(0, now - ticket.waiting_since);
  const said = length(ms);
  return (
    <span className={`wait wait-${urgencyOf(ms)}`} title={t("ticket.waits", { time: said })}>
      {!long && <span className="visually-hidden">{t("ticket.waitsWord")} </span>}
      {long ? t("ticket.waits", { time: said }) : said}
    </span>
  );
}

/** What the bot offered without the lines that stand for its buttons. */
function plain(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "---");
  return lines.join(" · ").replaceAll("**", "").replaceAll(/\[([^\]]*)\]/g, "$1");
}

interface RowProps {
  ticket: Ticket;
  current: boolean;
  /** The help desk's name, where tickets of several are listed. */
  desk: string | undefined;
  /** Whether the list is of one agent's tickets. */
  isMine: boolean;
}

export function Row({ ticket, current, desk, isMine }: RowProps) {
  const { t } = useTranslation("agent");
  const { guest, last_message: last, tags, owner } = ticket;
  // Of what is closed nothing is left to be answered.
  const unanswered = ticket.status < 50 ? ticket.unanswered : 0;
  return (
    <Link
      to="/"
      search={toward({ ticket: ticket.ticket_id, side: undefined })}
      className={`row-link${unanswered > 0 ? " row-new" : ""}`}
      aria-current={current ? "true" : undefined}
      data-ticket={ticket.ticket_id}
      preload={false}
    >
      <Avatar name={guest.name} id={guest.open_id} />
      <span className="row-body">
        <span className="row-top">
          <span className="row-name">{guest.name}</span>
          {ticket.waiting_since === undefined ? <span className="row-time">{<Moment at={ticket.closed_at ?? last?.created_at ?? ticket.created_at} />}</span> : <Wait ticket={ticket} />}
        </span>
        <span className="row-last">
          {last?.from === "agent" && <span className="row-from">{t("row.agent")} </span>}
          {last?.from === "bot" && <span className="row-from">{t("row.bot")} </span>}
          {last ? (last.from === "bot" ? plain(last.text) : last.text) || t("row.picture") : t("row.nothing")}
        </span>
        <span className="row-facts">
          <Status ticket={ticket} />
          {owner && !isMine && <span className="row-owner">{owner.name}</span>}
          {desk && <span className="row-desk">{desk}</span>}
          {tags.slice(0, 3).map((tag) => (
            <span key={tag} className="tag">
              {tag}
            </span>
          ))}
          {unanswered > 0 && (
            <span className="unanswered" title={t("row.unanswered", { count: unanswered })}>
              <span aria-hidden="true">{unanswered >= 100 ? "99+" : unanswered}</span>
              <span className="visually-hidden">{t("row.unanswered", { count: unanswered })}</span>
            </span>
          )}
        </span>
      </span>
    </Link>
  );
}
