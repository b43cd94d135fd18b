// Who did what, newest first.

import Button from "@douyinfe/semi-ui-19/lib/es/button";
import Input from "@douyinfe/semi-ui-19/lib/es/input";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../api/client";
import { Page } from "../shell/Shell";
import { Nothing } from "../shell/states";
import { Choice } from "../ui/Choice";
import { Paged } from "../ui/Paged";
import { Time } from "../ui/Time";
import { done } from "./texts/done-en";
import { useRunDesks } from "./desk";

const PAGE = 50;
const DAY_MS = 86_400_000;
/** How far back one may look, in days. */
const SPANS = ["1", "7", "30", "90"] as const;

/** What one looks for, by the beginnings of its actions' names. */
const AREAS = {
  faqs: "admin_faq,faq,admin_gap,admin_duplicate,admin_synonym",
  categories: "admin_category,category",
  answering: "admin_answering,admin_calibration,admin_case,admin_replay",
  roster: "admin_agent,agent,admin_skill",
  fields: "admin_field,ticket_customized_field",
  notifications: "admin_notification,notification",
  desks: "admin_settings,admin_desk",
  users: "admin_user,admin_me",
  apps: "admin_app,event,admin_event",
  signIns: "sign_in,admin_session",
  files: "deskfile",
} as const;
type Area = keyof typeof AREAS;

interface Filter {
  person: string;
  area: Area | "";
  desk: string;
  days: (typeof SPANS)[number] | "";
}

type Entry = Schemas["AuditEntry"];

/** Whether there is a sentence for it; an older or newer server may know other names. */
function isKnown(key: string): key is keyof typeof done {
  return key in done;
}

export function Audit() {
  const { t } = useTranslation("admin");
  const desks = useRunDesks();
  const [filter, setFilter] = useState<Filter>({ person: "", area: "", desk: "", days: "" });
  const asked = useDeferredValue(filter);
  const { object } = useSearch({ strict: false }) as { object?: string };
  const [opened] = useState(() => Date.now());
  const wanted = {
    ...(asked.person && { person: asked.person }),
    ...(asked.area && { action: AREAS[asked.area] }),
    ...(object && { object }),
    ...(asked.desk && { helpdesk_id: asked.desk }),
    ...(asked.days && { since: opened - Number(asked.days) * DAY_MS }),
  };
  const query = useInfiniteQuery({
    queryKey: ["audit", wanted],
    queryFn: ({ pageParam }) => answer(api.GET("/admin/v1/audit", { params: { query: { ...wanted, page_size: PAGE, ...(pageParam && { page_token: pageParam }) } } })),
    initialPageParam: "",
    getNextPageParam: (page) => page.page_token,
    placeholderData: (before) => before,
  });
  const entries = query.data?.pages.flatMap((page) => page.entries) ?? [];
  const file = new URLSearchParams(Object.entries(wanted).map(([name, value]): [string, string] => [name, String(value)]));
  const nameOf = (id: string | undefined) => desks.find((desk) => desk.id === id)?.name;
  return (
    <Page title={t("audit.title")} lead={t("audit.lead")}>
      <div className="filters">
        <Input className="filter-search" aria-label={t("audit.person")} placeholder={t("audit.person")} value={filter.person} onChange={(person) => setFilter({ ...filter, person })} />
        <Choice label={t("audit.action")} value={filter.area} options={(Object.keys(AREAS) as Area[]).map((area) => [area, t(`audit.area.${area}`)])} any={t("audit.anyAction")} onChange={(area) => setFilter({ ...filter, area })} />
        {desks.length > 1 && <Choice label={t("events.desk")} value={filter.desk} options={desks.map(({ id, name }) => [id, name])} any={t("events.anyDesk")} onChange={(desk) => setFilter({ ...filter, desk })} />}
        <Choice label={t("audit.since")} value={filter.days} options={SPANS.map((days) => [days, t("audit.days", { count: Number(days) })])} any={t("audit.anyTime")} onChange={(days) => setFilter({ ...filter, days })} />
        <Button onClick={() => location.assign(`/admin/v1/audit/export?${file}`)}>{t("audit.file")}</Button>
      </div>
      {object && (
        <p className="count">
          {t("audit.onlyOf")} <code>{object}</code> · <Link to="/audit">{t("audit.all")}</Link>
        </p>
      )}
      <Paged query={query} items={entries} keyOf={({ id }) => id} nothing={<Nothing title={t("audit.none")}>{t("audit.noneWhy")}</Nothing>}>
        {(entry) => <Line entry={entry} desk={nameOf(entry.helpdesk_id)} />}
      </Paged>
    </Page>
  );
}

/** How much of a change stands beside it while it is closed, in characters. */
const GLIMPSE = 80;

function glimpse(text: string): string {
  const [line = ""] = text.split("\n");
  return line.length > GLIMPSE ? `${line.slice(0, GLIMPSE)}…` : line;
}

function Line({ entry, desk }: { entry: Entry; desk: string | undefined }) {
  const { t } = useTranslation("admin");
  const who = entry.actor_name ?? entry.actor_id ?? t(`audit.actor.${entry.actor}`);
  const key = entry.action.replaceAll(".", "_");
  const about = [desk ?? entry.helpdesk_id, entry.address].filter(Boolean).join(" · ");
  const ofFaq = entry.helpdesk_id && entry.object && /^(admin_faq|faq)\.(create|patch|restore)$/.test(entry.action);
  return (
    <article className="audit-line">
      <p>
        <strong>{who}</strong> {isKnown(key) ? t(`done.${key}`) : null} <code>{entry.action}</code> <Time at={entry.at} exact />
      </p>
      <p className="audit-about">
        {about}
        {entry.object && " · "}
        {ofFaq ? (
          <Link to="/desks/$deskId/faqs/$faqId" params={{ deskId: entry.helpdesk_id as string, faqId: entry.object as string }}>
            {entry.object}
          </Link>
        ) : (
          entry.object
        )}
      </p>
      {(entry.before || entry.after) && (
        <details>
          <summary>
            {t("audit.what")} <span className="muted">{glimpse(entry.after ?? entry.before ?? "")}</span>
          </summary>
          {entry.before && <Text title={t("audit.before")} text={entry.before} />}
          {entry.after && <Text title={t("audit.after")} text={entry.after} />}
        </details>
      )}
    </article>
  );
}

function Text({ title, text }: { title: string; text: string }) {
  return (
    <>
      <p className="audit-about">{title}</p>
      <p className="audit-text">{text}</p>
    </>
  );
}
