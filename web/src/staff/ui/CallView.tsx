// A whole call that came in.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { language } from "../i18n";
import { type Call, Outcome } from "./CallLine";
import { CAUSES, OTHER_CAUSES } from "./causes";
import { Code, pretty } from "./Code";
import { Facts } from "./Detail";
import { useStore } from "./store";
import { Time } from "./Time";

interface Body {
  bytes: number;
  /** None: it is not shown. */
  text?: string | null;
  /** Only the beginning is there. */
  cut?: boolean;
}

interface Part {
  headers: (readonly string[])[];
  body: Body;
}

export interface Mistake {
  cause?: string | null | undefined;
  fix?: string | null | undefined;
  fields: { field: string; why: string }[];
}

function Headers({ headers }: Pick<Part, "headers">) {
  const { t } = useTranslation();
  if (headers.length === 0) return null;
  return (
    <details>
      <summary>
        {t("call.headers")} ({headers.length})
      </summary>
      <Facts facts={headers.map(([name = "", value]) => [name, <code key={name}>{value}</code>])} />
    </details>
  );
}

function Content({ body: { bytes, text, cut }, label, masked }: { body: Body; label: string; masked: boolean }) {
  const { t } = useTranslation();
  if (bytes === 0) return <p className="muted">{t("call.noBody")}</p>;
  if (text == null) return <p className="muted">{t(masked ? "call.hidden" : "call.binary", { count: bytes })}</p>;
  return (
    <>
      <Code label={masked ? t("call.masked", { what: label }) : label} text={pretty(text)} copies={text} />
      {cut && <p className="muted">{t("call.cut", { count: bytes })}</p>}
    </>
  );
}

/** The cause in the reader's language. */
function causeOf(cause: string, code: number | null | undefined): string {
  return CAUSES[code ?? 0] ?? OTHER_CAUSES[cause] ?? cause;
}

function Mistaken({ cause: said, fix, fields, code }: Mistake & { code: number | null | undefined }) {
  const { t } = useTranslation();
  const spoken = useStore(language);
  if (!said && !fix) return null;
  const cause = said && spoken === "zh" ? causeOf(said, code) : said;
  // What the advice says already is not said again.
  const more = fields.filter(({ why }) => !fix?.includes(why));
  return (
    <div className="mistake">
      {cause && (
        <p>
          <strong>{t("call.cause")}</strong> {cause}
        </p>
      )}
      {fix && (
        <p>
          <strong>{t("call.fix")}</strong> {fix}
        </p>
      )}
      {more.length > 0 && (
        <ul>
          {more.map(({ field, why }) => (
            <li key={field + why}>
              <code>{field}</code> {why}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

interface CallViewProps {
  call: Call;
  query?: string | null | undefined;
  request: Part;
  /** None: there is no answer. */
  response?: Part | undefined;
  mistake: Mistake;
  /** Whether secrets and what people wrote are hidden. */
  masked?: boolean;
}

/** A whole call: what came, what was answered, what went wrong and what mends it. */
export function CallView({ call, query, request, response, mistake, masked = false }: CallViewProps) {
  const { t } = useTranslation();
  const facts: [string, ReactNode][] = [
    [t("call.outcome"), <Outcome key="outcome" call={call} />],
    [t("call.at"), <Time key="at" at={call.at} exact />],
  ];
  if (call.took_ms != null) facts.push([t("call.took"), t("call.ms", { count: call.took_ms })]);
  if (call.app_id) facts.push([t("call.by"), <code key="app">{call.app_id}</code>]);
  facts.push([t("logId"), <code key="id">{call.log_id}</code>]);
  return (
    <div className="stack">
      <p className="call-line">
        <strong>{call.method}</strong> <code>{call.path + (query ? `?${query}` : "")}</code>
      </p>
      <Mistaken {...mistake} code={call.code} />
      <Facts facts={facts} />
      <h3>{t("call.request")}</h3>
      <Headers headers={request.headers} />
      <Content body={request.body} label={t("call.requestBody")} masked={masked} />
      <h3>{t("call.answer")}</h3>
      {response ? (
        <>
          <Headers headers={response.headers} />
          <Content body={response.body} label={t("call.answerBody")} masked={masked} />
        </>
      ) : (
        <p className="muted">{t("call.noAnswer")}</p>
      )}
    </div>
  );
}
