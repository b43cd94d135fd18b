// The conversation behind the screen: what was said, what is on its way, where the ticket stands. No DOM in here.

import { Api, ApiError, type Hours, type Identity, type Message, type OpenTicket, randomId, type Score, type Session } from "./api";
import { pause } from "../common/stream";
import { type Connection, follow } from "./feed";
import { Pictures } from "./pictures";

/** A message of the guest's that the server does not have yet. */
export interface Draft {
  /** The client id, and the entry's key on screen. */
  key: string;
  text: string;
  file?: File;
  imageKey?: string;
  /** `waiting`: the server was not reached and is tried again. */
  state: "sending" | "waiting" | "failed";
  at: number;
}

/** What went wrong, and how to try again. */
export interface Problem {
  error: unknown;
  again?: () => void;
}

export interface State {
  phase: "starting" | "ready" | "failed";
  connection: Connection;
  session: Session | null;
  /** By position. */
  messages: readonly Message[];
  drafts: readonly Draft[];
  /** Messages up to this position are not loaded yet. */
  earlier: number;
  /** Messages up to this position are of conversations that had ended when the guest came. */
  ended: number;
  ticket: OpenTicket | null;
  hours: Hours | null;
  /** Whether the bot has a question to answer. */
  answering: boolean;
  /** Which agent writes to the guest right now. */
  agentTyping: string | null;
  rating: "none" | "asked" | "sending" | "given";
  problem: Problem | null;
  /** Whether the earlier conversation was lost with its session. */
  restarted: boolean;
}

const HISTORY = 50;
const STAGE_BOT = 1;
export const STAGE_HUMAN = 2;
export const QUEUED = 3;
const QUEUE_LOOK_MS = 15_000;
const ANSWER_PATIENCE_MS = 30_000;
const AGENT_TYPES_MS = 8_000; // After that an agent who types would have been told of again.
const START_PAUSE_MS = 1_000;
const START_PAUSE_MS_MAX = 30_000;
const RESTART_MS_MIN = 5_000;
const SEND_TRIES = 30;
const SEND_PAUSE_MS_MAX = 10_000;

const BEGINNING: State = {
  phase: "starting",
  connection: "connecting",
  session: null,
  messages: [],
  drafts: [],
  earlier: 0,
  ended: 0,
  ticket: null,
  hours: null,
  answering: false,
  agentTyping: null,
  rating: "none",
  problem: null,
  restarted: false,
};

export class Conversation {
  readonly api: Api;
  readonly pictures: Pictures;
  #state = BEGINNING;
  #listeners = new Set<(fresh: Message | null) => void>();
  #identity: Identity;
  #language: string;
  #following: AbortController | null = null;
  #sending: Promise<void> = Promise.resolve();
  #keys = new Map<string, string>();
  #patience: ReturnType<typeof setTimeout> | undefined;
  #typing: ReturnType<typeof setTimeout> | undefined;
  #queueLook: ReturnType<typeof setTimeout> | undefined;
  #startAgain: ReturnType<typeof setTimeout> | undefined;
  #starts = 0; // Failed ones in a row.
  #turn = 0; // Grows with what is known of the ticket, so that an older answer does not undo it.
  #restartedAt = 0;
  #restarting = false;
  #ended = false;

  constructor(api: Api, identity: Identity, language: string) {
    this.api = api;
    this.pictures = new Pictures(api);
    this.#identity = identity;
    this.#language = language;
  }

  get state(): State {
    return this.#state;
  }

