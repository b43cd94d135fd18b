// The notifications of a help desk: cards that it pushes to many people.

import IconPlus from "@douyinfe/semi-icons/lib/es/icons/IconPlus";
import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../api/client";
import { Page } from "../../shell/Shell";
import { Nothing } from "../../shell/states";
import { Badge, type Tone } from "../../ui/Badge";
import { Paged } from "../../ui/Paged";
import { Time } from "../../ui/Time";
import { useDesk } from "../desk";
import { type Entry, isMoving, scopeOf, type State } from "./api";

const PAGE = 30;
const LOOK_MS = 5_000;

const TONES: Record<State, Tone> = { draft: "plain", under_review: "warn", approved: "plain", waiting: "warn", sending: "warn", sent: "good", stopped: "bad", recalled: "bad" };

export function StateBadge({ state }: { state: State }) {
  const { t } = useTranslation("admin");
  return <Badge tone={TONES[state]}>{t(`notifications.states.${state}`)}</Badge>;
}

function Row({ deskId, entry }: { deskId: string; entry: Entry }) {
  const { t } = useTranslation("admin");
  const scope = t(`notifications.scopes.${scopeOf(entry.push_scope_type)}`);
  return (
    <Link to="/desks/$deskId/notifications/$notificationId" params={{ deskId, notificationId: entry.id }} className="line">
      <span className="line-main">
        <strong>{entry.job_name}</strong>
        <span className="line-why">
          {scope} · {entry.created_by}
          {entry.target_user_count > 0 && ` · ${t("notifications.reached", { sent: entry.sent_user_count, count: entry.target_user_count })}`}
        </span>
      </span>
      <StateBadge state={entry.state} />
      <span className="line-end muted">
        <Time at={entry.send_at ?? entry.updated_at} />
      </span>
    </Link>
  );
}

export function Notifications() {
  const { t } = useTranslation("admin");
  const { deskId } = useParams({ strict: false }) as { deskId: string };
  const desk = useDesk();
  const navigate = useNavigate();
  const query = useInfiniteQuery({
    queryKey: ["notifications", deskId, "list"],
    queryFn: ({ pageParam }) =>
      answer(api.GET("/admin/v1/desks/{helpdesk_id}/notifications", { params: { path: { helpdesk_id: deskId }, query: { page_size: PAGE, ...(pageParam && { page_token: pageParam }) } } })),
    initialPageParam: "",
    getNextPageParam: (page) => page.page_token,
    refetchInterval: ({ state: { data } }) => (data?.pages.some(({ notifications }) => notifications.some(({ state }) => isMoving(state))) ? LOOK_MS : false),
  });
  const all = query.data?.pages.flatMap((page) => page.notifications) ?? [];
  const add = (
    <Button theme="solid" icon={<IconPlus aria-hidden />} onClick={() => void navigate({ to: "/desks/$deskId/notifications/$notificationId", params: { deskId, notificationId: "new" } })}>
      {t("notifications.add")}
    </Button>
  );
  return (
    <Page title={t("notifications.title")} lead={desk?.name} actions={add}>
      <Paged query={query} items={all} keyOf={({ id }) => id} nothing={<Nothing title={t("notifications.none")}>{t("notifications.noneWhy")}</Nothing>}>
        {(entry) => <Row deskId={deskId} entry={entry} />}
      </Paged>
    </Page>
  );
}
