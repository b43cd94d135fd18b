// The conversation on screen. It stays at its end while somebody looks there, and where it is while they read above.

import IconArrowDown from "@douyinfe/semi-icons/lib/es/icons/IconArrowDown";
import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Fault, Loading } from "../../shell/states";
import type { Entry as Shown } from "../api/calls";
import { conversation, older } from "./conversation";
import { follows, keyOf } from "./entries";
import { Entry, Going } from "./Entry";
import { useOutgoing } from "./outbox";

/** So far from the end still counts as there, px. */
const NEAR_END = 80;

export function Log({ ticketId }: { ticketId: string }) {
  const { t } = useTranslation("agent");
  const client = useQueryClient();
  const query = useQuery(conversation(client, ticketId));
  const going = useOutgoing(ticketId);
  const { data } = query;
  const entries = data?.entries ?? NONE;
  const scroll = useStaying(entries, going.length);
  const [failed, setFailed] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const isLive = useSoon(data !== undefined);
  const recalled = useMemo(() => new Set(entries.map(({ message }) => message?.recalled_message_id)), [entries]);
  const more = async (): Promise<void> => {
    setBusy(true);
    setFailed(null);
    await older(client, ticketId).catch(setFailed);
    setBusy(false);
  };
  return (
    <div className="log-frame">
      <div className="log" ref={scroll.ref} onScroll={scroll.onScroll} tabIndex={0} role="log" aria-label={t("entry.conversation")} aria-live={isLive ? "polite" : "off"}>
        {failed !== null && <Fault error={failed} />}
        {query.error && <Fault error={query.error} onRetry={() => void query.refetch()} />}
        {!data && !query.error && <Loading />}
        {data?.hasMore && (
          <div className="log-more">
            <Button loading={busy} onClick={() => void more()}>
              {t("entry.older")}
            </Button>
          </div>
        )}
        <ol className="entries">
          {entries.map((entry, at) => (
            <Entry
              key={keyOf(entry)}
              entry={entry}
              ticketId={ticketId}
              recalled={recalled.has(entry.message?.message_id ?? "")}
              follows={follows(entry, entries[at - 1])}
              leads={follows(entries[at + 1], entry)}
            />
          ))}
          {going.map((outgoing) => (
            <Going key={outgoing.clientId} outgoing={outgoing} />
          ))}
        </ol>
      </div>
      {scroll.hasNews && (
        <Button className="log-news" theme="solid" icon={<IconArrowDown aria-hidden />} onClick={scroll.toEnd}>
          {t("entry.news")}
        </Button>
      )}
    </div>
  );
}

const NONE: Shown[] = [];
const SOON_MS = 1_000;

/** True a moment after the condition came true: what was there from the beginning is not read out as news. */
function useSoon(condition: boolean): boolean {
  const [soon, setSoon] = useState(false);
  useEffect(() => {
    if (!condition) return;
    const timer = setTimeout(() => setSoon(true), SOON_MS);
    return () => clearTimeout(timer);
  }, [condition]);
  return soon;
}

/** Keeps the end in sight while it is, and what is read in place when older entries come in above. */
function useStaying(entries: Shown[], going: number) {
  const ref = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const shown = useRef({ first: "", last: "", going: 0, height: 0 });
  const [hasNews, setHasNews] = useState(false);
  const first = entries[0] ? keyOf(entries[0]) : "";
  const last = entries.at(-1);
  const lastKey = last ? keyOf(last) : "";
  useLayoutEffect(() => {
    const node = ref.current;
    if (!node) return;
    const before = shown.current;
    const wroteMyself = going > before.going;
    if (atEnd.current || wroteMyself || before.last === "") {
      node.scrollTop = node.scrollHeight;
      atEnd.current = true;
    } else if (before.first !== first) {
      node.scrollTop += node.scrollHeight - before.height;
    } else if (before.last !== lastKey) {
      setHasNews(true);
    }
    shown.current = { first, last: lastKey, going, height: node.scrollHeight };
  }, [first, lastKey, going, entries]);
  useLayoutEffect(() => {
    const node = ref.current;
    if (!node) return;
    // Pictures that come late, a keyboard that comes up.
    const watch = new ResizeObserver(() => {
      if (atEnd.current) node.scrollTop = node.scrollHeight;
    });
    watch.observe(node);
    for (const child of node.children) watch.observe(child);
    return () => watch.disconnect();
  }, []);
  const onScroll = (): void => {
    const node = ref.current;
    if (!node) return;
    atEnd.current = node.scrollHeight - node.scrollTop - node.clientHeight < NEAR_END;
    shown.current.height = node.scrollHeight;
    if (atEnd.current) setHasNews(false);
  };
  const toEnd = (): void => {
    atEnd.current = true;
    ref.current?.scrollTo({ top: ref.current.scrollHeight });
    setHasNews(false);
  };
  return { ref, onScroll, hasNews, toEnd };
}
