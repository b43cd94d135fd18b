// One app: what it may do, how events reach it, and how that stands.

import Input from "@douyinfe/semi-ui-19/lib/es/input";
import TextArea from "@douyinfe/semi-ui-19/lib/es/input/textarea";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../../api/client";
import { asFailure } from "../../api/failure";
import { language } from "../../i18n";
import { Page } from "../../shell/Shell";
import { Fault, Read } from "../../shell/states";
import { Field } from "../../ui/Field";
import { Confirmed } from "../../ui/Confirmed";
import { SaveRow } from "../../ui/SaveRow";
import { useStore } from "../../ui/store";
import { type App, useApp, useChoices } from "./api";
import { Events } from "./AppEvents";
import { Standing } from "./AppStanding";
import { Once } from "./Once";
import { Ticks } from "./Ticks";

/** Saves something about an app, and has what shows it look again. */
export function useChange(appId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["AdminAppBody"]) => answer(api.PATCH("/admin/v1/apps/{app_id}", { params: { path: { app_id: appId } }, body })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["apps"] }),
  });
}

/** What scopes are called in the texts here. */
const SCOPES: Partial<Record<string, "all" | "read" | "access" | "userId" | "email" | "offline">> = {
  "helpdesk:all": "all",
  "helpdesk:all:readonly": "read",
  "helpdesk:helpdesk:access": "access",
  "contact:user.employee_id:readonly": "userId",
  "contact:user.email:readonly": "email",
  offline_access: "offline",
};

function About({ app, known }: { app: App; known: Schemas["AdminScope"][] }) {
  const { t } = useTranslation("admin");
  const spoken = useStore(language);
  const [name, setName] = useState(app.name ?? "");
  const [scopes, setScopes] = useState(app.scopes);
  const [urls, setUrls] = useState(app.redirect_urls.join("\n"));
  const save = useChange(app.app_id);
  const failure = save.error ? asFailure(save.error) : null;
  const why = (at: string): string | undefined => failure?.fields.find(({ field }) => field.startsWith(at))?.why;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate({ name, scopes, redirect_urls: urls.split("\n").map((url) => url.trim()).filter(Boolean) });
  };
  // The server's own words are those of the log-in page, to the one who logs in.
  const wordsOf = (scope: (typeof known)[number]): string => {
    const key = SCOPES[scope.name];
    return key ? t(`apps.scope.${key}`) : spoken === "zh" ? scope.chinese : scope.english;
  };
  const foreign = app.scopes.filter((scope) => known.every(({ name: own }) => own !== scope));
  const options = [
    ...known.map((scope): [string, string] => [scope.name, wordsOf(scope)]),
    ...foreign.map((scope): [string, string] => [scope, t("apps.opensNothing")]),
  ];
  const set = (change: () => void): void => {
    change();
    save.reset();
  };
  return (
    <form className="card stack" onSubmit={submit} noValidate>
      <Field label={t("apps.name")} hint={t("apps.nameHint")} why={why("name")}>
        {(attributes) => <Input {...attributes} maxLength={200} value={name} onChange={(next) => set(() => setName(next))} />}
      </Field>
      <Ticks legend={t("apps.scopes")} options={options} chosen={scopes} onChange={(next) => set(() => setScopes(next))} />
      <Field label={t("apps.redirect")} hint={t("apps.redirectHint")} why={why("redirect_urls")}>
        {(attributes) => <TextArea {...attributes} autosize={{ minRows: 2, maxRows: 8 }} value={urls} onChange={(next) => set(() => setUrls(next))} />}
      </Field>
      {failure && !["name", "redirect_urls"].some(why) && <Fault error={failure} />}
      <SaveRow save={save} saved={t("apps.saved")} />
    </form>
  );
}

/** Another secret, after it was said what that ends; and the app's end. */
function Danger({ app }: { app: App }) {
  const { t } = useTranslation("admin");
  const client = useQueryClient();
  const navigate = useNavigate();
  const [secret, setSecret] = useState<string>();
  const path = { app_id: app.app_id };
  const renew = () => answer(api.POST("/admin/v1/apps/{app_id}/secret", { params: { path } }));
  const remove = () => answer(api.DELETE("/admin/v1/apps/{app_id}", { params: { path } }));
  const gone = async (): Promise<void> => {
    await navigate({ to: "/apps" });
    client.removeQueries({ queryKey: ["apps", app.app_id] });
    await client.invalidateQueries({ queryKey: ["apps"] });
  };
  return (
    <section className="card stack" aria-label={t("apps.secret")}>
      <h2>{t("apps.secret")}</h2>
      <p className="muted">{t("apps.secretWhy")}</p>
      <div className="row">
        <Confirmed danger label={t("apps.renew")} title={t("apps.renewTitle")} act={renew} onDone={({ app_secret: renewed }) => setSecret(renewed)}>
          <p>{t("apps.renewWhy")}</p>
        </Confirmed>
        <Confirmed danger label={t("apps.delete")} title={t("apps.deleteTitle", { name: app.name ?? app.app_id })} act={remove} onDone={gone}>
          <p>{t("apps.deleteWhy")}</p>
        </Confirmed>
      </div>
      {secret && <Once title={t("apps.renewed")} values={[["app_secret", secret]]} onDone={() => setSecret(undefined)} />}
    </section>
  );
}

export function OneApp() {
  const { t } = useTranslation("admin");
  const { appId } = useParams({ strict: false }) as { appId: string };
  const query = useApp(appId);
  const choices = useChoices();
  const back = <Link to="/apps">← {t("apps.title")}</Link>;
  return (
    <Page title={query.data?.app.name ?? appId} lead={back}>
      <Read query={query}>
        {(detail) => (
          <Read query={choices}>
            {({ scopes, types }) => (
              <div className="stack" key={appId}>
                <p>
                  <code>{detail.app.app_id}</code> · {t(`apps.type.${detail.app.type}`)}
                </p>
                <About app={detail.app} known={scopes} />
                <Events app={detail.app} types={types} />
                <Standing detail={detail} types={types} />
                <Danger app={detail.app} />
              </div>
            )}
          </Read>
        )}
      </Read>
    </Page>
  );
}
