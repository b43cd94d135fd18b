import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { Nothing } from "../shell/states";
import { Badge } from "./Badge";
import { Time } from "./Time";

/** Long connections that are open. */
export function Connections({ connections }: { connections: Schemas["LongConnection"][] }) {
  const { t } = useTranslation();
  if (connections.length === 0) return <Nothing title={t("connections.none")}>{t("connections.noneWhy")}</Nothing>;
  return (
    <ul className="cards">
      {connections.map(({ device_id: id, app_id: app, peer, user_agent: agent, since, last_ping: ping, in_flight: waiting, last_failure: failure }) => (
        <li key={id} className="card stack">
          <div>
            <h2>
              <code>{app}</code>
            </h2>
            <p className="muted">{agent}</p>
          </div>
          <dl className="facts">
            <div>
              <dt>{t("connections.peer")}</dt>
              <dd>
                <code>{peer}</code>
              </dd>
            </div>
            <div>
              <dt>{t("connections.since")}</dt>
              <dd>
                <Time at={since} exact />
              </dd>
            </div>
            {ping !== undefined && (
              <div>
                <dt>{t("connections.ping")}</dt>
                <dd>
                  <Time at={ping} exact />
                </dd>
              </div>
            )}
            <div>
              <dt>{t("connections.waiting")}</dt>
              <dd>
                <Badge tone={waiting > 0 ? "warn" : "good"}>{waiting}</Badge>
              </dd>
            </div>
            {failure && (
              <div>
                <dt>{t("connections.failure")}</dt>
                <dd>
                  {failure.text} (<Time at={failure.at} exact />)
                </dd>
              </div>
            )}
          </dl>
        </li>
      ))}
    </ul>
  );
}
