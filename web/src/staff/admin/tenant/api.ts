// What the pages about apps and users read.

import { queryOptions, useQuery } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../../api/client";
import { useSignedIn } from "../../api/session";

export type App = Schemas["AdminApp"];
export type User = Schemas["AdminUser"];

/** What waits for an app, and who is connected, changes by itself. */
const LOOK_MS = 10_000;

const apps = queryOptions({ queryKey: ["apps"], queryFn: () => answer(api.GET("/admin/v1/apps")) });

export function useApps() {
  return useQuery({ ...apps, refetchInterval: LOOK_MS });
}

/** What apps may be given and subscribe to. The list of apps tells it; that one is not looked at again for it. */
export function useChoices() {
  return useQuery({ ...apps, select: ({ scopes, event_types: types }) => ({ scopes, types }), staleTime: Number.POSITIVE_INFINITY });
}

export function useApp(appId: string) {
  return useQuery({
    queryKey: ["apps", appId],
    queryFn: () => answer(api.GET("/admin/v1/apps/{app_id}", { params: { path: { app_id: appId } } })),
    refetchInterval: LOOK_MS,
  });
}

/** Whether whoever looks at the page administers the tenant. */
export function useAdministers(): boolean {
  return useSignedIn().person.role === "admin";
}
