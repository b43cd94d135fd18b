import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { Badge } from "./Badge";
import { TONES } from "./deliveries";
import { Time } from "./Time";

/** A delivery as a line of a list. */
export function DeliveryLine({ delivery }: { delivery: Schemas["EventDelivery"] }) {
  const { t } = useTranslation();
  const { event_type: type, app_id: app, state, attempts, created_at: at, outcome } = delivery;
  return (
    <>
      <span className="line-main">
        <strong>{type.replace(/^helpdesk\./, "")}</strong> <span className="line-path">{app}</span>
        {outcome && state !== "delivered" && <span className="line-why">{outcome}</span>}
      </span>
      <span className="line-end">
        <Badge tone={TONES[state]}>
          {t(`delivery.${state}`)}
          {attempts > 1 ? ` (${attempts})` : ""}
        </Badge>
        <Time at={at} exact />
      </span>
    </>
  );
}

/** What was tried, oldest first. */
export function Attempts({ attempts }: { attempts: Schemas["EventAttempt"][] }) {
  const { t } = useTranslation();
  if (attempts.length === 0) return <p className="muted">{t("delivery.noAttempt")}</p>;
  return (
    <ol className="attempts">
      {attempts.map(({ attempt, at, duration_ms: took, http_status: status, outcome }) => (
        <li key={attempt}>
          <span className="row">
            <Badge tone={status === 200 ? "good" : status === undefined ? "bad" : "warn"}>{status ?? "–"}</Badge>
            <Time at={at} exact />
            <span className="muted">{took} ms</span>
          </span>
          <span>{outcome}</span>
        </li>
      ))}
    </ol>
  );
}
