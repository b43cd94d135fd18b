// How a help desk answers: who, and from which scores on.

import Input from "@douyinfe/semi-ui-19/lib/es/input";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../api/client";
import { asFailure } from "../api/failure";
import { Page } from "../shell/Shell";
import { Fault, Read } from "../shell/states";
import { Choice } from "../ui/Choice";
import { Field } from "../ui/Field";
import { SaveRow } from "../ui/SaveRow";
import { useDesk } from "./desk";
import { Score } from "./Score";
import { TestBox } from "./TestBox";
import { Thresholds } from "./Thresholds";

type Answering = Schemas["Answering"];

const BY = ["app_then_builtin", "builtin", "app"] as const;

/** What the two scores mean, as parts of the line from 0 to 1. */
function Scale({ direct, list }: { direct: number; list: number }) {
  const { t } = useTranslation("admin");
  const parts = [
    ["none", list],
    ["list", direct - list],
    ["direct", 1 - direct],
  ] as const;
  return (
    <figure className="scale">
      <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
        <rect className="bar-none" width={list * 100} height="10" />
        <rect className="bar-list" x={list * 100} width={Math.max(0, direct - list) * 100} height="10" />
        <rect className="bar-direct" x={direct * 100} width={(1 - direct) * 100} height="10" />
      </svg>
      <figcaption>
        <ul>
          {parts.map(([part, width]) => (
            <li key={part} className={width <= 0 ? "muted" : ""}>
              <span className={`dot bar-${part}`} aria-hidden="true" /> {t(`answering.parts.${part}`, { list: list.toFixed(2), direct: direct.toFixed(2) })}
            </li>
          ))}
        </ul>
      </figcaption>
    </figure>
  );
}

/** Only what was changed here is sent, so that what somebody else changed meanwhile stays. */
function changesOf(before: Answering, after: Answering): Partial<Answering> {
  const names = Object.keys(after) as (keyof Answering)[];
  return Object.fromEntries(names.filter((name) => after[name] !== before[name]).map((name) => [name, after[name]]));
}

function AnsweringForm({ deskId, answering }: { deskId: string; answering: Answering }) {
  const { t } = useTranslation(["admin", "shell"]);
  const client = useQueryClient();
  const [draft, setDraft] = useState(answering);
  const [begun, setBegun] = useState(answering);
  const save = useMutation({
    mutationFn: () =>
      answer(
        api.PATCH("/admin/v1/desks/{helpdesk_id}/answering", {
          params: { path: { helpdesk_id: deskId } },
          body: changesOf(begun, draft),
        }),
      ),
    onSuccess: (changed) => {
      setDraft(changed);
      setBegun(changed);
      client.setQueryData(["answering", deskId], changed);
      // What is tried is answered by the new scores.
      return client.invalidateQueries({ queryKey: ["faqs", deskId, "explain"] });
    },
  });
  const set = (change: Partial<Answering>): void => {
    setDraft({ ...draft, ...change });
    save.reset();
  };
  const failure = save.error ? asFailure(save.error) : null;
  const why = (name: string): string | undefined => failure?.fields.find(({ field }) => field.endsWith(name))?.why;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form className="card stack" onSubmit={submit} noValidate>
      <div className="field">
        <span aria-hidden="true">{t("answering.by")}</span>
        <Choice label={t("answering.by")} value={draft.by} options={BY.map((by) => [by, t(`answering.whom.${by}`)])} onChange={(by) => by && set({ by })} />
      </div>
      {draft.by === "app_then_builtin" && (
        <Field label={t("answering.timeout")} hint={t("answering.timeoutHint")} why={why("app_timeout_ms")}>
          {(attributes) => <Input {...attributes} className="short" type="number" value={String(draft.app_timeout_ms)} onChange={(text) => set({ app_timeout_ms: Number(text) })} />}
        </Field>
      )}
      <Scale direct={draft.direct_score} list={draft.list_score} />
      {/* The list's score is at most the direct one, so each takes the other along. */}
      <Score label={t("answering.direct")} hint={t("answering.directHint")} value={draft.direct_score} onChange={(direct) => set({ direct_score: direct, list_score: Math.min(draft.list_score, direct) })} />
      <Score label={t("answering.list")} hint={t("answering.listHint")} value={draft.list_score} onChange={(list) => set({ list_score: list, direct_score: Math.max(draft.direct_score, list) })} />
      <Thresholds deskId={deskId} saved={{ direct: begun.direct_score, list: begun.list_score }} draft={{ direct: draft.direct_score, list: draft.list_score }} />
      <Field label={t("answering.size")} hint={t("answering.sizeHint")} why={why("list_size")}>
        {(attributes) => <Input {...attributes} className="short" type="number" min={1} max={10} value={String(draft.list_size)} onChange={(text) => set({ list_size: Number(text) })} />}
      </Field>
      <Field label={t("answering.idle")} hint={t("answering.idleHint")} why={why("idle_close_min")}>
        {(attributes) => <Input {...attributes} className="short" type="number" min={0} value={String(draft.idle_close_min ?? 0)} onChange={(text) => set({ idle_close_min: Number(text) })} />}
      </Field>
      {failure && <Fault error={failure} />}
      <SaveRow save={save} saved={t("answering.saved")} />
    </form>
  );
}

export function AnsweringPage() {
  const { t } = useTranslation("admin");
  const { deskId } = useParams({ strict: false }) as { deskId: string };
  const desk = useDesk();
  const query = useQuery({
    queryKey: ["answering", deskId],
    queryFn: () => answer(api.GET("/admin/v1/desks/{helpdesk_id}/answering", { params: { path: { helpdesk_id: deskId } } })),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  return (
    <Page title={t("answering.title")} lead={desk?.name}>
      <div className="beside">
        <Read query={query}>{(answering) => <AnsweringForm key={deskId} deskId={deskId} answering={answering} />}</Read>
        <TestBox deskId={deskId} />
      </div>
    </Page>
  );
}
