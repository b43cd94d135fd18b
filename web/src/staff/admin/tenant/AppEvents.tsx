// The event page of an app: by which way events reach it, and which.

import Button from "@douyinfe/semi-ui-19/lib/es/button";
import Input from "@douyinfe/semi-ui-19/lib/es/input";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../api/client";
import { asFailure } from "../../api/failure";
import { Fault } from "../../shell/states";
import { Badge } from "../../ui/Badge";
import { Choice } from "../../ui/Choice";
import { Field } from "../../ui/Field";
import { SaveRow } from "../../ui/SaveRow";
import type { App } from "./api";
import { useChange } from "./OneApp";
import { Ticks } from "./Ticks";

interface SecretProps {
  label: string;
  /** What is shown of the one that is there. */
  masked: string | undefined;
  value: string;
  gone: boolean;
  why: string | undefined;
  onChange: (value: string, gone: boolean) => void;
}

/** A secret that can be written and taken away, and never read. */
function SecretField({ label, masked, value, gone, why, onChange }: SecretProps) {
  const { t } = useTranslation("admin");
  return (
    <div className="stack-close">
      <Field label={label} hint={masked ? t("apps.isSet", { masked }) : t("apps.isNotSet")} why={why}>
        {(attributes) => <Input {...attributes} type="password" autoComplete="new-password" disabled={gone} value={value} onChange={(next) => onChange(next, false)} />}
      </Field>
      {masked && (
        <label className="row tick">
          <input type="checkbox" checked={gone} onChange={(event) => onChange("", event.target.checked)} /> {t("apps.takeAway", { what: label })}
        </label>
      )}
    </div>
  );
}

/** Sends the challenge that comes before the first event, and tells what came back. */
function Check({ app }: { app: App }) {
  const { t } = useTranslation("admin");
  const client = useQueryClient();
  const check = useMutation({
    mutationFn: () => answer(api.POST("/admin/v1/apps/{app_id}/check", { params: { path: { app_id: app.app_id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["apps"] }),
  });
  return (
    <div className="stack-close">
      <p>
        {app.url_verified ? <Badge tone="good">{t("apps.verified")}</Badge> : <Badge tone="warn">{t("apps.unverified")}</Badge>} <span className="muted">{t("apps.checkWhy")}</span>
      </p>
      <div className="row">
        <Button loading={check.isPending} onClick={() => check.mutate()}>
          {t("apps.check")}
        </Button>
        <span role="status">{check.data && `${t(check.data.passed ? "apps.passed" : "apps.failed")} ${check.data.outcome}`}</span>
      </div>
      {check.error && <Fault error={check.error} />}
    </div>
  );
}

export function Events({ app, types }: { app: App; types: string[] }) {
  const { t } = useTranslation("admin");
  const [delivery, setDelivery] = useState(app.delivery);
  const [url, setUrl] = useState(app.url ?? "");
  const [asked, setAsked] = useState(app.event_types);
  const [token, setToken] = useState({ value: "", gone: false });
  const [key, setKey] = useState({ value: "", gone: false });
  const save = useChange(app.app_id);
  const failure = save.error ? asFailure(save.error) : null;
  const why = (at: string): string | undefined => failure?.fields.find(({ field }) => field.startsWith(`events.${at}`))?.why;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const events = {
      delivery,
      url: url.trim(),
      types: asked,
      ...((token.value || token.gone) && { verification_token: token.value }),
      ...((key.value || key.gone) && { encrypt_key: key.value }),
    };
    const written = (): void => {
      setToken({ value: "", gone: false });
      setKey({ value: "", gone: false });
    };
    save.mutate({ events }, { onSuccess: written });
  };
  const set = (change: () => void): void => {
    change();
    save.reset();
  };
  const told = ["delivery", "url", "verification_token", "encrypt_key"].some(why);
  return (
    <form className="card stack" onSubmit={submit} noValidate aria-label={t("apps.events")}>
      <h2>{t("apps.events")}</h2>
      <div className="field">
        <span aria-hidden="true">{t("apps.way")}</span>
        <Choice
          label={t("apps.way")}
          value={delivery}
          options={[
            ["webhook", t("apps.delivery.webhook")],
            ["long_connection", t("apps.delivery.long_connection")],
          ]}
          onChange={(way) => way && set(() => setDelivery(way))}
        />
        {why("delivery") && <p className="field-why">{why("delivery")}</p>}
      </div>
      {delivery === "webhook" && (
        <Field label={t("apps.url")} hint={t("apps.urlHint")} why={why("url")}>
          {(attributes) => <Input {...attributes} type="url" value={url} onChange={(next) => set(() => setUrl(next))} />}
        </Field>
      )}
      {app.delivery === "webhook" && delivery === "webhook" && app.url && app.url === url.trim() && <Check app={app} />}
      <SecretField label={t("apps.token")} masked={app.verification_token} {...token} why={why("verification_token")} onChange={(value, gone) => set(() => setToken({ value, gone }))} />
      <SecretField label={t("apps.key")} masked={app.encrypt_key} {...key} why={why("encrypt_key")} onChange={(value, gone) => set(() => setKey({ value, gone }))} />
      <Ticks legend={t("apps.types")} options={types.map((type): [string, string] => [type, ""])} chosen={asked} onChange={(next) => set(() => setAsked(next))} />
      {failure && !told && <Fault error={failure} />}
      <SaveRow save={save} saved={t("apps.saved")} />
    </form>
  );
}
