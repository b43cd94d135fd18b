// The guest API: its types, from the server's own OpenAPI document, and one class for the calls.

import type { components } from "../generated/api";

type Schemas = components["schemas"];
export type Message = Schemas["Message"];
export type Session = Schemas["Session"];
export type Desk = Schemas["DeskDescription"];
export type Category = Schemas["DeskCategory"];
export type Hours = Schemas["DeskHours"];
export type OpenTicket = Schemas["OpenTicket"];
export type Standing = Schemas["Standing"];
export type Handover = Schemas["HandoverOut"];
export type ShownFaq = Schemas["ShownFaq"];
export type Suggestion = Schemas["Suggestion"];
export type Score = Schemas["Rating"]["score"];
type OpenSession = Schemas["GuestOpenSession"];
type MessageList = Schemas["MessageList"];
type Posted = Schemas["Posted"];
type Failure = Schemas["Failure"];

/** Who the embedding site says the guest is. */
export type Identity = Pick<OpenSession, "open_id" | "name" | "email" | "identity_token">;

/** A call that failed. `status` 0: no answer came at all. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: number | undefined,
    message: string,
  ) {
    super(message);
  }

  /** Whether the same call may succeed later. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** Reads an answer; every failure becomes an ApiError made from the envelope. */
async function answerOf<T>(response: Response): Promise<T> {
  if (response.ok) return (await response.json()) as T;
  const failure = (await response.json().catch(() => ({}))) as Partial<Failure>;
  throw new ApiError(response.status, failure.code, failure.error?.message ?? failure.msg ?? `HTTP ${response.status}`);
}

async function reach(url: string, options: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { cache: "no-store", credentials: "omit", ...options });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ApiError(0, undefined, String(error));
  }
}

/** A session as it is kept between visits. */
interface Kept {
  token: string;
  openId: string;
}

export class Api {
  readonly #root: string;
  readonly #desk: string;
  readonly #key: string;
  #token = "";

  /** `server` is an origin, such as `https://help.example`. */
  constructor(server: string, desk: string) {
    this.#root = `${server}/guest/v1`;
    this.#desk = desk;
    this.#key = `deskwire.session.${new URL(server).host}.${desk}`;
  }

  /** Starts a session, or continues the one of an earlier visit if it is the same guest's. */
  async start(identity: Identity, language: string): Promise<Session> {
    const kept = this.#recall();
    const named = identity.open_id ?? subjectOf(identity.identity_token);
    if (kept && (!named || named === kept.openId)) {
      try {
        return this.#keep(await this.#open({ language }, kept.token));
      } catch (error) {
        if (!(error instanceof ApiError) || error.passing) throw error;
      }
    }
    return this.#keep(await this.#open({ ...identity, language }));
  }

  /** The ended ticket that the guest does not want to rate. */
  get unwanted(): string | null {
    return storage()?.getItem(`${this.#key}.unrated`) ?? null;
  }

  keepUnwanted(ticketId: string): void {
    try {
      storage()?.setItem(`${this.#key}.unrated`, ticketId);
    } catch {
      // It is asked for once more.
    }
  }

  /** Forgets the kept session, after the server has refused it. */
  forget(): void {
    this.#token = "";
    storage()?.removeItem(this.#key);
  }

  page(after: number, limit: number, waitMs = 0, signal?: AbortSignal): Promise<MessageList> {
    const query = new URLSearchParams({ after: `${after}`, limit: `${limit}`, wait_ms: `${waitMs}` });
    return this.#get(`/messages?${query}`, signal);
  }

  stream(after: number, signal: AbortSignal): Promise<Response> {
    return this.#call("/stream", { signal, headers: { Accept: "text/event-stream", "Last-Event-ID": `${after}` } });
  }

  standing(): Promise<Standing> {
    return this.#get("/ticket");
  }

  async suggestions(text: string, signal: AbortSignal): Promise<Suggestion[]> {
    const query = new URLSearchParams({ text });
    const answer = await this.#get<Schemas["GuestSuggestions"]>(`/suggestions?${query}`, signal);
    return answer.suggestions;
  }

  send(message: Schemas["PostMessage"]): Promise<Posted> {
    return this.#post("/messages", message);
  }

  choose(messageId: string, faqId: string): Promise<Posted> {
    return this.#post(`/messages/${encodeURIComponent(messageId)}/choose`, { faq_id: faqId });
  }

  feedback(messageId: string, solved: boolean): Promise<unknown> {
    return this.#post(`/messages/${encodeURIComponent(messageId)}/feedback`, { solved });
  }

  human(): Promise<Handover> {
    return this.#post("/human", {});
  }

  close(): Promise<Schemas["GuestClosed"]> {
    return this.#post("/close", {});
  }

  rate(score: Score, reason: string): Promise<unknown> {
    return this.#post("/rating", reason ? { score, reason } : { score });
  }

  async upload(file: File): Promise<string> {
    const body = new FormData();
    body.append("image", file, file.name || "picture");
    const stored = await answerOf<Schemas["GuestUploaded"]>(await this.#call("/images", { method: "POST", body }));
    return stored.image_key;
  }

  async image(key: string): Promise<Blob> {
    const response = await this.#call(`/images/${encodeURIComponent(key)}`);
    return response.ok ? response.blob() : answerOf<Blob>(response);
  }

  #call(path: string, options: RequestInit = {}): Promise<Response> {
    return reach(this.#root + path, {
      ...options,
      headers: { ...options.headers, Authorization: `Bearer ${this.#token}` },
    });
  }

  async #get<T>(path: string, signal?: AbortSignal): Promise<T> {
    return answerOf(await this.#call(path, signal ? { signal } : {}));
  }

  async #post<T>(path: string, body: object): Promise<T> {
    const headers = { "Content-Type": "application/json" };
    return answerOf(await this.#call(path, { method: "POST", headers, body: JSON.stringify(body) }));
  }

  async #open(body: OpenSession, token?: string): Promise<Session> {
    const headers: Record<string, string> = { "Content-Type": "application/json" };
    if (token) headers.Authorization = `Bearer ${token}`;
    const url = `${this.#root}/desks/${encodeURIComponent(this.#desk)}/sessions`;
    return answerOf(await reach(url, { method: "POST", headers, body: JSON.stringify(body) }));
  }

  #keep(session: Session): Session {
    this.#token = session.session_token;
    const kept: Kept = { token: session.session_token, openId: session.guest.open_id };
    try {
      storage()?.setItem(this.#key, JSON.stringify(kept));
    } catch {
      // The storage is full; the session then lasts as long as the page.
    }
    return session;
  }

  #recall(): Kept | null {
    try {
      const kept = JSON.parse(storage()?.getItem(this.#key) ?? "null") as Partial<Kept> | null;
      return kept?.token && kept.openId ? { token: kept.token, openId: kept.openId } : null;
    } catch {
      return null;
    }
  }
}

/** The browser's storage, unless the site or the guest forbids it. */
export function storage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

/** Whom an identity token names; the server checks whether that is true. */
function subjectOf(token: string | null | undefined): string | undefined {
  const claims = token?.split(".")[1];
  if (!claims) return undefined;
  try {
    const { sub } = JSON.parse(atob(claims.replaceAll("-", "+").replaceAll("_", "/"))) as { sub?: unknown };
    return typeof sub === "string" ? sub : undefined;
  } catch {
    return undefined;
  }
}

/** A client id. `crypto.randomUUID` is missing on plain HTTP from another machine. */
export function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