  /** Calls back after every change; with the message, if one of somebody else's has just come in. */
  subscribe(listener: (fresh: Message | null) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The key under which a message is on screen; it stays the same while a draft becomes a message. */
  keyOf(message: Message): string {
    return this.#keys.get(message.message_id) ?? message.message_id;
  }

  // ---- Beginning and end ----

  async start(): Promise<void> {
    clearTimeout(this.#startAgain);
    this.#change({ phase: "starting" });
    try {
      const session = await this.api.start(this.#identity, this.#language);
      if (this.#ended) return;
      const earlier = Math.max(0, session.position - HISTORY);
      const unrated = session.unrated_ticket_id !== undefined && session.unrated_ticket_id !== this.api.unwanted;
      const ended = session.ticket || unrated ? 0 : session.position;
      this.#change({ session, earlier, ended, ticket: session.ticket ?? null, hours: session.desk.hours, messages: [] });
      const position = await this.#load(earlier);
      if (this.#ended) return;
      const rating = unrated ? "asked" : "none";
      this.#starts = 0;
      this.#change({ phase: "ready", connection: "online", rating, problem: null });
      this.#expectAnswer();
      this.#watchQueue();
      void this.#run(position);
      for (const draft of this.#state.drafts) if (draft.state !== "failed") this.#queue(draft.key);
    } catch (error) {
      if (error instanceof ApiError && error.status === 401 && this.#state.session && !this.#restarting) return this.#restart();
      this.#change({ phase: "failed", connection: "offline", problem: { error, again: () => void this.start() } });
      if (!(error instanceof ApiError) || !error.passing || this.#ended) return;
      this.#starts += 1;
      this.#startAgain = setTimeout(() => void this.start(), Math.min(START_PAUSE_MS_MAX, START_PAUSE_MS * 2 ** this.#starts));
    }
  }

  /** Lets go of the connection. */
  end(): void {
    this.#ended = true;
    this.#following?.abort();
    for (const timer of [this.#patience, this.#queueLook, this.#startAgain]) clearTimeout(timer);
    this.pictures.forget();
  }

  /** Tells the server another language, so that it suggests questions of it. */
  async speak(language: string): Promise<void> {
    this.#language = language;
    if (this.#state.phase !== "ready") return;
    try {
      const session = await this.api.start(this.#identity, language);
      this.#change({ session, hours: session.desk.hours });
    } catch {
      // The suggestions of the other language stay; nothing else depends on it.
    }
  }

  /** Loads messages from before those on screen. */
  async loadEarlier(): Promise<void> {
    const until = this.#state.earlier;
    const from = Math.max(0, until - HISTORY);
    await this.#attempt(async () => {
      const page = await this.api.page(from, until - from);
      this.#change({ messages: merged(page.messages, this.#state.messages), earlier: from });
    }, () => void this.loadEarlier());
  }

  async #load(after: number): Promise<number> {
    let position = after;
    for (;;) {
      const page = await this.api.page(position, 100);
      this.#change({ messages: merged(this.#state.messages, page.messages) });
      position = page.messages.at(-1)?.position ?? position;
      if (!page.has_more || page.messages.length === 0) return position;
    }
  }

  async #run(position: number): Promise<void> {
    this.#following = new AbortController();
    const { signal } = this.#following;
    let lost = false;
    const onConnection = (connection: Connection): void => {
      if (connection === this.#state.connection) return;
      this.#change({ connection });
      if (connection !== "online") lost = true;
      else if (lost) {
        lost = false;
        void this.#look();
      }
    };
    try {
      const onMessage = (message: Message): void => this.#receive(message);
      const onTyping = (name: string): void => this.#agentTypes(name);
      await follow(this.api, position, { onMessage, onTyping, onConnection, signal });
    } catch {
      if (!signal.aborted) await this.#restart();
    }
  }

  /** The server no longer knows the session: begins a new one and sends what was under way again. */
  async #restart(): Promise<void> {
    if (this.#ended || this.#restarting) return;
    this.#following?.abort();
    if (Date.now() - this.#restartedAt < RESTART_MS_MIN) {
      const error = new ApiError(401, undefined, "the session was refused twice");
      return this.#change({ phase: "failed", problem: { error, again: () => void this.start() } });
    }
    this.#restartedAt = Date.now();
    this.api.forget();
    this.pictures.forget();
    const drafts = this.#state.drafts.map(({ imageKey: _, ...draft }) => draft); // Pictures were the old session's.
    this.#change({ session: null, ticket: null, rating: "none", answering: false, restarted: true, drafts });
    this.#restarting = true;
    await this.start();
    this.#restarting = false;
  }

  // ---- Messages come in ----

  /** Takes a message of the server, whichever way and however often it arrives. */
  #receive(message: Message): void {
    const { messages, drafts } = this.#state;
    if (message.recalled_message_id) return this.#takeBack(message.recalled_message_id);
    const known = messages.some((m) => m.message_id === message.message_id);
    if (known) return this.#change({ messages: merged(messages, [message]) });
    if (message.from === "agent") this.#agentTypes(null);
    const draft = message.from === "guest" ? drafts.find((d) => isSame(d, message)) : undefined;
    if (draft) this.#adopt(draft, message);
    this.#change(
      {
        messages: merged(messages, [message]),
        drafts: draft ? drafts.filter((d) => d !== draft) : drafts,
      },
      message.from === "guest" ? null : message,
    );
    if (message.notice === "closed" && message.ticket_id === this.#state.ticket?.ticket_id) this.#closed();
    else if (message.notice || (message.ticket_id && message.ticket_id !== this.#state.ticket?.ticket_id)) void this.#look();
    this.#expectAnswer();
  }

  #adopt(draft: Draft, message: Message): void {
    this.#keys.set(message.message_id, draft.key);
    if (draft.file && message.image_key) this.pictures.know(message.image_key, draft.file);
  }

  /** An agent writes to the guest, or has said what they wrote. */
  #agentTypes(name: string | null): void {
    clearTimeout(this.#typing);
    if (name !== null) this.#typing = setTimeout(() => this.#agentTypes(null), AGENT_TYPES_MS);
    if (name !== this.#state.agentTyping) this.#change({ agentTyping: name });
  }

  /** A message was taken back: its place on screen says so. */
  #takeBack(id: string): void {
    const messages = this.#state.messages.map((m) => (m.message_id === id ? ({ ...m, kind: "notice", notice: "recalled" } as Message) : m));
    this.#change({ messages });
  }

  /** Looks whether the bot owes an answer: the last word is the guest's, and no human has the ticket. */
  #expectAnswer(): void {
    const last = this.#state.messages.at(-1);
    const stage = this.#state.ticket?.stage ?? STAGE_BOT;
    const left = last ? ANSWER_PATIENCE_MS - Math.max(0, Date.now() - last.created_at) : 0;
    const answering = last?.from === "guest" && stage === STAGE_BOT && left > 0;
    clearTimeout(this.#patience);
    if (answering) this.#patience = setTimeout(() => this.#change({ answering: false }), left);
    if (answering !== this.#state.answering) this.#change({ answering });
  }

  // ---- Where the ticket stands ----

  /** Asks where the ticket stands. */
  async #look(): Promise<void> {
    const turn = (this.#turn += 1);
    try {
      const before = this.#state.ticket;
      const { ticket, hours } = await this.api.standing();
      if (turn !== this.#turn) return;
      this.#change({ ticket: ticket ?? null, hours });
      if (before && !ticket) this.#closed();
      else if (ticket && this.#state.rating !== "none") this.#change({ rating: "none" });
      this.#expectAnswer();
    } catch {
      // The feed notices when the server is gone, and this is asked again when it is back.
    }
    this.#watchQueue();
  }

  #watchQueue(): void {
    clearTimeout(this.#queueLook);
    if (this.#ended || this.#state.ticket?.status !== QUEUED) return;
    this.#queueLook = setTimeout(() => {
      if (document.hidden || this.#state.connection !== "online") this.#watchQueue();
      else void this.#look();
    }, QUEUE_LOOK_MS);
  }

  #closed(): void {
    this.#turn += 1;
    this.#agentTypes(null);
    this.#change({ ticket: null, rating: "asked", answering: false });
  }

  // ---- What the guest does ----

  say(text: string): void {
    const words = text.trim();
    if (words) this.#put({ key: randomId(), text: words, state: "sending", at: Date.now() });
  }

  sendPicture(file: File): void {
    this.#put({ key: randomId(), text: "", file, state: "sending", at: Date.now() });
  }

  sendAgain(key: string): void {
    this.#mark(key, { state: "sending" });
    this.#change({ problem: null });
    this.#queue(key);
  }

  async choose(message: Message, faqId: string): Promise<void> {
    await this.#attempt(async () => {
      const posted = await this.api.choose(message.message_id, faqId);
      this.#receive(posted.message);
    }, () => void this.choose(message, faqId));
  }

  async feedback(message: Message, solved: boolean): Promise<boolean> {
    return this.#attempt(async () => {
      await this.api.feedback(message.message_id, solved);
      this.#change({ messages: this.#state.messages.map((m) => (m.message_id === message.message_id ? { ...m, solved } : m)) });
    }, () => void this.feedback(message, solved));
  }

  async askHuman(): Promise<boolean> {
    return this.#attempt(async () => {
      const { on_duty, ...given } = await this.api.human();
      const hours = { ...this.#state.hours, on_duty };
      this.#turn += 1;
      this.#change({ ticket: { ...given, stage: STAGE_HUMAN }, hours, answering: false, rating: "none" });
      this.#watchQueue();
    }, () => void this.askHuman());
  }

  async close(): Promise<boolean> {
    return this.#attempt(async () => {
      await this.api.close();
      if (this.#state.ticket) this.#closed();
    }, () => void this.close());
  }

  async rate(score: Score, reason: string): Promise<boolean> {
    this.#change({ rating: "sending" });
    const done = await this.#attempt(() => this.api.rate(score, reason), () => void this.rate(score, reason));
    this.#change({ rating: done ? "given" : "asked" });
    return done;
  }

  /** Not now, and not on the next visit either. */
  skipRating(): void {
    const ended = this.#state.messages.at(-1)?.ticket_id;
    if (ended) this.api.keepUnwanted(ended);
    this.#change({ rating: "none" });
  }

  complain(error: unknown): void {
    this.#change({ problem: { error } });
  }

  dismissProblem(): void {
    this.#change({ problem: null });
  }

  // ---- Messages go out ----

  #put(draft: Draft): void {
    const ready = this.#state.phase === "ready";
    const state = ready ? "sending" : "waiting";
    this.#change({ drafts: [...this.#state.drafts, { ...draft, state }], rating: "none" });
    if (!ready) return; // It is sent once there is a session.
    this.#change({ problem: null });
    this.#queue(draft.key);
  }

  /** One after the other, so that they arrive in the order in which they were written. */
  #queue(key: string): void {
    this.#sending = this.#sending.then(() => this.#deliver(key));
  }

  async #deliver(key: string): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      const draft = this.#state.drafts.find((d) => d.key === key);
      // The feed has brought it meanwhile; or a new session is on its way and will send it.
      if (!draft || this.#ended || this.#state.phase !== "ready") return;
      try {
        const imageKey = draft.file && !draft.imageKey ? await this.api.upload(draft.file) : draft.imageKey;
        if (imageKey) this.#mark(key, { imageKey });
        const body = imageKey ? { image_key: imageKey } : { text: draft.text };
        const { message } = await this.api.send({ ...body, client_id: key });
        const still = this.#state.drafts.find((d) => d.key === key);
        if (still) this.#adopt({ ...still, ...(imageKey ? { imageKey } : {}) }, message);
        this.#change({ drafts: this.#state.drafts.filter((d) => d.key !== key) });
        return this.#receive(message);
      } catch (error) {
        if (!this.#state.drafts.some((d) => d.key === key)) return;
        if (error instanceof ApiError && error.status === 401) return void this.#restart();
        if (error instanceof ApiError && error.passing && tries < SEND_TRIES) {
          this.#mark(key, { state: "waiting" });
          await pause(Math.min(SEND_PAUSE_MS_MAX, 500 * tries));
          continue;
        }
        this.#mark(key, { state: "failed" });
        return this.#change({ problem: { error, again: () => this.sendAgain(key) } });
      }
    }
  }

  #mark(key: string, change: Partial<Draft>): void {
    this.#change({ drafts: this.#state.drafts.map((d) => (d.key === key ? { ...d, ...change } : d)) });
  }

  // ---- Common ----

  /** Makes a call of the guest's; a failure becomes a problem on screen. Answers whether it worked. */
  async #attempt(call: () => Promise<unknown>, again: () => void): Promise<boolean> {
    this.#change({ problem: null });
    try {
      await call();
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) await this.#restart();
      else this.#change({ problem: { error, again } });
      return false;
    }
  }

  #change(change: Partial<State>, fresh: Message | null = null): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener(fresh);
  }
}

/** Both lists by position, each message once; `newer` wins. */
function merged(older: readonly Message[], newer: readonly Message[]): Message[] {
  const all = new Map(older.map((m) => [m.message_id, m]));
  for (const message of newer) {
    if (message.recalled_message_id) continue; // The message that it took back says so itself.
    all.set(message.message_id, message);
  }
  return [...all.values()].sort((a, b) => a.position - b.position);
}

/** Whether a guest's message from the feed is this draft, whose own answer has not come in yet. */
function isSame(draft: Draft, message: Message): boolean {
  if (draft.state === "failed") return false;
  return draft.imageKey ? draft.imageKey === message.image_key : message.kind === "text" && !draft.file && draft.text === message.text;
}
