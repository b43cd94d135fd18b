import { useTranslation } from "react-i18next";
import { Badge, type Tone } from "./Badge";
import { Time } from "./Time";

export interface Call {
  log_id: string;
  /** Unix ms. */
  at: number;
  method: string;
  path: string;
  app_id?: string;
  /** None yet, or the connection was closed without an answer. */
  status?: number | null;
  code?: number | null;
  took_ms?: number | null;
  /** A fault of the developer's had a hand in it. */
  by_fault?: boolean;
}

function toneOf({ status, code, by_fault: byFault }: Call): Tone {
  if (status == null) return byFault ? "bad" : "plain";
  if (status >= 500) return "bad";
  return status >= 400 || (code ?? 0) !== 0 ? "warn" : "good";
}

/** What a call's answer was, in a word. */
export function Outcome({ call }: { call: Call }) {
  const { t } = useTranslation();
  return (
    <Badge tone={toneOf(call)}>
      {call.status ?? (call.by_fault ? t("call.dropped") : "…")}
      {call.code ? ` / ${call.code}` : ""}
    </Badge>
  );
}

/** A call as a line of a list. */
export function CallLine({ call }: { call: Call }) {
  return (
    <>
      <span className="line-main">
        <strong>{call.method}</strong> <span className="line-path">{call.path}</span>
        {call.app_id && <span className="line-why">{call.app_id}</span>}
      </span>
      <span className="line-end">
        <Outcome call={call} />
        <Time at={call.at} exact />
      </span>
    </>
  );
}
