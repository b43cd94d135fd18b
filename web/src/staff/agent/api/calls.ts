// The calls of the console, and under which keys their answers are kept.

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../../api/client";
import type { Listed } from "../place";
import { heard } from "../ui/clock";

export type Ticket = Schemas["ConsoleTicket"];
export type TicketView = Schemas["ConsoleTicketView"];
export type Detail = TicketView["ticket"];
export type Entry = Schemas["ConversationEntry"];
export type Message = Schemas["Message"];
export type Note = Schemas["PrivateNote"];
export type Present = Schemas["ConsolePresent"];
export type Me = Schemas["ConsoleMe"];
export type Menus = Schemas["ConsoleDesk"];
export type Agent = Schemas["ConsoleColleague"];
export type Field = Menus["fields"][number];
export type Choice = Field["options"][number];
export type Inboxes = Schemas["ConsoleInboxes"];
export type TicketList = Schemas["ConsoleTicketList"];
export type CannedReply = Schemas["CannedReply"];
export type Faq = Schemas["ConsoleFaq"];
export type Step = Schemas["ConsoleStep"];
export type Delivery = Schemas["ConsoleDelivery"];
export type Action = Schemas["ConsoleAction"];
export type Change = Schemas["ConsoleChangeTicket"];
export type View = Schemas["ConsoleView"];
export type Filter = View["filter"];
export type Hit = Schemas["ConsoleHit"];

/** Who has more help desks than this looks at one of them at a time. */
export const DESKS_TOGETHER = 50;
/** So many tickets come at a time. */
const PAGE = 100;

const me = queryOptions({
  queryKey: ["me"],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: () => answer(api.GET("/console/v1/me")),
});

function inboxes(desk: string | undefined) {
  return queryOptions({
    queryKey: ["inboxes", desk],
    queryFn: async ({ signal }) => clocked(await answer(api.GET("/console/v1/inboxes", { params: { query: { ...(desk && { helpdesk_id: desk }) } }, signal }))),
  });
}

function tickets(listed: Listed) {
  const { inbox, view, desk } = listed;
  return infiniteQueryOptions({
    queryKey: ["tickets", listed],
    // The stream keeps it up to date.
    staleTime: Number.POSITIVE_INFINITY,
    initialPageParam: "",
    queryFn: async ({ pageParam, signal }) => {
      const query = {
        ...(view ? { view } : { inbox }),
        ...(desk && { helpdesk_id: desk }),
        ...(pageParam && { page_token: pageParam }),
        page_size: PAGE,
      };
      return clocked(await answer(api.GET("/console/v1/tickets", { params: { query }, signal })));
    },
    getNextPageParam: (last) => (last.has_more ? last.page_token : undefined),
  });
}

function search(q: string, desk: string | undefined) {
  return infiniteQueryOptions({
    queryKey: ["search", q, desk],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) => {
      const query = { q, ...(desk && { helpdesk_id: desk }), ...(pageParam && { page_token: pageParam }) };
      return answer(api.GET("/console/v1/search", { params: { query }, signal }));
    },
    getNextPageParam: (last) => (last.has_more ? last.page_token : undefined),
  });
}

function ticket(id: string) {
  return queryOptions({
    queryKey: ["ticket", id],
    queryFn: async ({ signal }) => clocked(await answer(api.GET("/console/v1/tickets/{ticket_id}", { params: { path: { ticket_id: id } }, signal }))),
  });
}

/** Read again whole when something happens: what was on top of a page may be on the next one then. */
function timeline(id: string) {
  return infiniteQueryOptions({
    queryKey: ["timeline", id, "steps"],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) => {
      const query = { page_size: PAGE, ...(pageParam && { page_token: pageParam }) };
      return answer(api.GET("/console/v1/tickets/{ticket_id}/timeline", { params: { path: { ticket_id: id }, query }, signal }));
    },
    getNextPageParam: (last) => (last.has_more ? last.page_token : undefined),
  });
}

/** What waits for an app is looked at again so often: the stream does not tell of attempts. */
const WAITING_MS = 5_000;

function deliveries(id: string) {
  return infiniteQueryOptions({
    queryKey: ["timeline", id, "deliveries"],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) => {
      const query = { page_size: PAGE, ...(pageParam && { page_token: pageParam }) };
      return answer(api.GET("/console/v1/tickets/{ticket_id}/deliveries", { params: { path: { ticket_id: id }, query }, signal }));
    },
    getNextPageParam: (last) => (last.has_more ? last.page_token : undefined),
    refetchInterval: ({ state }) => state.data?.pages.some(({ deliveries }) => deliveries.some((sent) => sent.state === "pending")) && WAITING_MS,
  });
}

function menus(desk: string) {
  return queryOptions({
    queryKey: ["menus", desk],
    staleTime: 20_000,
    queryFn: ({ signal }) => answer(api.GET("/console/v1/desks/{helpdesk_id}", { params: { path: { helpdesk_id: desk } }, signal })),
  });
}

