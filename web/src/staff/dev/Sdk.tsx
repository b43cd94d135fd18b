// Programs that work at this desk as they stand.

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Page } from "../shell/Shell";
import { Read } from "../shell/states";
import { Choice } from "../ui/Choice";
import { Code } from "../ui/Code";
import { type Credential, dev } from "./api";
import { type Desk, SNIPPETS } from "./snippets";

const KINDS = ["call", "bot"] as const;

/** The numbered credentials, as `deskwire dev` printed them. */
function numbered(credentials: Credential[], what: string): [id: string, secret: string][] {
  const value = (name: string): string | undefined => credentials.find((credential) => credential.name === name)?.value;
  const all: [string, string][] = [];
  for (let number = 1; ; number += 1) {
    const prefix = `DESKWIRE_${what}${number === 1 ? "" : number}`;
    const id = value(`${prefix}_ID`);
    if (id === undefined) return all;
    all.push([id, value(`${prefix}_${what === "APP" ? "SECRET" : "TOKEN"}`) ?? "…"]);
  }
}

export function Sdk() {
  const { t } = useTranslation("dev");
  const query = useQuery({ queryKey: ["credentials"], queryFn: dev.credentials });
  const [language, setLanguage] = useState(SNIPPETS[0]?.id ?? "");
  const [kind, setKind] = useState<(typeof KINDS)[number]>("call");
  const [app, setApp] = useState("");
  const [desk, setDesk] = useState("");
  return (
    <Page title={t("sdk.title")} lead={t("sdk.lead")}>
      <Read query={query}>
        {(credentials) => {
          const apps = numbered(credentials, "APP");
          const desks = numbered(credentials, "HELPDESK");
          const [appId, appSecret] = apps.find(([id]) => id === app) ?? apps[0] ?? ["APP_ID", "APP_SECRET"];
          const [deskId, deskToken] = desks.find(([id]) => id === desk) ?? desks[0] ?? ["HELPDESK_ID", "HELPDESK_TOKEN"];
          const filled: Desk = { url: location.origin, appId, appSecret, deskId, deskToken };
          const snippet = SNIPPETS.find(({ id }) => id === language);
          return (
            <div className="stack">
              <div className="row">
                <Choice label={t("sdk.language")} value={language} options={SNIPPETS.map(({ id, name }) => [id, name])} onChange={setLanguage} />
                <Choice label={t("sdk.kind")} value={kind} options={KINDS.map((one) => [one, t(`sdk.kinds.${one}`)])} onChange={(one) => one && setKind(one)} />
                {apps.length > 1 && <Choice label={t("sdk.app")} value={appId} options={apps.map(([id]) => [id, id])} onChange={setApp} />}
                {desks.length > 1 && <Choice label={t("sdk.desk")} value={deskId} options={desks.map(([id]) => [id, id])} onChange={setDesk} />}
              </div>
              {kind === "bot" && <p className="muted">{t("sdk.botWhy")}</p>}
              {snippet && (
                <>
                  <Code label={t("sdk.install")} text={snippet.install} />
                  <Code label={`${snippet.name}: ${t(`sdk.kinds.${kind}`)}`} text={snippet[kind](filled)} />
                </>
              )}
            </div>
          );
        }}
      </Read>
    </Page>
  );
}
