// The apps of a tenant.

import IconPlus from "@douyinfe/semi-icons/lib/es/icons/IconPlus";
import Button from "@douyinfe/semi-ui-19/lib/es/button";
import Input from "@douyinfe/semi-ui-19/lib/es/input";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../../api/client";
import { Page } from "../../shell/Shell";
import { Fault, Nothing, Read } from "../../shell/states";
import { Badge } from "../../ui/Badge";
import { Dialog } from "../../ui/Dialog";
import { Field } from "../../ui/Field";
import { type App, useApps } from "./api";
import { Once } from "./Once";

function Line({ app }: { app: App }) {
  const { t } = useTranslation("admin");
  const events = app.delivery === "webhook" ? (app.url ?? t("apps.noUrl")) : t("apps.connected", { count: app.connections });
  const unverified = app.delivery === "webhook" && app.url && !app.url_verified;
  return (
    <Link to="/apps/$appId" params={{ appId: app.app_id }} className="line">
      <span className="line-main">
        <strong>{app.name ?? app.app_id}</strong>
        {app.name && (
          <span className="line-why">
            <code>{app.app_id}</code>
          </span>
        )}
      </span>
      <span className="line-main line-why">
        {t(`apps.delivery.${app.delivery}`)} · {events} {unverified && <Badge tone="warn">{t("apps.unverified")}</Badge>}
      </span>
    </Link>
  );
}

/** Asks for a name, makes the app, and shows its secrets. */
function NewApp({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation(["admin", "shell"]);
  const client = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [made, setMade] = useState<Schemas["AdminNewApp"]>();
  const create = useMutation({
    mutationFn: () => answer(api.POST("/admin/v1/apps", { body: { name } })),
    onSuccess: (created) => {
      setMade(created);
      void client.invalidateQueries({ queryKey: ["apps"] });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    create.mutate();
  };
  if (made) {
    const values: [string, string][] = [
      ["app_id", made.app.app_id],
      ["app_secret", made.app_secret],
      ...(made.verification_token ? [["verification_token", made.verification_token] as [string, string]] : []),
    ];
    return <Once title={t("apps.made")} values={values} onDone={() => void navigate({ to: "/apps/$appId", params: { appId: made.app.app_id } })} />;
  }
  return (
    <Dialog title={t("apps.add")} onClose={onClose}>
      <form className="stack" onSubmit={submit} noValidate>
        <Field label={t("apps.name")} hint={t("apps.nameHint")}>
          {(attributes) => <Input {...attributes} maxLength={200} value={name} onChange={setName} />}
        </Field>
        {create.error && <Fault error={create.error} />}
        <div className="dialog-actions">
          <Button onClick={onClose}>{t("shell:cancel")}</Button>
          <Button htmlType="submit" theme="solid" loading={create.isPending}>
            {t("apps.make")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

export function Apps() {
  const { t } = useTranslation("admin");
  const query = useApps();
  const [adding, setAdding] = useState(false);
  const add = (
    <Button theme="solid" icon={<IconPlus aria-hidden />} onClick={() => setAdding(true)}>
      {t("apps.add")}
    </Button>
  );
  return (
    <Page title={t("apps.title")} lead={t("apps.lead")} actions={add}>
      <Read query={query}>
        {({ apps }) =>
          apps.length === 0 ? (
            <Nothing title={t("apps.none")}>{t("apps.noneWhy")}</Nothing>
          ) : (
            <ul className="rows">
              {apps.map((app) => (
                <li key={app.app_id}>
                  <Line app={app} />
                </li>
              ))}
            </ul>
          )
        }
      </Read>
      {adding && <NewApp onClose={() => setAdding(false)} />}
    </Page>
  );
}
