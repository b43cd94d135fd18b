// Follows a feed of server-sent events: goes on after the last event when the connection was lost.

import { backoffMs, pause, SILENCE_MS, type ServerSentEvent, serverSentEvents } from "../../common/stream";
import { Failure, failureOf } from "../api/failure";

/** How a feed is doing. */
export type Connection = "connecting" | "online" | "offline";

export interface Follower {
  /** Where it begins; later connections name the last event in `Last-Event-ID` as well. */
  url: string;
  onEvent: (event: ServerSentEvent) => void;
  onConnection: (connection: Connection) => void;
  signal: AbortSignal;
}

/** Hands over every event until the signal aborts. Throws a Failure only when nobody is signed in any more. */
export async function follow({ url, onEvent, onConnection, signal }: Follower): Promise<void> {
  let lastId = "";
  let failures = 0;
  const alive = (): void => {
    failures = 0;
    onConnection("online");
  };
  while (!signal.aborted) {
    try {
      await readOnce(url, lastId, alive, signal, (event) => {
        // A connection that has named none yet goes on after the last of the one before.
        lastId = event.id || lastId;
        onEvent(event);
      });
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Failure && error.status > 0 && !error.passing) {
        onConnection("offline");
        throw error;
      }
    }
    if (signal.aborted) return;
    // A stream that ended is a failure too: the server only ends it when it stops.
    failures += 1;
    onConnection(failures === 1 ? "connecting" : "offline");
    await pause(backoffMs(failures), signal);
  }
}

async function readOnce(url: string, lastId: string, alive: () => void, signal: AbortSignal, take: (event: ServerSentEvent) => void): Promise<void> {
  const attempt = new AbortController();
  const stop = (): void => attempt.abort();
  signal.addEventListener("abort", stop);
  addEventListener("offline", stop);
  let watchdog = setTimeout(stop, SILENCE_MS);
  try {
    const headers: Record<string, string> = { Accept: "text/event-stream" };
    if (lastId) headers["Last-Event-ID"] = lastId;
    const response = await fetch(url, { cache: "no-store", headers, signal: attempt.signal });
    if (!response.ok) throw await failureOf(response);
    if (!response.body || !response.headers.get("content-type")?.startsWith("text/event-stream")) {
      throw new Failure(0, "not an event stream");
    }
    alive();
    const onBytes = (): void => {
      clearTimeout(watchdog);
      watchdog = setTimeout(stop, SILENCE_MS);
      alive();
    };
    for await (const event of serverSentEvents(response.body, onBytes)) take(event);
  } finally {
    clearTimeout(watchdog);
    signal.removeEventListener("abort", stop);
    removeEventListener("offline", stop);
    attempt.abort();
  }
}
