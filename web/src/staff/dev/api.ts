// The developer controls under /dev/v1. They are in no OpenAPI document, because only `deskwire dev` has them, so their
// shapes stand here; docs/developer-controls.md describes them.

import type { Schemas } from "../api/client";
import { failureOf } from "../api/failure";

export interface Call {
  number: number;
  log_id: string;
  /** Unix ms. */
  at: number;
  method: string;
  path: string;
  /** None yet, or the connection was closed without an answer. */
  status: number | null;
  code: number | null;
  took_ms: number | null;
  /** A fault of the developer's had a hand in it. */
  by_fault: boolean;
}

export interface Body {
  bytes: number;
  /** Only the beginning was kept. */
  cut: boolean;
  /** None: it is no text. */
  text: string | null;
}

export type Header = [name: string, value: string];

export interface WholeCall extends Call {
  query: string | null;
  headers: Header[];
  body: Body;
  answer?: { headers: Header[]; body: Body };
  error?: { cause: string | null; fix: string | null; fields?: { field: string; description: string }[] | null } | null;
}

export type Delivery = Schemas["EventDelivery"];
export type Connection = Schemas["LongConnection"];

export interface WholeDelivery extends Delivery {
  /** As its app reads it; none if the app is gone. */
  event: unknown;
  encrypted: boolean;
  attempt_list: Schemas["EventAttempt"][];
  standing: Schemas["EventStanding"];
  /** What the app lacks to get it. */
  lack: Schemas["EventLack"] | null;
  /** The app's request URL. */
  url: string | null;
  /** A command that sends it; none without a request URL. */
  curl: string | null;
}

export interface Fault {
  id: number;
  route: string;
  status?: number;
  code?: number;
  percent: number;
  delay_ms: number;
  drop?: "request" | "answer";
  duplicate: boolean;
  times?: number;
  happened: number;
}

export interface NewFault {
  route: string;
  status?: number;
  code?: number;
  percent?: number;
  delay_ms?: number;
  drop?: "request" | "answer";
  duplicate?: boolean;
  times?: number;
}

export interface Credential {
  name: string;
  value: string;
}

type Method = "GET" | "POST" | "DELETE";

async function call<T>(method: Method, path: string, body?: unknown): Promise<T> {
  const init: RequestInit = { method, cache: "no-store" };
  if (method !== "GET") init.headers = { "Content-Type": "application/json" };
  if (body !== undefined) init.body = JSON.stringify(body);
  const response = await fetch(`/dev/v1${path}`, init);
  if (!response.ok) throw await failureOf(response);
  return (await response.json()) as T;
}

function query(asked: Record<string, string | number | undefined>): string {
  const set = Object.entries(asked).filter(([, value]) => value !== undefined && value !== "");
  return set.length === 0 ? "" : `?${new URLSearchParams(set.map(([name, value]) => [name, String(value)]))}`;
}

export const PAGE = 50;

export interface CallFilter {
  path: string;
  status: string;
  code: string;
}

export interface DeliveryFilter {
  state: string;
  type: string;
  ticket: string;
}

export const dev = {
  stream: "/dev/v1/stream",
  calls: async (filter: CallFilter, before?: number) => (await call<{ requests: Call[] }>("GET", `/requests${query({ ...filter, before, limit: PAGE })}`)).requests,
  call: (logId: string) => call<WholeCall>("GET", `/requests/${encodeURIComponent(logId)}`),
  deliveries: async (filter: DeliveryFilter, before?: string) =>
    (await call<{ deliveries: Delivery[] }>("GET", `/deliveries${query({ ...filter, before, limit: PAGE })}`)).deliveries,
  delivery: (id: string) => call<WholeDelivery>("GET", `/deliveries/${encodeURIComponent(id)}`),
  resend: (id: string) => call<object>("POST", `/deliveries/${encodeURIComponent(id)}/resend`, {}),
  connections: async () => (await call<{ connections: Connection[] }>("GET", "/connections")).connections,
  clock: async () => (await call<{ now_ms: number }>("GET", "/clock")).now_ms,
  advance: async (ms: number) => (await call<{ now_ms: number }>("POST", "/clock", { advance_ms: ms })).now_ms,
  faults: async () => (await call<{ faults: Fault[] }>("GET", "/faults")).faults,
  addFault: (fault: NewFault) => call<{ fault: Fault }>("POST", "/faults", fault),
  endFault: (id: number) => call<object>("DELETE", `/faults/${id}`),
  endFaults: () => call<object>("DELETE", "/faults"),
  reset: () => call<object>("POST", "/reset", {}),
  credentials: async () => (await call<{ credentials: Credential[] }>("GET", "/credentials")).credentials,
};
