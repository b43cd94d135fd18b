// How things stand between an app and this server: what it subscribed to, what waits, who is connected.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../../api/client";
import { Fault } from "../../shell/states";
import { Badge } from "../../ui/Badge";
import { Connections } from "../../ui/Connections";
import { Facts } from "../../ui/Detail";
import { Time } from "../../ui/Time";
import { Ticks } from "./Ticks";

type Detail = Schemas["AdminAppDetail"];
const TONES = { closed: "good", narrowed: "warn", open: "bad" } as const;

interface DeskProps {
  appId: string;
  desk: Schemas["AdminSubscription"];
  types: string[];
}

/** What an app gets of a help desk; each tick counts at once. */
function Desk({ appId, desk, types }: DeskProps) {
  const { t } = useTranslation("admin");
  const client = useQueryClient();
  const path = { app_id: appId, helpdesk_id: desk.helpdesk_id };
  const save = useMutation({
    mutationFn: (chosen: string[]) => answer(api.PUT("/admin/v1/apps/{app_id}/subscriptions/{helpdesk_id}", { params: { path }, body: { types: chosen } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["apps", appId] }),
    onSettled: () => setTicked(undefined),
  });
  // Shown at once: what is under way is known a moment later, and until then the tick would go back.
  const [ticked, setTicked] = useState<string[]>();
  const tick = (chosen: string[]): void => {
    setTicked(chosen);
    save.mutate(chosen);
  };
  return (
    <div>
      <Ticks legend={desk.helpdesk} options={types.map((type): [string, string] => [type, ""])} chosen={ticked ?? desk.types} disabled={save.isPending} onChange={tick} />
      <span role="status">{save.isSuccess && t("apps.saved")}</span>
      {save.error && <Fault error={save.error} />}
    </div>
  );
}

export function Standing({ detail, types }: { detail: Detail; types: string[] }) {
  const { t } = useTranslation("admin");
  const { app, subscriptions, waiting, dead, breaker, open_until: until, connections } = detail;
  return (
    <>
      <section className="card stack" aria-label={t("apps.subscriptions")}>
        <h2>{t("apps.subscriptions")}</h2>
        <p className="muted">{t("apps.subscriptionsWhy")}</p>
        {subscriptions.map((desk) => (
          <Desk key={desk.helpdesk_id} appId={app.app_id} desk={desk} types={types} />
        ))}
      </section>
      <section className="card stack" aria-label={t("apps.standing")}>
        <h2>{t("apps.standing")}</h2>
        <Facts
          facts={[
            [t("apps.waiting"), <Badge key="waiting" tone={waiting > 0 ? "warn" : "good"}>{waiting}</Badge>],
            [t("apps.dead"), <Badge key="dead" tone={dead > 0 ? "bad" : "good"}>{dead}</Badge>],
            [
              t("apps.breaker"),
              <span key="breaker" className="row">
                <Badge tone={TONES[breaker]}>{t(`apps.is.${breaker}`)}</Badge> {until !== undefined && (
                  <>
                    {t("apps.until")} <Time at={until} exact />
                  </>
                )}
              </span>,
            ],
          ]}
        />
        {app.delivery === "long_connection" && <Connections connections={connections} />}
      </section>
    </>
  );
}
