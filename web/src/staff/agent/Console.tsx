// The console: what is listed, the list, and the ticket that is open.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Boundary, Nothing } from "../shell/states";
import { read, type TicketList } from "./api/calls";
import { Hits, SearchBox } from "./inbox/Search";
import { List } from "./inbox/List";
import { Nav } from "./inbox/Nav";
import { NewView } from "./inbox/NewView";
import { Help } from "./keys/Help";
import { useKeys } from "./keys/keys";
import { Palette } from "./keys/Palette";
import { Live } from "./live/Live";
import { INBOXES, type InboxName, useGo, useListed, usePlace } from "./place";
import { ask, useQuestion } from "./ticket/asking";
import { isBusy } from "./ticket/outbox";
import { Ticket } from "./ticket/Ticket";
import { Said } from "./ui/say";

export function Console() {
  const { t } = useTranslation(["agent", "shell"]);
  const place = usePlace();
  const question = useQuestion();
  const title = useTitle();
  useConsoleKeys();
  useStaying();
  useEffect(() => {
    if (!place.ticket) document.title = `${title} · ${t("shell:app.agent")} · ${t("shell:product")}`;
  }, [place.ticket, title, t]);
  const shown = place.ticket ? (place.side === "open" ? "side" : "ticket") : "list";
  return (
    <div className="console" data-shown={shown}>
      <Live />
      <Nav />
      <section className="inbox" aria-label={t("list.title")}>
        <div className="inbox-head">
          {place.ticket ? <h2 className="inbox-title">{title}</h2> : <h1 className="inbox-title">{title}</h1>}
          <SearchBox />
        </div>
        <Boundary key={place.q === undefined ? "list" : "search"}>{place.q === undefined ? <List key={JSON.stringify([place.inbox, place.view, place.desk])} /> : <Hits q={place.q} />}</Boundary>
      </section>
      <div className="pane">
        <Boundary key={place.ticket}>
          {place.ticket ? <Ticket key={place.ticket} id={place.ticket} /> : <Nothing title={t("ticket.none")}>{t("ticket.noneWhy")}</Nothing>}
        </Boundary>
      </div>
      {question === "palette" && <Palette />}
      {question === "keys" && <Help />}
      {question === "view" && <NewView />}
      <Said />
    </div>
  );
}

/** What is listed, as its heading. */
function useTitle(): string {
  const { t } = useTranslation("agent");
  const { q, view, inbox = "mine" } = usePlace();
  const { data: views } = useQuery(read.views);
  if (q !== undefined) return t("search.title");
  if (view) return views?.find(({ id }) => id === view)?.name ?? t("views.title");
  return t(`inbox.${inbox}`);
}

const LETTERS: Record<string, InboxName> = Object.fromEntries(INBOXES.map((name) => [name === "on_hold" ? "h" : (name[0] ?? ""), name]));

function useConsoleKeys(): void {
  const go = useGo();
  const client = useQueryClient();
  const listed = useListed();
  const { ticket, q } = usePlace();
  const step = (by: 1 | -1): void => {
    const shown = q === undefined ? fromCache() : [...document.querySelectorAll<HTMLElement>(".hits [data-ticket]")].map((row) => row.dataset.ticket ?? "");
    const at = shown.indexOf(ticket ?? "");
    const next = shown[at < 0 ? 0 : at + by];
    if (next) go({ ticket: next, side: undefined });
  };
  const fromCache = (): string[] => {
    const data = client.getQueryData<{ pages: TicketList[] }>(["tickets", listed]);
    return data?.pages.flatMap(({ tickets }) => tickets.map(({ ticket_id }) => ticket_id)) ?? [];
  };
  const inboxes = Object.entries(LETTERS).map(([letter, name]) => [`g ${letter}`, () => go({ inbox: name === "mine" ? undefined : name, view: undefined, q: undefined, ticket: undefined, side: undefined })]);
  useKeys({
    "mod+k": () => ask("palette"),
    "?": () => ask("keys"),
    "/": () => document.getElementById("ticket-search")?.focus(),
    j: () => step(1),
    k: () => step(-1),
    Escape: () => go({ ticket: undefined, side: undefined }),
    ...Object.fromEntries(inboxes),
  });
}

/** Asks before the page is left with something on its way. */
function useStaying(): void {
  useEffect(() => {
    const leave = (event: BeforeUnloadEvent): void => {
      if (isBusy()) event.preventDefault();
    };
    addEventListener("beforeunload", leave);
    return () => removeEventListener("beforeunload", leave);
  }, []);
}
