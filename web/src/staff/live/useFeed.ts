// Feeds as part of pages, and how all feeds of the page are doing.

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent } from "react";
import type { ServerSentEvent } from "../../common/stream";
import { noticeLapse, useLapsed } from "../api/session";
import { createStore, useStore } from "../ui/store";
import { type Connection, follow } from "./feed";

const feeds = new Map<symbol, Connection>();
const worst = createStore<Connection>("online");

function report(feed: symbol, connection: Connection | null): void {
  if (connection) feeds.set(feed, connection);
  else feeds.delete(feed);
  const all = [...feeds.values()];
  worst.set(all.includes("offline") ? "offline" : all.includes("connecting") ? "connecting" : "online");
}

/** How the worst of the page's feeds is doing. */
export function useConnection(): Connection {
  return useStore(worst);
}

export interface FeedOptions {
  /** The feed's address; `null` for none yet. A new address is a new feed. */
  url: string | null;
  onEvent: (event: ServerSentEvent) => void;
  /** After the connection was lost and is back. The feed itself misses nothing; this is for what it does not tell. */
  onBack?: () => void;
}

/** Follows a feed while the page is shown. */
export function useFeed({ url, onEvent, onBack }: FeedOptions): void {
  const client = useQueryClient();
  const lapsed = useLapsed();
  const heard = useEffectEvent(onEvent);
  const back = useEffectEvent(() => onBack?.());
  useEffect(() => {
    if (url === null || lapsed) return;
    const feed = Symbol(url);
    const ended = new AbortController();
    let wasLost = false;
    const onConnection = (connection: Connection): void => {
      report(feed, connection);
      if (connection !== "online") wasLost = true;
      else if (wasLost) {
        wasLost = false;
        back();
      }
    };
    follow({ url, onEvent: heard, onConnection, signal: ended.signal }).catch((error: unknown) => noticeLapse(client, error));
    return () => {
      ended.abort();
      report(feed, null);
    };
  }, [url, lapsed, client]);
}
