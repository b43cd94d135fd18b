// The calls about notifications, and what their answers change.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../../api/client";

export type Entry = Schemas["AdminNotificationEntry"];
export type Shown = Schemas["AdminNotificationData"];
export type Notification = Shown["notification"];
export type State = Shown["state"];
/** What the server may allow, but for changing a draft. */
export type Step = "preview" | "submit" | "approve" | "reject" | "send" | "withdraw" | "stop" | "recall";
export type Input = Schemas["NotificationInput"];

/** By the number of `push_scope_type`. */
const SCOPES = ["everyone", "chats", "some", "newcomers"] as const;

export function scopeOf(number: number): (typeof SCOPES)[number] {
  return SCOPES[number] ?? "some";
}

/** How often one is looked at again while a server has work with it, and when it is out and people read it. */
const LOOK_MS = 3_000;
const READ_LOOK_MS = 10_000;

/** Whether a server has work with it, so that it changes by itself. */
export function isMoving(state: State): boolean {
  return state === "waiting" || state === "sending";
}

/** One that is there, or a new one, of which nothing is to be read. */
export function useNotification(deskId: string, id: string) {
  return useQuery({
    enabled: id !== "new",
    queryKey: ["notifications", deskId, "one", id],
    queryFn: () => answer(api.GET("/admin/v1/desks/{helpdesk_id}/notifications/{notification_id}", { params: { path: { helpdesk_id: deskId, notification_id: id } } })),
    refetchInterval: ({ state: { data } }) => {
      if (!data) return false;
      if (isMoving(data.state)) return LOOK_MS;
      return data.state === "sent" || data.state === "recalled" ? READ_LOOK_MS : false;
    },
  });
}

export type Act =
  | { what: "preview" }
  | { what: "submit"; reason: string }
  | { what: "withdraw" }
  | { what: "decide"; approve: boolean; reason: string; seen: number }
  | { what: "send"; at?: number }
  | { what: "cancel"; recall: boolean };

/** One step with a notification. */
export function useAct(deskId: string, id: string) {
  const client = useQueryClient();
  const params = { path: { helpdesk_id: deskId, notification_id: id } };
  const call = (act: Act) => {
    const at = "/admin/v1/desks/{helpdesk_id}/notifications/{notification_id}" as const;
    switch (act.what) {
      case "preview":
        return api.POST(`${at}/preview`, { params });
      case "submit":
        return api.POST(`${at}/submit`, { params, body: { reason: act.reason } });
      case "withdraw":
        return api.POST(`${at}/withdraw`, { params });
      case "decide":
        return api.POST(`${at}/decide`, { params, body: { approve: act.approve, reason: act.reason, seen: act.seen } });
      case "send":
        return api.POST(`${at}/send`, { params, body: act.at === undefined ? {} : { send_at: act.at } });
      case "cancel":
        return api.POST(`${at}/cancel`, { params, body: { is_recall: act.recall } });
    }
  };
  return useMutation({
    mutationFn: (act: Act) => answer(call(act)),
    onSuccess: (shown) => {
      client.setQueryData(["notifications", deskId, "one", id], shown);
      return client.invalidateQueries({ queryKey: ["notifications", deskId, "list"] });
    },
  });
}
