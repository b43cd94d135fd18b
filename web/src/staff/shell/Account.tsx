// What everybody may do with their own account: another password, the end of their sessions.

import Button from "@douyinfe/semi-ui-19/lib/es/button";
import Input from "@douyinfe/semi-ui-19/lib/es/input";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../api/client";
import { asFailure } from "../api/failure";
import { useSignedIn } from "../api/session";
import { Badge } from "../ui/Badge";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { Time } from "../ui/Time";
import { Fault, Read } from "./states";

function Password() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [old, setOld] = useState("");
  const [next, setNext] = useState("");
  const save = useMutation({
    mutationFn: () => answer(api.PUT("/admin/v1/me/password", { body: { old_password: old, new_password: next } })),
    onSuccess: () => {
      setOld("");
      setNext("");
      void client.invalidateQueries({ queryKey: ["own-sessions"] });
    },
  });
  const failure = save.error ? asFailure(save.error) : null;
  const why = (name: string): string | undefined => failure?.fields.find(({ field }) => field === name)?.why;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (old && next) save.mutate();
  };
  const write = (set: (text: string) => void) => (text: string) => {
    set(text);
    save.reset();
  };
  return (
    <form className="stack" onSubmit={submit} noValidate>
      <h3>{t("account.password")}</h3>
      <Field label={t("account.old")} why={why("old_password")}>
        {(attributes) => <Input {...attributes} type="password" autoComplete="current-password" value={old} onChange={write(setOld)} />}
      </Field>
      <Field label={t("account.new")} hint={t("account.newHint")} why={why("new_password")}>
        {(attributes) => <Input {...attributes} type="password" autoComplete="new-password" value={next} onChange={write(setNext)} />}
      </Field>
      {failure && !why("old_password") && !why("new_password") && <Fault error={failure} />}
      <div className="row">
        <Button htmlType="submit" loading={save.isPending} disabled={!old || !next}>
          {t("account.change")}
        </Button>
        <span role="status">{save.isSuccess && t("account.changed")}</span>
      </div>
    </form>
  );
}

/** What a browser calls itself, and what it is. The first that fits counts: most say that they are others, too. */
const BROWSERS = [["Edg/", "Edge"], ["OPR/", "Opera"], ["Firefox/", "Firefox"], ["Chrome/", "Chrome"], ["Safari/", "Safari"]] as const;
const SYSTEMS = [["iPhone", "iPhone"], ["iPad", "iPad"], ["Android", "Android"], ["Windows", "Windows"], ["Mac OS", "macOS"], ["Linux", "Linux"]] as const;

/** A browser and its system in words; what is neither, such as a script, as it calls itself. */
function named(userAgent: string): string {
  const found = [BROWSERS, SYSTEMS].map((known) => known.find(([mark]) => userAgent.includes(mark))?.[1]);
  return found.filter(Boolean).join(", ") || userAgent;
}

function Session({ session }: { session: Schemas["OwnSession"] }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const end = useMutation({
    mutationFn: () => answer(api.DELETE("/admin/v1/me/sessions/{session_id}", { params: { path: { session_id: session.id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["own-sessions"] }),
  });
  return (
    <li className="line">
      <span className="line-main">
        <span title={session.user_agent}>{session.user_agent ? named(session.user_agent) : t("account.unknown")}</span> {session.is_this && <Badge tone="good">{t("account.this")}</Badge>}
        <span className="line-why">
          {t("account.since")} <Time at={session.created_at} /> · {t("account.seen")} <Time at={session.seen_at} />
        </span>
        {end.error && <Fault error={end.error} />}
      </span>
      {!session.is_this && (
        <Button size="small" type="danger" loading={end.isPending} onClick={() => end.mutate()}>
          {t("account.end")}
        </Button>
      )}
    </li>
  );
}

export function Account({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const { person } = useSignedIn();
  const sessions = useQuery({ queryKey: ["own-sessions"], queryFn: () => answer(api.GET("/admin/v1/me/sessions")) });
  return (
    <Dialog title={t("account.title")} onClose={onClose}>
      <p className="muted">{[person.name, person.email].filter(Boolean).join(" · ")}</p>
      <Password />
      <h3>{t("account.sessions")}</h3>
      <Read query={sessions}>
        {({ sessions: all }) => (
          <ul className="rows">
            {all.map((session) => (
              <Session key={session.id} session={session} />
            ))}
          </ul>
        )}
      </Read>
    </Dialog>
  );
}
