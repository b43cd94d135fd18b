// Events on their way to apps, newest first, as they happen.

import Input from "@douyinfe/semi-ui-19/lib/es/input";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useParams, useSearch } from "@tanstack/react-router";
import { useCallback, useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api } from "../api/client";
import { useFeed } from "../live/useFeed";
import { useRarely } from "../live/useRarely";
import { Page } from "../shell/Shell";
import { Nothing } from "../shell/states";
import { Choice } from "../ui/Choice";
import { DeliveryLine } from "../ui/DeliveryLine";
import { EVENT_TYPES, STATES, type State } from "../ui/deliveries";
import { Paged } from "../ui/Paged";
import { useRunDesks } from "./desk";

const PAGE = 50;
/** The feed tells what is new, not how it fares. */
const LOOK_MS = 5_000;
/** Many events at once are one look. */
const RARELY_MS = 1_000;

interface Filter {
  state: State | "";
  type: string;
  ticket: string;
  desk: string;
}

export function Events() {
  const { t } = useTranslation(["admin", "shell"]);
  const { deliveryId } = useParams({ strict: false }) as { deliveryId?: string };
  const client = useQueryClient();
  const desks = useRunDesks();
  const search: Record<string, unknown> = useSearch({ strict: false });
  // The router reads digits as a number; those of a ticket come as a text in quotation marks.
  const [filter, setFilter] = useState<Filter>({ state: "", type: "", ticket: typeof search.ticket === "string" ? search.ticket : "", desk: "" });
  const asked = useDeferredValue(filter);
  const look = useRarely(useCallback(() => void client.invalidateQueries({ queryKey: ["events", "list"] }), [client]), RARELY_MS);
  const query = useInfiniteQuery({
    queryKey: ["events", "list", asked],
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/admin/v1/events", {
          params: {
            query: {
              page_size: PAGE,
              ...(asked.state && { state: asked.state }),
              ...(asked.type && { event_type: asked.type }),
              ...(asked.ticket && { ticket_id: asked.ticket }),
              ...(asked.desk && { helpdesk_id: asked.desk }),
              ...(pageParam && { page_token: pageParam }),
            },
          },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.page_token,
    placeholderData: (before) => before,
    refetchInterval: LOOK_MS,
  });
  useFeed({
    url: filter.desk ? `/admin/v1/events/stream?helpdesk_id=${filter.desk}` : "/admin/v1/events/stream",
    onEvent: look,
    onBack: () => void client.invalidateQueries({ queryKey: ["events"] }),
  });
  const events = query.data?.pages.flatMap((page) => page.events) ?? [];
  return (
    <Page title={t("events.title")} lead={t("events.lead")}>
      <div className={deliveryId ? "panes panes-open" : "panes"}>
        <section className="pane-list" aria-label={t("events.title")}>
          <div className="filters">
            <Choice
              label={t("shell:delivery.state")}
              value={filter.state}
              options={STATES.map((state) => [state, t(`shell:delivery.${state}`)])}
              any={t("shell:delivery.anyState")}
              onChange={(state) => setFilter({ ...filter, state })}
            />
            <Choice label={t("shell:delivery.type")} value={filter.type} options={EVENT_TYPES.map((type) => [type, type])} any={t("shell:delivery.anyType")} onChange={(type) => setFilter({ ...filter, type })} />
            {desks.length > 1 && <Choice label={t("events.desk")} value={filter.desk} options={desks.map(({ id, name }) => [id, name])} any={t("events.anyDesk")} onChange={(desk) => setFilter({ ...filter, desk })} />}
            <Input aria-label={t("shell:delivery.ticket")} placeholder={t("shell:delivery.ticket")} value={filter.ticket} onChange={(ticket) => setFilter({ ...filter, ticket: ticket.trim() })} />
          </div>
          <Paged query={query} items={events} keyOf={({ delivery_id: id }) => id} nothing={<Nothing title={t("events.none")}>{t("events.noneWhy")}</Nothing>}>
            {(delivery) => (
              <Link to="/events/$deliveryId" params={{ deliveryId: delivery.delivery_id }} className="line" preload={false}>
                <DeliveryLine delivery={delivery} />
              </Link>
            )}
          </Paged>
        </section>
        <Outlet />
      </div>
    </Page>
  );
}
