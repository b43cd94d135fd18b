// Follows a conversation: over the event stream or, where that does not get through, by long-polling.

import { backoffMs, pause, SILENCE_MS, serverSentEvents } from "../common/stream";
import { type Api, ApiError, type Message } from "./api";

/** How the live feed is doing. */
export type Connection = "connecting" | "online" | "offline";

const STREAM_TRIES = 3; // Failed streams in a row before long-polling takes over.
const POLLS_BEFORE_STREAM = 10; // Long polls before the stream is tried again.
const POLL_WAIT_MS = 25_000;
const POLL_PAUSE_MS = 3_000;
const PAGE = 100;

interface Follower {
  onMessage(message: Message): void;
  /** An agent writes to the guest; told again for as long as they do, and never that they stopped. */
  onTyping(name: string): void;
  onConnection(connection: Connection): void;
  signal: AbortSignal;
}

/** Hands over every message after `position` until the signal aborts. Throws only when the session is refused. */
export async function follow(api: Api, position: number, follower: Follower): Promise<void> {
  const { signal } = follower;
  let failures = 0;
  let polls = 0; // Successful ones in a row.
  const take = (message: Message): void => {
    position = message.position;
    follower.onMessage(message);
  };
  while (!signal.aborted) {
    try {
      if (failures < STREAM_TRIES) {
        const alive = (): void => {
          failures = 0;
          follower.onConnection("online");
        };
        await readStream(api, position, { take, onTyping: follower.onTyping, alive }, signal);
        // The server ended it, which it does when it stops.
        throw new ApiError(0, undefined, "the stream has ended");
      }
      await poll(api, position, take, polls === 0 ? 0 : POLL_WAIT_MS, signal);
      follower.onConnection("online");
      polls += 1;
      if (polls < POLLS_BEFORE_STREAM) continue;
      polls = 0;
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ApiError && error.status === 401) throw error;
      failures += 1;
      polls = 0;
      follower.onConnection(failures === 1 ? "connecting" : "offline");
    }
    await pause(backoffMs(failures), signal);
  }
}

async function poll(api: Api, position: number, take: (m: Message) => void, waitMs: number, signal: AbortSignal): Promise<void> {
  const began = Date.now();
  const page = await api.page(position, PAGE, waitMs, signal);
  page.messages.forEach(take);
  // A server that answers at once with nothing must not be asked in a tight loop.
  if (waitMs > 0 && page.messages.length === 0 && Date.now() - began < 1000) await pause(POLL_PAUSE_MS, signal);
}

interface Reader {
  take(message: Message): void;
  onTyping(name: string): void;
  alive(): void;
}

async function readStream(api: Api, position: number, { take, onTyping, alive }: Reader, signal: AbortSignal): Promise<void> {
  const attempt = new AbortController();
  const stop = (): void => attempt.abort();
  signal.addEventListener("abort", stop);
  addEventListener("offline", stop);
  let watchdog = setTimeout(stop, SILENCE_MS);
  try {
    const response = await api.stream(position, attempt.signal);
    if (!response.ok || !response.body) throw new ApiError(response.status, undefined, `HTTP ${response.status}`);
    if (!response.headers.get("content-type")?.startsWith("text/event-stream")) {
      throw new ApiError(response.status, undefined, "not an event stream");
    }
    alive();
    const onBytes = (): void => {
      clearTimeout(watchdog);
      watchdog = setTimeout(stop, SILENCE_MS);
      alive();
    };
    for await (const event of serverSentEvents(response.body, onBytes)) {
      if (event.type === "message") take(JSON.parse(event.data) as Message);
      if (event.type === "agent_typing") onTyping((JSON.parse(event.data) as { name: string }).name);
    }
  } finally {
    clearTimeout(watchdog);
    signal.removeEventListener("abort", stop);
    removeEventListener("offline", stop);
    attempt.abort();
  }
}
