// The guest API: one class for the calls, one function that follows the conversation.

const ROOT = "/guest/v1";
const STREAM_TRIES = 3; // Failed streams in a row before long-polling takes over.
const POLLS_BEFORE_STREAM = 10; // Long polls before the stream is tried again.
const POLL_WAIT_MS = 25_000;
const SILENCE_MS = 60_000; // A stream without even a keep-alive for so long is dead.
const BACKOFF_MAX_MS = 30_000;

export class ApiError extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status; // 0: no answer at all.
    this.code = code;
  }

  get retryable() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** Reads an answer; every failure becomes an ApiError made from the envelope. */
async function answerOf(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok || body.code) {
    const why = body.error?.message || body.msg || `HTTP ${response.status}`;
    throw new ApiError(response.status, body.code, why);
  }
  return body.code === 0 && body.data ? body.data : body;
}

async function reach(path, options) {
  try {
    return await fetch(ROOT + path, { cache: "no-store", credentials: "omit", ...options });
  } catch (error) {
    if (options?.signal?.aborted) throw error;
    throw new ApiError(0, undefined, String(error.message ?? error));
  }
}

export class Api {
  #token = null;

  constructor(deskId) {
    this.deskId = deskId;
    this.storageKey = `deskwire.session.${deskId}`;
  }

  /** Starts or continues a session. `identity` names the guest where the embedding site knows them. */
  async start(identity, language) {
    const known = this.#recall();
    const same = known && (!identity.open_id || identity.open_id === known.guest?.open_id);
    if (same) {
      try {
        const answer = await this.#open(identity, language, known.session_token);
        // A server that made a new guest all the same does not end the stored session.
        return this.#keep(answer.guest?.open_id === known.guest?.open_id ? answer : { ...known, desk: answer.desk });
      } catch (error) {
        if (error.retryable) throw error;
      }
    }
    return this.#keep(await this.#open(identity, language));
  }

  /** Forgets the stored session, after the server has refused it. */
  forget() {
    this.#token = null;
    try {
      localStorage.removeItem(this.storageKey);
    } catch {
      // Storage may be forbidden.
    }
  }

  async page(after, waitMs, signal) {
    const query = new URLSearchParams({ after, limit: 100, wait_ms: waitMs });
    return answerOf(await this.#call(`/messages?${query}`, { signal }));
  }

  stream(after, signal) {
    const headers = { Accept: "text/event-stream", "Last-Event-ID": String(after) };
    return this.#call("/stream", { signal, headers });
  }

  send(message) {
    return this.#post("/messages", message);
  }

  choose(messageId, faqId) {
    return this.#post(`/messages/${encodeURIComponent(messageId)}/choose`, { faq_id: faqId });
  }

  feedback(messageId, solved) {
    return this.#post(`/messages/${encodeURIComponent(messageId)}/feedback`, { solved });
  }

  human() {
    return this.#post("/human", {});
  }

  close() {
    return this.#post("/close", {});
  }

  rate(score, reason) {
    return this.#post("/rating", reason ? { score, reason } : { score });
  }

  async upload(file) {
    const body = new FormData();
    body.append("image", file, file.name || "picture");
    return answerOf(await this.#call("/images", { method: "POST", body }));
  }

  async image(key) {
    const response = await this.#call(`/images/${encodeURIComponent(key)}`);
    return response.ok ? response.blob() : answerOf(response);
  }

  #call(path, options = {}) {
    return reach(path, { ...options, headers: { ...options.headers, Authorization: `Bearer ${this.#token}` } });
  }

  async #post(path, body) {
    const headers = { "Content-Type": "application/json" };
    return answerOf(await this.#call(path, { method: "POST", headers, body: JSON.stringify(body) }));
  }

  async #open(identity, language, token) {
    const headers = { "Content-Type": "application/json" };
    if (token) headers.Authorization = `Bearer ${token}`;
    const body = JSON.stringify({ ...identity, language });
    const path = `/desks/${encodeURIComponent(this.deskId)}/sessions`;
    return answerOf(await reach(path, { method: "POST", headers, body }));
  }

