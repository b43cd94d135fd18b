// Reports on a help desk: its figures, by day, agent, category and hour, as they come about.

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import { answer, api } from "../../api/client";
import { useFeed } from "../../live/useFeed";
import { useRarely } from "../../live/useRarely";
import { Page } from "../../shell/Shell";
import { Read } from "../../shell/states";
import { Choice } from "../../ui/Choice";
import { useDesk } from "../desk";
import { Chart } from "./Chart";
import { useFormat } from "./format";
import { type Range, rangeOf, yesterdayOn } from "./range";
import { Heat, Part, Rows } from "./Tables";
import { Tiles } from "./Tiles";

/** What no feed tells, such as a ticket that only the bot has, shows after this long. */
const LOOK_MS = 20_000;
/** Many changes at once are one look. */
const RARELY_MS = 5_000;

export function Reports() {
  const { t, day, name } = useFormat();
  const { deskId } = useParams({ strict: false }) as { deskId: string };
  const desk = useDesk();
  const range = rangeOf(useSearch({ strict: false }));
  const query = useQuery({
    queryKey: ["reports", deskId, range],
    queryFn: () => answer(api.GET("/admin/v1/desks/{helpdesk_id}/reports/overview", { params: { path: { helpdesk_id: deskId }, query: range } })),
    refetchInterval: LOOK_MS,
    placeholderData: keepPreviousData,
  });
  const { refetch } = query;
  const look = useRarely(useCallback(() => void refetch(), [refetch]), RARELY_MS);
  useFeed({ url: `/console/v1/stream?helpdesk_id=${deskId}`, onEvent: look, onBack: look });
  return (
    <Page title={t("reports.title")} lead={t("reports.lead", { desk: desk?.name ?? deskId })}>
      <Read query={query}>
        {({ period, total, before, days, agents, categories, hours }) => {
          // Links name the days, so that they list the same tickets tomorrow.
          const fixed: Range = { from: period.from, to: period.to };
          const part = { deskId, range: fixed };
          return (
            <>
              <Picker range={range} shown={fixed} clock={period.clock} />
              <p className="muted">
                {t("reports.period", { from: day(period.from), to: day(period.to), clock: period.clock })} {t("reports.against", { from: day(before.period.from), to: day(before.period.to) })}
              </p>
              <Tiles {...part} total={total} before={before.figures} />
              <Chart days={days} />
              <Part {...part} dimension="day" title={t("reports.byDay")}>
                <Rows {...part} rows={days} head={t("reports.day")} nameOf={(row) => day(row.key)} filterOf={(row) => ({ range: { from: row.key, to: row.key } })} />
              </Part>
              <Part {...part} dimension="agent" title={t("reports.byAgent")}>
                <Rows {...part} rows={agents} head={t("reports.agent")} nameOf={(row) => name(row, t("reports.nobody"))} filterOf={(row) => ({ filter: { agent: row.key } })} />
              </Part>
              <Part {...part} dimension="category" title={t("reports.byCategory")}>
                <Rows {...part} rows={categories} head={t("reports.category")} nameOf={(row) => name(row, t("reports.noCategory"))} filterOf={(row) => ({ filter: { category: row.key } })} />
              </Part>
              <Part {...part} dimension="hour" title={t("reports.byHour")}>
                <Heat {...part} rows={hours} />
              </Part>
            </>
          );
        }}
      </Read>
    </Page>
  );
}

const USUAL = ["1", "7", "30"] as const;

/** Which days: the last ones, or some of one's own. */
function Picker({ range, shown, clock }: { range: Range; shown: Range; clock: string }) {
  const { t } = useFormat();
  const navigate = useNavigate();
  const go = (search: Range): void => void navigate({ to: ".", search: search as never });
  const yesterday = yesterdayOn(clock, Date.now());
  const isYesterday = range.from === yesterday.from && range.to === yesterday.to;
  const value = isYesterday ? "yesterday" : range.from ? "custom" : (USUAL.find((days) => days === String(range.days)) ?? "custom");
  const edge = (end: "from" | "to") => (
    <label className="row">
      <span>{t(`reports.${end}`)}</span>
      <input type="date" required value={shown[end]} onChange={({ target }) => target.value && go({ ...shown, [end]: target.value })} />
    </label>
  );
  return (
    <div className="filters">
      <Choice
        label={t("reports.days")}
        value={value}
        options={[["1", t("reports.today")], ["yesterday", t("reports.yesterday")], ["7", t("reports.week")], ["30", t("reports.month")], ["custom", t("reports.custom")]]}
        onChange={(days) => go(days === "yesterday" ? yesterday : days === "custom" || days === "" ? shown : { days: Number(days) })}
      />
      {value === "custom" && (
        <>
          {edge("from")}
          {edge("to")}
        </>
      )}
    </div>
  );
}
