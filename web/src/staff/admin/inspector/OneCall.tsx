// One call of the open API, masked: what came, what was answered, what went wrong and what mends it.

import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../../api/client";
import { Read } from "../../shell/states";
import { Code, pretty } from "../../ui/Code";
import { Copy } from "../../ui/Copy";
import { asCurl } from "../../ui/curl";
import { Detail, Facts } from "../../ui/Detail";
import { Time } from "../../ui/Time";
import { Outcome } from "./Calls";

type Whole = Schemas["AdminCallDetail"];

function Headers({ headers }: { headers: string[][] }) {
  const { t } = useTranslation("admin");
  if (headers.length === 0) return null;
  return (
    <details>
      <summary>
        {t("inspector.headers")} ({headers.length})
      </summary>
      <Facts facts={headers.map(([name = "", value]) => [name, <code key={name}>{value}</code>])} />
    </details>
  );
}

function Content({ body, label }: { body: Schemas["AdminCallBody"]; label: string }) {
  const { t } = useTranslation("admin");
  if (body.bytes === 0) return <p className="muted">{t("inspector.noBody")}</p>;
  if (body.text === undefined) return <p className="muted">{t("inspector.hidden", { count: body.bytes })}</p>;
  return <Code label={label} text={pretty(body.text)} copies={body.text} />;
}

function Mistake({ whole: { cause, fix, fields } }: { whole: Whole }) {
  const { t } = useTranslation("admin");
  if (!cause && !fix) return null;
  return (
    <div className="mistake">
      {cause && (
        <p>
          <strong>{t("inspector.cause")}</strong> {cause}
        </p>
      )}
      {fix && (
        <p>
          <strong>{t("inspector.fix")}</strong> {fix}
        </p>
      )}
      {fields.length > 0 && (
        <ul>
          {fields.map(({ field, why }) => (
            <li key={field + why}>
              <code>{field}</code> {why}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

export function OneCall() {
  const { t } = useTranslation("admin");
  const { logId = "" } = useParams({ strict: false }) as { logId?: string };
  const query = useQuery({
    queryKey: ["api-call", logId],
    queryFn: () => answer(api.GET("/admin/v1/calls/{log_id}", { params: { path: { log_id: logId } } })),
  });
  const curl = ({ call, query: asked, headers, body }: Whole): string => asCurl({ method: call.method, path: call.path, query: asked, headers, body }, location.origin);
  const { data } = query;
  return (
    <Detail title={t("inspector.one")} back="/calls" actions={data && <Copy label={t("inspector.curl")} text={() => curl(data)} />}>
      <Read query={query}>
        {(whole) => (
          <div className="stack">
            <p className="call-line">
              <strong>{whole.call.method}</strong> <code>{whole.call.path + (whole.query ? `?${whole.query}` : "")}</code>
            </p>
            <Mistake whole={whole} />
            <Facts
              facts={[
                [t("inspector.outcome"), <Outcome key="outcome" call={whole.call} />],
                [t("inspector.at"), <Time key="at" at={whole.call.at} exact />],
                ...(whole.call.took_ms === undefined ? [] : [[t("inspector.took"), `${whole.call.took_ms} ms`] as [string, string]]),
                ...(whole.call.app_id ? [[t("inspector.by"), <code key="app">{whole.call.app_id}</code>] as [string, ReactNode]] : []),
                [t("inspector.logId"), <code key="id">{whole.call.log_id}</code>],
              ]}
            />
            <h3>{t("inspector.request")}</h3>
            <Headers headers={whole.headers} />
            <Content body={whole.body} label={t("inspector.requestBody")} />
            <h3>{t("inspector.answer")}</h3>
            <Headers headers={whole.answer_headers} />
            {whole.answer_body ? <Content body={whole.answer_body} label={t("inspector.answerBody")} /> : <p className="muted">{t("inspector.noAnswer")}</p>}
          </div>
        )}
      </Read>
    </Detail>
  );
}
