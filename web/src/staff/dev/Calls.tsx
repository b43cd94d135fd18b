// The calls that came in, newest first, as they come.

import Input from "@douyinfe/semi-ui-19/lib/es/input";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, Outlet, useParams } from "@tanstack/react-router";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { Page } from "../shell/Shell";
import { Nothing } from "../shell/states";
import { CallLine } from "../ui/CallLine";
import { Paged } from "../ui/Paged";
import { type CallFilter, dev, PAGE } from "./api";

export function Calls() {
  const { t } = useTranslation("dev");
  const { logId } = useParams({ strict: false }) as { logId?: string };
  const [filter, setFilter] = useState<CallFilter>({ path: "", status: "", code: "" });
  const asked = useDeferredValue(filter);
  const query = useInfiniteQuery({
    queryKey: ["calls", "list", asked],
    queryFn: ({ pageParam }) => dev.calls(asked, pageParam),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => (page.length < PAGE ? undefined : page.at(-1)?.number),
    placeholderData: (before) => before,
  });
  const calls = query.data?.pages.flat() ?? [];
  const field = (name: keyof CallFilter, type: "search" | "number") => (
    <Input
      type={type}
      aria-label={t(`calls.filter.${name}`)}
      placeholder={t(`calls.filter.${name}`)}
      value={filter[name]}
      onChange={(value) => setFilter({ ...filter, [name]: value.trim() })}
      className={`filter-${name}`}
    />
  );
  return (
    <Page title={t("calls.title")} lead={t("calls.lead")}>
      <div className={logId ? "panes panes-open" : "panes"}>
        <section className="pane-list" aria-label={t("calls.title")}>
          <div className="filters">
            {field("path", "search")}
            {field("status", "number")}
            {field("code", "number")}
          </div>
          <Paged query={query} items={calls} keyOf={({ number }) => number} nothing={<Nothing title={t("calls.none")}>{t("calls.noneWhy")}</Nothing>}>
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
