// Decisions about gaps and duplicates, and what they change on screen.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../../api/client";

export type Gap = Schemas["AdminGap"];
export type Decision = Schemas["AdminDecision"];

/** Reads anew whatever a decision or another FAQ changes. */
export function useRenew(deskId: string): () => Promise<unknown> {
  const client = useQueryClient();
  return async () => {
    // The lists first: they may no longer have a FAQ that is gone, which then is not asked for.
    await client.invalidateQueries({ queryKey: ["gaps", deskId] });
    await client.invalidateQueries({ queryKey: ["faqs", deskId] });
  };
}

/** Takes back a rejection, or that two FAQs stay two. */
export function useWithdraw(deskId: string, onDone: () => void) {
  const renew = useRenew(deskId);
  return useMutation({
    mutationFn: (id: string) =>
      answer(api.DELETE("/admin/v1/desks/{helpdesk_id}/gap-decisions/{decision_id}", { params: { path: { helpdesk_id: deskId, decision_id: id } } })),
    onSuccess: async () => {
      onDone();
      await renew();
    },
  });
}
