// One call of the open API, masked: what came, what was answered, what went wrong and what mends it, and its events.

import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../../api/client";
import { Read } from "../../shell/states";
import { CallView } from "../../ui/CallView";
import { Copy } from "../../ui/Copy";
import { asCurl } from "../../ui/curl";
import { DeliveryLine } from "../../ui/DeliveryLine";
import { Detail } from "../../ui/Detail";

/** Events that are looked through for those of a call. */
const EVENTS = 200;

interface CausedProps {
  call: Schemas["AdminCall"];
  ticketId: string;
}

/** The events that a call caused: those of its ticket from when it came until it was answered. */
function Caused({ call, ticketId }: CausedProps) {
  const { t } = useTranslation("admin");
  const query = useQuery({
    queryKey: ["events", "of-call", call.log_id],
    queryFn: () => answer(api.GET("/admin/v1/events", { params: { query: { ticket_id: ticketId, page_size: EVENTS } } })),
  });
  const isItsOwn = ({ created_at: at }: Schemas["EventDelivery"]) => at >= call.at && (call.took_ms == null || at <= call.at + call.took_ms);
  return (
    <section className="stack" aria-label={t("inspector.events")}>
      <h3>{t("inspector.events")}</h3>
      <Read query={query}>
        {({ events }) => {
          const caused = events.filter(isItsOwn).toReversed();
          if (caused.length === 0) return <p className="muted">{t("inspector.noEvents")}</p>;
          return (
            <ul className="rows">
              {caused.map((delivery) => (
                <li key={delivery.delivery_id}>
                  <Link to="/events/$deliveryId" params={{ deliveryId: delivery.delivery_id }} className="line" preload={false}>
                    <DeliveryLine delivery={delivery} />
                  </Link>
                </li>
              ))}
            </ul>
          );
        }}
      </Read>
      <p>
        <Link to="/events" search={{ ticket: ticketId }}>
          {t("inspector.allEvents")}
        </Link>
      </p>
    </section>
  );
}

export function OneCall() {
  const { t } = useTranslation();
  const { logId = "" } = useParams({ strict: false }) as { logId?: string };
  const query = useQuery({
    queryKey: ["api-call", logId],
    queryFn: () => answer(api.GET("/admin/v1/calls/{log_id}", { params: { path: { log_id: logId } } })),
  });
  const { data } = query;
  return (
    <Detail title={t("call.title")} back="/calls" actions={data && <Copy label={t("asCurl")} text={() => asCurl({ ...data.call, ...data }, location.origin)} />}>
      <Read query={query}>
        {(whole) => {
          const response = whole.answer_body && { headers: whole.answer_headers, body: whole.answer_body };
          return (
            <div className="stack">
              <CallView masked call={whole.call} query={whole.query} request={whole} response={response} mistake={whole} />
              {whole.ticket_id && <Caused call={whole.call} ticketId={whole.ticket_id} />}
            </div>
          );
        }}
      </Read>
    </Detail>
  );
}
