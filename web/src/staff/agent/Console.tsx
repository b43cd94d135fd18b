// The console: what is listed, the list, and the ticket that is open.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Boundary, Loading, Nothing } from "../shell/states";
import { useStore } from "../ui/store";
import { DESKS_TOGETHER, read, type TicketList } from "./api/calls";
import { Hits, SearchBox } from "./inbox/Search";
import { List } from "./inbox/List";
import { Nav } from "./inbox/Nav";
import { useKeys } from "./keys/keys";
import { Live, streaming } from "./live/Live";
import { INBOXES, type InboxName, useGo, useListed, usePlace } from "./place";
import { ask, useQuestion } from "./ticket/asking";
import { isBusy } from "./ticket/outbox";
import { Ticket } from "./ticket/Ticket";
import { fetchTheRest, lazily } from "./ui/lazily";
import { Said } from "./ui/say";

const NewView = lazily(async () => (await import("./inbox/NewView")).NewView);
const Help = lazily(async () => (await import("./keys/Help")).Help);
const Palette = lazily(async () => (await import("./keys/Palette")).Palette);

export function Console() {
  const { t } = useTranslation(["agent", "shell"]);
  const place = usePlace();
  const question = useQuestion();
  const title = useTitle();
  useConsoleKeys();
  useStaying();
  useEffect(fetchTheRest, []);
  useEffect(() => {
    if (!place.ticket) document.title = `${title} · ${t("shell:app.agent")} · ${t("shell:product")}`;
  }, [place.ticket, title, t]);
  const { streamOf, mayRead } = useReady();
  const shown = place.ticket ? (place.side === "open" ? "side" : "ticket") : "list";
  return (
    <div className="console" data-shown={shown}>
      {streamOf !== null && <Live key={streamOf} desk={streamOf} />}
      <Nav />
      <section className="inbox" aria-label={t("list.title")}>
        <div className="inbox-head">
          {place.ticket ? <h2 className="inbox-title">{title}</h2> : <h1 className="inbox-title">{title}</h1>}
          <SearchBox />
        </div>
        <Boundary key={place.q === undefined ? "list" : "search"}>{!mayRead ? <Loading /> : place.q === undefined ? <List key={JSON.stringify([place.inbox, place.view, place.desk])} /> : <Hits q={place.q} />}</Boundary>
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

/** A stream that does not begin is not waited for longer than this. */
const STREAM_MS = 1_500;

/**
 * Which help desk's stream to follow (empty: of all mine; `null`: not known yet), and whether lists can be read: not before the
 * stream, so that nothing happens between the two unseen. Who has too many help desks to look at together is given the first.
 */
function useReady(): { streamOf: string | null; mayRead: boolean } {
  const { data: me } = useQuery(read.me);
  const { desk } = usePlace();
  const go = useGo();
  const begun = useStore(streaming);
  const [late, setLate] = useState(false);
  const isOne = me !== undefined && me.desks.length > DESKS_TOGETHER;
  const first = isOne && !desk ? me.desks[0]?.helpdesk_id : undefined;
  useEffect(() => {
    if (first) go({ desk: first }, true);
  }, [first, go]);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), STREAM_MS);
    return () => clearTimeout(timer);
  }, []);
  const known = me !== undefined && !first;
  return { streamOf: known ? (isOne ? (desk ?? "") : "") : null, mayRead: known && (begun || late) };
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