/** Who is found by a text; without one, who can be given something first. */
function agents(desk: string, key: string) {
  return queryOptions({
    queryKey: ["agents", desk, key],
    staleTime: 5_000,
    queryFn: ({ signal }) => answer(api.GET("/console/v1/desks/{helpdesk_id}/agents", { params: { path: { helpdesk_id: desk }, query: { ...(key && { key }) } }, signal })),
  });
}

function canned(desk: string) {
  return queryOptions({
    queryKey: ["canned", desk],
    staleTime: 60_000,
    queryFn: async ({ signal }) => (await answer(api.GET("/console/v1/canned-replies", { params: { query: { helpdesk_id: desk } }, signal }))).canned_replies,
  });
}

function faqs(desk: string, q: string) {
  return queryOptions({
    queryKey: ["faqs", desk, q],
    enabled: q !== "",
    queryFn: async ({ signal }) => (await answer(api.GET("/console/v1/faqs", { params: { query: { helpdesk_id: desk, q } }, signal }))).faqs,
  });
}

const views = queryOptions({
  queryKey: ["views"],
  staleTime: 60_000,
  queryFn: async () => (await answer(api.GET("/console/v1/views"))).views,
});

export const read = { me, inboxes, tickets, search, ticket, timeline, deliveries, menus, agents, canned, faqs, views };

/** Notes what time it is on the server. */
function clocked<T extends { now: number }>(given: T): T {
  heard(given.now);
  return given;
}

function at(id: string) {
  return { params: { path: { ticket_id: id } } };
}

export interface Part {
  before?: number;
  after?: number;
  limit: number;
}

export function conversationPart(id: string, part: Part, signal?: AbortSignal) {
  return answer(api.GET("/console/v1/tickets/{ticket_id}/messages", { params: { path: { ticket_id: id }, query: part }, ...(signal && { signal }) }));
}

/** What changes something. Each answers what stands then. */
export const write = {
  reply: (id: string, text: string, client_id: string) => answer(api.POST("/console/v1/tickets/{ticket_id}/messages", { ...at(id), body: { text, client_id } })),
  note: (id: string, text: string, client_id: string) => answer(api.POST("/console/v1/tickets/{ticket_id}/notes", { ...at(id), body: { text, client_id } })),
  faq: (id: string, faq_id: string, client_id: string) => answer(api.POST("/console/v1/tickets/{ticket_id}/faq", { ...at(id), body: { faq_id, client_id } })),
  picture: (id: string, file: File, client_id: string) => {
    const form = new FormData();
    form.set("client_id", client_id);
    form.set("image", file);
    return answer(api.POST("/console/v1/tickets/{ticket_id}/images", { ...at(id), body: { image: file.name }, bodySerializer: () => form }));
  },
  act: (id: string, body: Action) => answer(api.POST("/console/v1/tickets/{ticket_id}/actions", { ...at(id), body })),
  change: (id: string, body: Change) => answer(api.PATCH("/console/v1/tickets/{ticket_id}", { ...at(id), body })),
  status: (status: "online" | "offline", helpdesk_id?: string) => answer(api.PUT("/console/v1/me", { body: { status, ...(helpdesk_id && { helpdesk_id }) } })),
  draft: (id: string, text: string, isPrivate: boolean) => answer(api.PUT("/console/v1/tickets/{ticket_id}/draft", { ...at(id), body: { text, private: isPrivate }, keepalive: text.length < 10_000 })),
  dropDraft: (id: string) => answer(api.DELETE("/console/v1/tickets/{ticket_id}/draft", { ...at(id), keepalive: true })),
  present: (id: string, viewing: boolean, typing: boolean) => answer(api.POST("/console/v1/tickets/{ticket_id}/presence", { ...at(id), body: { viewing, typing }, keepalive: true })),
  newCanned: (body: Schemas["ConsoleNewCannedReply"]) => answer(api.POST("/console/v1/canned-replies", { body })),
  changeCanned: (id: string, body: Schemas["ConsoleChangeCannedReply"]) => answer(api.PATCH("/console/v1/canned-replies/{canned_reply_id}", { params: { path: { canned_reply_id: id } }, body })),
  dropCanned: (id: string) => answer(api.DELETE("/console/v1/canned-replies/{canned_reply_id}", { params: { path: { canned_reply_id: id } } })),
  newView: (body: Schemas["ConsoleSaveView"]) => answer(api.POST("/console/v1/views", { body })),
  dropView: (id: string) => answer(api.DELETE("/console/v1/views/{view_id}", { params: { path: { view_id: id } } })),
};

/** Where a picture of a ticket is read. */
export function pictureUrl(ticketId: string, key: string): string {
  return `/console/v1/tickets/${encodeURIComponent(ticketId)}/images/${encodeURIComponent(key)}`;
}
