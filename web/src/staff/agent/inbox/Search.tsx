// Search in all conversations and notes.

import IconClose from "@douyinfe/semi-icons/lib/es/icons/IconClose";
import IconSearch from "@douyinfe/semi-icons/lib/es/icons/IconSearch";
import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Fault, Loading, Nothing } from "../../shell/states";
import { type Hit, read } from "../api/calls";
import { toward, useGo, usePlace } from "../place";
import { Avatar } from "../ui/Avatar";
import { Moment } from "../ui/Moment";
import { Status } from "./Row";

const TYPED_MS = 250;

export function SearchBox() {
  const { t } = useTranslation("agent");
  const go = useGo();
  const { q = "" } = usePlace();
  const [typed, setTyped] = useState(q);
  const field = useRef<HTMLInputElement>(null);
  // The address may change by itself: by the palette, by going back.
  useEffect(() => {
    if (document.activeElement !== field.current) setTyped(q);
  }, [q]);
  useEffect(() => {
    const words = typed.trim();
    if (words === q) return;
    const timer = setTimeout(() => go({ q: words || undefined }, true), TYPED_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const empty = (): void => {
    setTyped("");
    go({ q: undefined }, true);
  };
  return (
    <div className="search" role="search">
      <IconSearch aria-hidden />
      <input
        ref={field}
        id="ticket-search"
        type="search"
        enterKeyHint="search"
        aria-label={t("search.label")}
        placeholder={t("search.placeholder")}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          if (typed) empty();
          else field.current?.blur();
        }}
      />
      {typed && <Button theme="borderless" type="tertiary" size="small" icon={<IconClose aria-hidden />} aria-label={t("search.empty")} onClick={empty} />}
    </div>
  );
}

export function Hits({ q }: { q: string }) {
  const { t } = useTranslation(["agent", "shell"]);
  const { desk, ticket: current } = usePlace();
  const query = useInfiniteQuery(read.search(q, desk));
  const hits = query.data?.pages.flatMap((page) => page.hits) ?? [];
  return (
    <div className="row-scroll" aria-live="polite">
      {query.error && <Fault error={query.error} onRetry={() => void query.refetch()} />}
      {!query.data && !query.error && <Loading />}
      {query.data && hits.length === 0 && <Nothing title={t("search.none")}>{t("search.noneWhy")}</Nothing>}
      <ul className="hits" aria-label={t("search.found")}>
        {hits.map((hit) => (
          <li key={hit.ticket.ticket_id}>
            <HitRow hit={hit} q={q} current={hit.ticket.ticket_id === current} />
          </li>
        ))}
      </ul>
      {query.hasNextPage && (
        <div className="log-more">
          <Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t("shell:more")}
          </Button>
        </div>
      )}
    </div>
  );
}

function HitRow({ hit: { ticket, match }, q, current }: { hit: Hit; q: string; current: boolean }) {
  const { guest } = ticket;
  return (
    <Link to="/" search={toward({ ticket: ticket.ticket_id, side: undefined })} className="row-link" aria-current={current ? "true" : undefined} data-ticket={ticket.ticket_id} preload={false}>
      <Avatar name={guest.name} id={guest.open_id} />
      <span className="row-body">
        <span className="row-top">
          <span className="row-name">{guest.name}</span>
          <span className="row-time">
            <Moment at={match?.created_at ?? ticket.created_at} />
          </span>
        </span>
        {/* A ticket that was found by its id has no words that match. */}
        <span className="row-match">{match ? marked(match.text, q) : ticket.ticket_id}</span>
        <span className="row-facts">
          <Status ticket={ticket} />
        </span>
      </span>
    </Link>
  );
}

/** The text with the words that were looked for marked. Words that match by their stem alone stay as they are. */
function marked(text: string, q: string): ReactNode[] {
  const words = q
    .split(/\s+/)
    .filter((word) => word !== "")
    .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  if (words.length === 0) return [text];
  return text.split(new RegExp(`(${words.join("|")})`, "gi")).map((part, at) => (at % 2 === 1 ? <mark key={at}>{part}</mark> : part));
}
