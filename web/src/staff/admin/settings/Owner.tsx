import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../../api/client";
import { useSignedIn } from "../../api/session";
import { Fault } from "../../shell/states";
import { Confirmed } from "../../ui/Confirmed";
import { type Candidate, PersonField, peopleOf } from "../PersonField";
import { agents } from "../roster/api";
import type { Person } from "./People";

/** Who owns the help desk, and the way to make it another agent's. */
export function Owner({ deskId, owner }: { deskId: string; owner: Person }) {
  const { t } = useTranslation("admin");
  const client = useQueryClient();
  const navigate = useNavigate();
  const { person } = useSignedIn();
  const [chosen, setChosen] = useState<Candidate | null>(null);
  const roster = useQuery(agents(deskId));
  const others = (roster.data?.agents ?? []).filter(({ is_owner: isOwner }) => !isOwner);
  const name = chosen?.name ?? "";
  const give = () => answer(api.PATCH("/admin/v1/desks/{helpdesk_id}/settings", { params: { path: { helpdesk_id: deskId } }, body: { owner: chosen?.open_id ?? null } }));
  const given = async (settings: Schemas["AdminSettings"]): Promise<void> => {
    setChosen(null);
    // Whoever gave their own help desk away may not look at this page any more.
    if (person.role !== "admin") await navigate({ to: "/" });
    else client.setQueryData(["settings", deskId], settings);
    await client.invalidateQueries({ predicate: ({ queryKey: [what] }) => what === "session" || what === "agents" || what === "desks" });
  };
  return (
    <section className="card stack" aria-labelledby="owner-title">
      <h2 id="owner-title">{t("settings.owner")}</h2>
      <p>
        {owner.name} {owner.email && <small className="muted">{owner.email}</small>}
      </p>
      <p className="field-hint">{t("settings.ownerWhy")}</p>
      {roster.error && <Fault error={roster.error} onRetry={() => void roster.refetch()} />}
      {others.length > 0 && (
        <div className="stack owner-new">
          <PersonField
            label={t("settings.newOwner")}
            why={undefined}
            source={peopleOf(deskId, true)}
            likely={others.map(({ agent_id, name: agent, email }) => ({ open_id: agent_id, name: agent, ...(email && { email }), can_sign_in: true }))}
            value={chosen}
            onPick={setChosen}
            onLeave={() => setChosen(null)}
          />
          <div className="row">
            <Confirmed disabled={!chosen} label={t("settings.handOver")} title={t("settings.handOverTitle", { name })} act={give} onDone={given}>
              <p>{t("settings.handOverWhy", { name, old: owner.name })}</p>
            </Confirmed>
          </div>
        </div>
      )}
    </section>
  );
}
