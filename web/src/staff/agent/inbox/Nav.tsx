// Which tickets are listed: inboxes with their counts, saved views, help desks; and whether I take tickets.

import IconDelete from "@douyinfe/semi-icons/lib/es/icons/IconDelete";
import IconPlus from "@douyinfe/semi-icons/lib/es/icons/IconPlus";
import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "../../ui/store";
import { DESKS_TOGETHER, type Me, read, write } from "../api/calls";
import { notices, supported, switchNotices } from "../live/notice";
import { INBOXES, toward, useGo, usePlace } from "../place";
import { ask } from "../ticket/asking";
import { say, useSayFailure } from "../ui/say";

export function Nav() {
  const { t } = useTranslation("agent");
  return (
    <div className="nav">
      <Standing />
      <DeskPick />
      <nav aria-label={t("inbox.title")}>
        <ul className="nav-list">
          <Inboxes />
        </ul>
      </nav>
      <Views />
      <div className="nav-foot">
        <Notices />
        <Button theme="borderless" type="tertiary" size="small" onClick={() => ask("palette")}>
          {t("palette.open")} <kbd>{isMac ? "⌘K" : "Ctrl K"}</kbd>
        </Button>
        <Button theme="borderless" type="tertiary" size="small" onClick={() => ask("keys")}>
          {t("keys.open")} <kbd>?</kbd>
        </Button>
      </div>
    </div>
  );
}

export const isMac = /Mac|iP(hone|ad|od)/.test(navigator.userAgent);

function Inboxes() {
  const { t } = useTranslation("agent");
  const { inbox: named, view, q, desk } = usePlace();
  const { data } = useQuery(read.inboxes(desk));
  const inbox = named ?? "mine";
  const counts = data?.inboxes ?? [];
  const here = view ?? inbox;
  useEffect(() => {
    // On a phone they are in one line, of which only a part is in sight.
    document.querySelector('.nav [aria-current="page"]')?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [here, data === undefined]);
  return INBOXES.map((name) => {
    const count = counts.find((other) => other.inbox === name);
    return (
      <li key={name}>
        <Link
          to="/"
          search={toward({ inbox: name === "mine" ? undefined : name, view: undefined, q: undefined, ticket: undefined, side: undefined })}
          className="nav-link"
          activeOptions={{ exact: true }}
          activeProps={{}}
          aria-current={!view && q === undefined && inbox === name ? "page" : undefined}
        >
          <span>{t(`inbox.${name}`)}</span>
          {count !== undefined && count.count > 0 && (
            <span className="count">
              {count.count}
              {count.more && "+"}
            </span>
          )}
        </Link>
      </li>
    );
  });
}

function DeskPick() {
  const { t } = useTranslation("agent");
  const { data: me } = useQuery(read.me);
  const { desk = "" } = usePlace();
  const go = useGo();
  if (!me || me.desks.length < 2) return null;
  return (
    <select className="text-field" aria-label={t("inbox.desk")} value={desk} onChange={(event) => go({ desk: event.target.value || undefined, ticket: undefined })}>
      {me.desks.length <= DESKS_TOGETHER && <option value="">{t("inbox.allDesks")}</option>}
      {me.desks.map(({ helpdesk_id, name }) => (
        <option key={helpdesk_id} value={helpdesk_id}>
          {name}
        </option>
      ))}
    </select>
  );
}

function Views() {
  const { t } = useTranslation("agent");
  const { view: current, q } = usePlace();
  const { data } = useQuery(read.views);
  const client = useQueryClient();
  const go = useGo();
  const drop = useMutation({
    mutationFn: write.dropView,
    onSuccess: (_, id) => {
      void client.invalidateQueries({ queryKey: ["views"] });
      if (id === current) go({ view: undefined });
      say(t("views.deleted"));
    },
  });
  return (
    <nav aria-label={t("views.title")} className="nav-views">
      <div className="nav-head">
        <h2>{t("views.title")}</h2>
        <Button theme="borderless" type="tertiary" size="small" icon={<IconPlus aria-hidden />} aria-label={t("views.new")} title={t("views.new")} onClick={() => ask("view")} />
      </div>
      {drop.error && <p className="field-why">{drop.error.message}</p>}
      <ul className="nav-list">
        {data?.map(({ id, name }) => (
          <li key={id} className="nav-view">
            <Link
              to="/"
              search={toward({ view: id, inbox: undefined, q: undefined, ticket: undefined, side: undefined })}
              className="nav-link"
              activeProps={{}}
              aria-current={current === id && q === undefined ? "page" : undefined}
            >
              {name}
            </Link>
            <Button theme="borderless" type="tertiary" size="small" icon={<IconDelete aria-hidden />} aria-label={t("views.delete", { name })} onClick={() => drop.mutate(id)} />
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Whether I am given tickets. */
function Standing() {
  const { t } = useTranslation("agent");
  const { data: me } = useQuery(read.me);
  const change = useStanding();
  if (!me) return null;
  const works = me.desks.flatMap(({ agent }) => (agent ? [agent] : []));
  if (works.length === 0) return null;
  const online = works.some(({ status }) => status !== "offline");
  const status = works.some(({ status }) => status === "online") ? "online" : online ? "off_duty" : "offline";
  return (
    <button type="button" role="switch" className="standing" aria-checked={online} disabled={change.isPending} onClick={() => change.mutate(online ? "offline" : "online")}>
      <span className="switch" aria-hidden="true" />
      <span className="standing-words">
        <strong>{t("standing.label")}</strong>
        <span className={`duty duty-${status}`}>{t(`status.${status}`)}</span>
      </span>
    </button>
  );
}

export function useStanding() {
  const client = useQueryClient();
  const { t } = useTranslation("agent");
  const sayFailure = useSayFailure();
  return useMutation({
    mutationFn: (status: "online" | "offline") => write.status(status),
    onSuccess: (me: Me, status) => {
      client.setQueryData(read.me.queryKey, me);
      say(t(status === "online" ? "standing.on" : "standing.off"));
    },
    onError: sayFailure,
  });
}

function Notices() {
  const { t } = useTranslation("agent");
  const on = useStore(notices);
  if (!supported()) return null;
  const change = async (): Promise<void> => {
    const next = !on;
    if (!(await switchNotices(next))) return say(t("notice.refused"));
    say(t(next ? "notice.on" : "notice.off"));
  };
  return (
    <button type="button" role="switch" className="standing" aria-checked={on} onClick={() => void change()} title={t("notice.why")}>
      <span className="switch" aria-hidden="true" />
      <span className="standing-words">{t("notice.label")}</span>
    </button>
  );
}
