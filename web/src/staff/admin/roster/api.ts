// What the pages about agents and skills read.

import { queryOptions, useQuery } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../../api/client";

export type Agent = Schemas["AdminAgent"];
export type Skill = Schemas["AdminSkill"];
export type Rule = Schemas["Rule"];

/** Agents come and go by other hands, and by their schedules. */
const LOOK_MS = 15_000;

export function agents(deskId: string) {
  return queryOptions({
    queryKey: ["agents", deskId],
    queryFn: () => answer(api.GET("/admin/v1/desks/{helpdesk_id}/agents", { params: { path: { helpdesk_id: deskId } } })),
  });
}

export function useAgents(deskId: string) {
  return useQuery({ ...agents(deskId), refetchInterval: LOOK_MS });
}

export function useSkills(deskId: string) {
  return useQuery({
    queryKey: ["skills", deskId],
    queryFn: () => answer(api.GET("/admin/v1/desks/{helpdesk_id}/skills", { params: { path: { helpdesk_id: deskId } } })),
  });
}

export function useRules(deskId: string) {
  return useQuery({
    queryKey: ["skill-rules", deskId],
    queryFn: () => answer(api.GET("/admin/v1/desks/{helpdesk_id}/skill-rules", { params: { path: { helpdesk_id: deskId } } })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
