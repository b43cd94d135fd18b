// Event streams: how they are read, and how long to wait before the next try.

/** The server says something every 20 s; a stream that is silent for this long is dead. */
export const SILENCE_MS = 45_000;
const BACKOFF_MAX_MS = 15_000;

export interface ServerSentEvent {
  type: string;
  data: string;
  /** The last id that was named so far; empty for none. */
  id: string;
}

/** Parses a text/event-stream body as the HTML standard describes it. */
export async function* serverSentEvents(body: ReadableStream<Uint8Array>, onBytes: () => void): AsyncGenerator<ServerSentEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  let data: string[] = [];
  let type = "message";
  let id = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    onBytes();
    // A carriage return at the very end may be half of CRLF and waits for the next bytes.
    const lines = (rest + decoder.decode(value, { stream: true })).split(/\r\n|\n|\r(?=[^\n])/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") {
        if (data.length > 0) yield { type, data: data.join("\n"), id };
        data = [];
        type = "message";
        continue;
      }
      const colon = line.indexOf(":");
      const field = colon < 0 ? line : line.slice(0, colon);
      const text = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (field === "data") data.push(text);
      else if (field === "event") type = text || "message";
      else if (field === "id" && !text.includes("\0")) id = text;
    }
  }
}

/** How long to wait after so many failures in a row: longer each time, and not all at once. */
export function backoffMs(failures: number): number {
  const base = Math.min(BACKOFF_MAX_MS, 250 * 2 ** failures);
  return base * (0.75 + Math.random() / 2);
}

/** Waits, but no longer than until the network comes back or the signal aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      removeEventListener("online", end);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    addEventListener("online", end);
    signal?.addEventListener("abort", end);
  });
}
