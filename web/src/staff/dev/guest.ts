// A guest who is no page: asks a question and waits for what the help desk says to it.

import createClient from "openapi-fetch";
import type { paths } from "../../generated/api";
import type { Schemas } from "../api/client";
import { Failure, failureOf } from "../api/failure";

export type Message = Schemas["Message"];

const api = createClient<paths>({ baseUrl: location.origin, cache: "no-store", credentials: "omit" });
api.use({
  async onResponse({ response }) {
    if (!response.ok) throw await failureOf(response);
  },
  onError({ error }) {
    return error instanceof Failure ? error : new Failure(0, String(error));
  },
});

const WAIT_MS = 20_000;
const TURNS = 4;

export async function desks(): Promise<Schemas["DeskList"]["desks"]> {
  return (await api.GET("/guest/v1/desks")).data?.desks ?? [];
}

export interface Asked {
  ticketId: string;
  /** None if nothing came in time. */
  answer: Message | null;
  tookMs: number;
}

/** Asks as somebody new. */
export async function ask(deskId: string, language: "en" | "zh", text: string): Promise<Asked> {
  const opened = await api.POST("/guest/v1/desks/{helpdesk_id}/sessions", {
    params: { path: { helpdesk_id: deskId } },
    body: { language: language === "zh" ? "zh_cn" : "en_us", name: language === "zh" ? "调试台" : "Inspector" },
  });
  const headers = { Authorization: `Bearer ${opened.data?.session_token}` };
  const began = performance.now();
  const posted = await api.POST("/guest/v1/messages", { headers, body: { text } });
  let after = posted.data?.message.position ?? 0;
  const ticketId = posted.data?.ticket_id ?? "";
  for (let turn = 0; turn < TURNS; turn += 1) {
    const page = await api.GET("/guest/v1/messages", { headers, params: { query: { after, wait_ms: WAIT_MS } } });
    const messages = page.data?.messages ?? [];
    const answer = messages.find(({ kind }) => kind === "answer");
    if (answer) return { ticketId, answer, tookMs: performance.now() - began };
    after = messages.at(-1)?.position ?? after;
  }
  return { ticketId, answer: null, tookMs: performance.now() - began };
}
