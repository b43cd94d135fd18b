// One event: what its app reads, and every attempt at it.

import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Fault, Read } from "../shell/states";
import { Badge } from "../ui/Badge";
import { Code } from "../ui/Code";
import { Copy } from "../ui/Copy";
import { Attempts } from "../ui/DeliveryLine";
import { TONES } from "../ui/deliveries";
import { Standing } from "../ui/Standing";
import { Time } from "../ui/Time";
import { dev } from "./api";
import { Detail, Facts } from "../ui/Detail";

export function OneEvent() {
  const { t } = useTranslation(["dev", "shell"]);
  const { deliveryId = "" } = useParams({ strict: false }) as { deliveryId?: string };
  const client = useQueryClient();
  const query = useQuery({ queryKey: ["deliveries", "one", deliveryId], queryFn: () => dev.delivery(deliveryId) });
  const resend = useMutation({
    mutationFn: () => dev.resend(deliveryId),
    onSuccess: () => client.invalidateQueries({ queryKey: ["deliveries"] }),
  });
  const actions = query.data && (
    <>
      {query.data.curl && <Copy label={t("shell:asCurl")} text={query.data.curl} />}
      <Button size="small" theme="solid" loading={resend.isPending} onClick={() => resend.mutate()}>
        {t("shell:delivery.resend")}
      </Button>
    </>
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
        {(delivery) => (
          <div className="stack">
            <p className="call-line">
              <strong>{delivery.event_type}</strong>
            </p>
            <Standing standing={delivery.standing} lack={delivery.lack} attempts={delivery.attempt_list} />
            <Facts
              facts={[
                [t("shell:delivery.state"), <Badge key="state" tone={TONES[delivery.state]}>{t(`shell:delivery.${delivery.state}`)}</Badge>],
                [t("shell:delivery.app"), <code key="app">{delivery.app_id}</code>],
                ...(delivery.url ? [[t("shell:delivery.url"), <code key="url">{delivery.url}</code>] as [string, React.ReactNode]] : []),
                ...(delivery.ticket_id === "0" ? [] : [[t("shell:delivery.ticket"), <code key="ticket">{delivery.ticket_id}</code>] as [string, React.ReactNode]]),
                [t("shell:delivery.at"), <Time key="at" at={delivery.created_at} exact />],
                ...(delivery.state === "pending" ? [[t("shell:delivery.next"), <Time key="next" at={delivery.next_at} exact />] as [string, React.ReactNode]] : []),
                [t("shell:delivery.encrypted"), t(delivery.encrypted ? "shell:yes" : "shell:no")],
              ]}
            />
            <h3>{t("shell:delivery.attempts")}</h3>
            <Attempts attempts={delivery.attempt_list} />
            {delivery.event === null ? <p className="muted">{t("shell:delivery.gone")}</p> : <Code label={t("shell:delivery.event")} text={JSON.stringify(delivery.event, null, 2)} />}
          </div>
        )}
      </Read>
    </Detail>
  );
}
