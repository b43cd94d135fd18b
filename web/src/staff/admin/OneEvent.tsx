// One event: where it stands, what its app reads, and every attempt at it.

import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api } from "../api/client";
import { Fault, Read } from "../shell/states";
import { Badge } from "../ui/Badge";
import { Code } from "../ui/Code";
import { Attempts } from "../ui/DeliveryLine";
import { Detail, Facts } from "../ui/Detail";
import { TONES } from "../ui/deliveries";
import { Standing } from "../ui/Standing";
import { Time } from "../ui/Time";

const LOOK_MS = 5_000;

export function OneEvent() {
  const { t } = useTranslation(["admin", "shell"]);
  const { deliveryId = "" } = useParams({ strict: false }) as { deliveryId?: string };
  const client = useQueryClient();
  const params = { path: { delivery_id: deliveryId } };
  const [masked, setMasked] = useState(true);
  const query = useQuery({
    queryKey: ["events", "one", deliveryId, masked],
    queryFn: () => answer(api.GET("/admin/v1/events/{delivery_id}", { params: { ...params, query: { masked } } })),
    refetchInterval: LOOK_MS,
    placeholderData: (before) => (before?.delivery.delivery_id === deliveryId ? before : undefined),
  });
  const resend = useMutation({
    mutationFn: () => answer(api.POST("/admin/v1/events/{delivery_id}/resend", { params })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["events"] }),
  });
  const actions = query.data && (
    <Button size="small" theme="solid" loading={resend.isPending} onClick={() => resend.mutate()}>
      {t("shell:delivery.resend")}
    </Button>
  );
  return (
    <Detail title={t("events.one")} back="/events" actions={actions}>
      {resend.error && <Fault error={resend.error} />}
      {resend.isSuccess && (
        <p role="status" className="done">
          {t("shell:delivery.resent")}
        </p>
      )}
      <Read query={query}>
        {({ delivery, standing, lack, to, event, attempts }) => {
          const facts: [string, ReactNode][] = [
            [t("shell:delivery.state"), <Badge key="state" tone={TONES[delivery.state]}>{t(`shell:delivery.${delivery.state}`)}</Badge>],
            [t("shell:delivery.app"), <span key="app">{to?.name ? `${to.name} ` : ""}<code>{delivery.app_id}</code></span>],
          ];
          if (to?.url) facts.push([t("shell:delivery.url"), <code key="url">{to.url}</code>]);
          if (delivery.ticket_id !== "0") facts.push([t("shell:delivery.ticket"), <code key="ticket">{delivery.ticket_id}</code>]);
          facts.push([t("shell:delivery.at"), <Time key="at" at={delivery.created_at} exact />]);
          if (delivery.state === "pending") facts.push([t("shell:delivery.next"), <Time key="next" at={delivery.next_at} exact />]);
          if (to) facts.push([t("shell:delivery.encrypted"), t(to.encrypted ? "shell:yes" : "shell:no")]);
          return (
            <div className="stack">
              <p className="call-line">
                <strong>{delivery.event_type}</strong>
              </p>
              <Standing standing={standing} lack={lack} attempts={attempts} />
              <Facts facts={facts} />
              <h3>{t("shell:delivery.attempts")}</h3>
              <Attempts attempts={attempts} />
              <label className="row tick">
                <input type="checkbox" checked={!masked} onChange={(change) => setMasked(!change.target.checked)} /> {t("events.texts")}
              </label>
              {event === undefined ? <p className="muted">{t("shell:delivery.gone")}</p> : <Code label={t("shell:delivery.event")} text={JSON.stringify(event, null, 2)} />}
            </div>
          );
        }}
      </Read>
    </Detail>
  );
}
