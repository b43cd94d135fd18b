// Events on their way to apps, newest first, as they happen.

import Input from "@douyinfe/semi-ui-19/lib/es/input";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, Outlet, useParams } from "@tanstack/react-router";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { Page } from "../shell/Shell";
import { Nothing } from "../shell/states";
import { Choice } from "../ui/Choice";
import { DeliveryLine } from "../ui/DeliveryLine";
import { EVENT_TYPES, STATES } from "../ui/deliveries";
import { Paged } from "../ui/Paged";
import { type DeliveryFilter, dev, PAGE } from "./api";

export function Events() {
  const { t } = useTranslation(["dev", "shell"]);
  const { deliveryId } = useParams({ strict: false }) as { deliveryId?: string };
  const [filter, setFilter] = useState<DeliveryFilter>({ state: "", type: "", ticket: "" });
  const asked = useDeferredValue(filter);
  const query = useInfiniteQuery({
    queryKey: ["deliveries", "list", asked],
    queryFn: ({ pageParam }) => dev.deliveries(asked, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => (page.length < PAGE ? undefined : page.at(-1)?.delivery_id),
    placeholderData: (before) => before,
  });
  const deliveries = query.data?.pages.flat() ?? [];
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
            <Input aria-label={t("shell:delivery.ticket")} placeholder={t("shell:delivery.ticket")} value={filter.ticket} onChange={(ticket) => setFilter({ ...filter, ticket: ticket.trim() })} />
          </div>
          <Paged query={query} items={deliveries} keyOf={({ delivery_id: id }) => id} nothing={<Nothing title={t("events.none")}>{t("events.noneWhy")}</Nothing>}>
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
