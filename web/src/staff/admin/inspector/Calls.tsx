// The latest calls of the open API, masked, for administrators.

import Input from "@douyinfe/semi-ui-19/lib/es/input";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, Outlet, useParams } from "@tanstack/react-router";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../api/client";
import { Page } from "../../shell/Shell";
import { Nothing } from "../../shell/states";
import { CallLine } from "../../ui/CallLine";
import { Paged } from "../../ui/Paged";

const PAGE = 50;
/** Calls come without an event of their own. */
const LOOK_MS = 5_000;

export function Calls() {
  const { t } = useTranslation("admin");
  const { logId } = useParams({ strict: false }) as { logId?: string };
  const [filter, setFilter] = useState({ path: "", app: "", failed: false });
  const asked = useDeferredValue(filter);
  const wanted = { ...(asked.path && { path: asked.path }), ...(asked.app && { app: asked.app }), ...(asked.failed && { failed: true }) };
  const query = useInfiniteQuery({
    queryKey: ["api-calls", wanted],
    queryFn: ({ pageParam }) => answer(api.GET("/admin/v1/calls", { params: { query: { ...wanted, page_size: PAGE, ...(pageParam && { page_token: pageParam }) } } })),
    initialPageParam: "",
    getNextPageParam: (page) => page.page_token,
    placeholderData: (before) => before,
    refetchInterval: LOOK_MS,
  });
  const calls = query.data?.pages.flatMap((page) => page.calls) ?? [];
  const isOff = query.data?.pages[0]?.is_on === false;
  return (
    <Page title={t("inspector.title")} lead={t("inspector.lead")}>
      <div className={logId ? "panes panes-open" : "panes"}>
        <section className="pane-list" aria-label={t("inspector.title")}>
          <div className="filters">
            <Input aria-label={t("inspector.path")} placeholder={t("inspector.path")} value={filter.path} onChange={(path) => setFilter({ ...filter, path: path.trim() })} />
            <Input aria-label={t("inspector.app")} placeholder={t("inspector.app")} value={filter.app} onChange={(app) => setFilter({ ...filter, app: app.trim() })} />
            <label className="row tick">
              <input type="checkbox" checked={filter.failed} onChange={(event) => setFilter({ ...filter, failed: event.target.checked })} /> {t("inspector.failed")}
            </label>
          </div>
          <Paged query={query} items={calls} keyOf={({ log_id: id }) => id} nothing={<Nothing title={t("inspector.none")}>{t(isOff ? "inspector.off" : "inspector.noneWhy")}</Nothing>}>
            {(call) => (
              <Link to="/calls/$logId" params={{ logId: call.log_id }} className="line" preload={false}>
                <CallLine call={call} />
              </Link>
            )}
          </Paged>
        </section>
        <Outlet />
      </div>
    </Page>
  );
}
