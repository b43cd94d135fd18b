// What the pages about apps and users read.

import { useQuery } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../../api/client";
import { useSignedIn } from "../../api/session";

export type App = Schemas["AdminApp"];
export type User = Schemas["AdminUser"];

/** What waits for an app, and who is connected, changes by itself. */
const LOOK_MS = 10_000;

export function useApps() {
  return useQuery({ queryKey: ["apps"], queryFn: () => answer(api.GET("/admin/v1/apps")), refetchInterval: LOOK_MS });
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