  #keep(session) {
    this.#token = session.session_token;
    try {
      const { session_token, guest } = session;
      localStorage.setItem(this.storageKey, JSON.stringify({ session_token, guest }));
    } catch {
      // Storage may be forbidden; the session then lasts as long as the page.
    }
    return session;
  }

  #recall() {
    try {
      return JSON.parse(localStorage.getItem(this.storageKey));
    } catch {
      return null;
    }
  }
}

/**
 * Hands every message after `position` to `onMessage` until `signal` aborts, over the event stream or, where that
 * does not get through, by long-polling. Throws only when the session is refused.
 */
export async function follow(api, position, { onMessage, onState, signal }) {
  let failures = 0;
  let polls = 0; // Successful ones in a row.
  const take = (message, at) => {
    position = at ?? message.position ?? position;
    onMessage(message);
  };
  while (!signal.aborted) {
    try {
      if (failures < STREAM_TRIES) {
        const alive = () => {
          failures = 0;
          onState("online");
        };
        await readStream(api, position, { take, alive, opened: () => onState("online"), signal });
      } else {
        await poll(api, position, { take, signal, waitMs: polls === 0 ? 0 : POLL_WAIT_MS });
        onState("online");
        polls += 1;
        if (polls < POLLS_BEFORE_STREAM) continue;
        polls = 0;
        failures = 0;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error.status === 401) throw error;
      failures += 1;
      polls = 0;
      onState(failures === 1 ? "connecting" : "offline");
    }
    await pause(backoffMs(failures), signal);
  }
}

async function poll(api, position, { take, signal, waitMs }) {
  const began = Date.now();
  const page = await api.page(position, waitMs, signal);
  for (const message of page.messages) take(message);
  // A server that answers at once with nothing must not be asked in a tight loop.
  if (waitMs > 0 && page.messages.length === 0 && Date.now() - began < 1000) await pause(3000, signal);
}

async function readStream(api, position, { take, alive, opened, signal }) {
  const attempt = new AbortController();
  const stop = () => attempt.abort();
  signal.addEventListener("abort", stop);
  let watchdog = setTimeout(stop, SILENCE_MS);
  try {
    const response = await api.stream(position, attempt.signal);
    if (!response.ok) await answerOf(response);
    if (!response.body || !response.headers.get("content-type")?.startsWith("text/event-stream")) {
      throw new ApiError(response.status, undefined, "not an event stream");
    }
    opened();
    const onBytes = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(stop, SILENCE_MS);
      alive();
    };
    for await (const event of serverSentEvents(response.body, onBytes)) {
      if (event.type === "message") take(JSON.parse(event.data), event.id);
    }
  } finally {
    clearTimeout(watchdog);
    signal.removeEventListener("abort", stop);
    attempt.abort();
  }
}

/** Parses a text/event-stream body as the HTML standard describes it. */
export async function* serverSentEvents(body, onBytes) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let data = [];
  let type = "message";
  let id;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    onBytes();
    // A carriage return at the very end may be half of CRLF and waits for the next bytes.
    const lines = (rest + value).split(/\r\n|\n|\r(?=[^\n])/);
    rest = lines.pop();
    for (const line of lines) {
      if (line === "") {
        if (data.length > 0) yield { type, id, data: data.join("\n") };
        data = [];
        type = "message";
        continue;
      }
      const [, field, text] = /^([^:]*)(?:: ?)?(.*)$/.exec(line);
      if (field === "data") data.push(text);
      else if (field === "event") type = text || "message";
      else if (field === "id") id = text;
    }
  }
}

/** A client_id. crypto.randomUUID is missing on plain HTTP from another machine. */
export function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function backoffMs(failures) {
  const base = Math.min(BACKOFF_MAX_MS, 500 * 2 ** failures);
  return base * (0.75 + Math.random() / 2);
}

/** Waits, but no longer than until the network comes back or the signal aborts. */
export function pause(ms, signal) {
  return new Promise((resolve) => {
    const end = () => {
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
