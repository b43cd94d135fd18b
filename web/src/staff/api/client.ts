// Calls of the server's own APIs, typed by the server's own OpenAPI document.

import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "../../generated/api";
import { Failure, failureOf } from "./failure";

export type Schemas = components["schemas"];

let csrf = "";

/** What the session says has to come with every change. */
export function trustToken(token: string): void {
  csrf = token;
}

/** The header of a change that is made by cookie. */
function changeHeaders(): Record<string, string> {
  return csrf ? { "X-CSRF-Token": csrf } : {};
}

const around: Middleware = {
  onRequest({ request }) {
    if (request.method !== "GET") for (const [name, value] of Object.entries(changeHeaders())) request.headers.set(name, value);
    return request;
  },
  async onResponse({ response }) {
    if (!response.ok) throw await failureOf(response);
  },
  onError({ error }) {
    return new Failure(0, error instanceof Error ? error.message : String(error));
  },
};

export const api = createClient<paths, "application/json">({ baseUrl: location.origin, cache: "no-store", credentials: "same-origin" });
api.use(around);

/** The answer of a call. Whatever is not one was thrown as a Failure before. */
export async function answer<T>(call: Promise<{ data?: T }>): Promise<T> {
  return (await call).data as T;
}
