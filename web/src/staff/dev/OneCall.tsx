// One call: what came, what was answered, what went wrong and what mends it.

import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Read } from "../shell/states";
import { Code, pretty } from "../ui/Code";
import { Copy } from "../ui/Copy";
import { Time } from "../ui/Time";
import { type Body, dev, type Header, type WholeCall } from "./api";
import { Outcome } from "./Calls";
import { asCurl } from "../ui/curl";
import { Detail, Facts } from "../ui/Detail";

function Headers({ headers, label }: { headers: Header[]; label: string }) {
  if (headers.length === 0) return null;
  return (
    <details>
      <summary>
        {label} ({headers.length})
      </summary>
      <Facts facts={headers.map(([name, value]) => [name, <code key={name}>{value}</code>])} />
    </details>
  );
}

function Content({ body, label }: { body: Body; label: string }) {
  const { t } = useTranslation("dev");
  if (body.bytes === 0) return <p className="muted">{t("call.noBody")}</p>;
  if (body.text === null) return <p className="muted">{t("call.binary", { count: body.bytes })}</p>;
  return (
    <>
      <Code label={label} text={pretty(body.text)} copies={body.text} />
      {body.cut && <p className="muted">{t("call.cut", { count: body.bytes })}</p>}
    </>
  );
}

function Mistake({ error }: { error: NonNullable<WholeCall["error"]> }) {
  const { t } = useTranslation("dev");
  const fields = (error.fields ?? []).filter(({ description }) => !error.fix?.includes(description));
  return (
    <div className="mistake">
      {error.cause && (
        <p>
          <strong>{t("call.cause")}</strong> {error.cause}
        </p>
      )}
      {error.fix && (
        <p>
          <strong>{t("call.fix")}</strong> {error.fix}
        </p>
      )}
      {fields.length > 0 && (
        <ul>
          {fields.map(({ field, description }) => (
            <li key={field + description}>
              <code>{field}</code> {description}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

export function OneCall() {
  const { t } = useTranslation("dev");
  const { logId = "" } = useParams({ strict: false }) as { logId?: string };
  const query = useQuery({ queryKey: ["calls", "one", logId], queryFn: () => dev.call(logId) });
  return (
    <Detail title={t("call.title")} back="/calls" actions={query.data && <Copy label={t("asCurl")} text={() => asCurl(query.data, location.origin)} />}>
      <Read query={query}>
        {(call) => (
          <div className="stack">
            <p className="call-line">
              <strong>{call.method}</strong> <code>{call.path + (call.query ? `?${call.query}` : "")}</code>
            </p>
            {call.error && (call.error.cause || call.error.fix) && <Mistake error={call.error} />}
            <Facts
              facts={[
                [t("call.outcome"), <Outcome key="outcome" call={call} />],
                [t("call.at"), <Time key="at" at={call.at} exact />],
                ...(call.took_ms === null ? [] : [[t("call.took"), t("ms", { count: call.took_ms })] as [string, string]]),
                [t("call.logId"), <code key="id">{call.log_id}</code>],
              ]}
            />
            <h3>{t("call.request")}</h3>
            <Headers headers={call.headers} label={t("call.headers")} />
            <Content body={call.body} label={t("call.requestBody")} />
            <h3>{t("call.answer")}</h3>
            {call.answer ? (
              <>
                <Headers headers={call.answer.headers} label={t("call.headers")} />
                <Content body={call.answer.body} label={t("call.answerBody")} />
              </>
            ) : (
              <p className="muted">{t("call.noAnswer")}</p>
            )}
          </div>
        )}
      </Read>
    </Detail>
  );
}
