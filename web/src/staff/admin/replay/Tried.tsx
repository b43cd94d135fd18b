// With which scores something is tried: those in use, or others.

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../api/client";
import { Choice } from "../../ui/Choice";
import { Score } from "../Score";

/** Nothing: as the help desk answers today. */
export interface Change {
  direct_score?: number;
  list_score?: number;
}

interface TriedProps {
  deskId: string;
  change: Change;
  onChange: (change: Change) => void;
}

export function Tried({ deskId, change, onChange }: TriedProps) {
  const { t } = useTranslation("admin");
  const { data: answering } = useQuery({
    queryKey: ["answering", deskId],
    queryFn: () => answer(api.GET("/admin/v1/desks/{helpdesk_id}/answering", { params: { path: { helpdesk_id: deskId } } })),
  });
  const [direct, list] = [change.direct_score, change.list_score];
  const set = (which: "" | "other"): void =>
    onChange(which === "other" && answering ? { direct_score: answering.direct_score, list_score: answering.list_score } : {});
  return (
    <>
      <div className="field">
        <span aria-hidden="true">{t("replay.with")}</span>
        <Choice label={t("replay.with")} value={direct === undefined ? "" : "other"} options={answering ? [["other", t("replay.other")]] : []} any={t("replay.asItIs")} onChange={set} />
      </div>
      {direct !== undefined && list !== undefined && (
        <>
          <Score label={t("answering.direct")} hint={t("answering.directHint")} value={direct} onChange={(score) => onChange({ direct_score: score, list_score: Math.min(list, score) })} />
          <Score label={t("answering.list")} hint={t("answering.listHint")} value={list} onChange={(score) => onChange({ list_score: score, direct_score: Math.max(direct, score) })} />
        </>
      )}
    </>
  );
}
