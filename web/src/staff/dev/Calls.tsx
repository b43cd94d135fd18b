// The calls that came in, newest first, as they come.

import Input from "@douyinfe/semi-ui-19/lib/es/input";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, Outlet, useParams } from "@tanstack/react-router";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { Page } from "../shell/Shell";
import { Nothing } from "../shell/states";
import { Badge, type Tone } from "../ui/Badge";
import { Paged } from "../ui/Paged";
import { Time } from "../ui/Time";
import { type Call, type CallFilter, dev, PAGE } from "./api";

export function toneOf({ status, code }: Pick<Call, "status" | "code">): Tone {
  if (status === null) return "plain";
  if (status >= 500) return "bad";
  return status >= 400 || (code !== null && code !== 0) ? "warn" : "good";
}

/** What a call's answer was, in a word. */
export function Outcome({ call }: { call: Call }) {
  const { t } = useTranslation("dev");
  const { status, code, by_fault: byFault } = call;
  if (status === null) return <Badge tone={byFault ? "bad" : "plain"}>{byFault ? t("calls.dropped") : "…"}</Badge>;
  return (
    <Badge tone={toneOf(call)}>
      {status}
      {code ? ` / ${code}` : ""}
    </Badge>
  );
}

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
                <span className="line-main">
                  <strong>{call.method}</strong> <span className="line-path">{call.path}</span>
                </span>
                <span className="line-end">
                  <Outcome call={call} />
                  <Time at={call.at} exact />
                </span>
              </Link>
            )}
          </Paged>
        </section>
        <Outlet />
      </div>
    </Page>
  );
}
