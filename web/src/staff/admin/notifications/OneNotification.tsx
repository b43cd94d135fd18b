// One notification: a draft's form, what it says, where it stands, and the next steps.

import { Link, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Page } from "../../shell/Shell";
import { Read } from "../../shell/states";
import { Badge } from "../../ui/Badge";
import { Facts } from "../../ui/Detail";
import { Time } from "../../ui/Time";
import { Steps } from "./Steps";
import { type Notification, scopeOf, type Shown, useNotification } from "./api";
import { CardView } from "./CardView";
import { Draft } from "./Draft";
import { StateBadge } from "./Notifications";

/** Whom it is for, in words. */
function useAudience(): (notification: Notification) => string {
  const { t } = useTranslation("admin");
  return ({ push_scope_type: scope, user_list: users, department_list: departments, new_staff_scope_department_list: newcomers, chat_list: chats }) =>
    [
      t(`notifications.scopes.${scopeOf(scope)}`),
      ...users.map(({ user_id: id, name }) => name ?? id),
      ...[...departments, ...newcomers].map(({ department_id: id, name }) => name ?? id),
      ...chats.map(({ chat_id: id, name }) => name ?? id),
    ].join(", ");
}

function Standing({ shown }: { shown: Shown }) {
  const { t } = useTranslation("admin");
  const audience = useAudience();
  const { notification: push, state, reason, decision } = shown;
  const rejected = decision?.approved === false;
  const facts: [string, ReactNode][] = [
    [
      t("notifications.state"),
      <span key="state" className="row">
        <StateBadge state={state} /> {rejected && <Badge tone="bad">{t("notifications.rejected")}</Badge>}
      </span>,
    ],
    [t("notifications.audience"), audience(push)],
    [t("notifications.by"), push.create_user.name ?? push.create_user.user_id],
  ];
  if (reason) facts.push([t("notifications.reason"), reason]);
  if (decision) {
    const { by, at, reason: why } = decision;
    facts.push([
      t(rejected ? "notifications.rejectedBy" : "notifications.approvedBy"),
      <span key="decision">
        {by}, <Time at={at} />
      </span>,
    ]);
    facts.push([t("notifications.ownerReason"), why ?? t("notifications.noReason")]);
  }
  if (push.send_at) facts.push([t("notifications.at"), <Time key="at" at={Number(push.send_at)} />]);
  if (push.target_user_count > 0) {
    facts.push([t("notifications.targets"), push.target_user_count], [t("notifications.sent"), push.sent_user_count], [t("notifications.read"), push.read_user_count]);
  }
  return <Facts facts={facts} />;
}

function Existing({ deskId, shown }: { deskId: string; shown: Shown }) {
  const { t } = useTranslation("admin");
  const { notification, allowed } = shown;
  return (
    <div className="stack">
      <section className="card stack" aria-label={t("notifications.state")}>
        <Standing shown={shown} />
        <Steps deskId={deskId} shown={shown} />
      </section>
      {allowed.includes("patch") ? <Draft key={notification.id} deskId={deskId} notification={notification} /> : <CardView json={notification.push_content} />}
    </div>
  );
}

export function OneNotification() {
  const { t } = useTranslation("admin");
  const { deskId, notificationId } = useParams({ strict: false }) as { deskId: string; notificationId: string };
  const isNew = notificationId === "new";
  const query = useNotification(deskId, notificationId);
  const back = (
    <Link to="/desks/$deskId/notifications" params={{ deskId }}>
      ← {t("notifications.title")}
    </Link>
  );
  return (
    <Page title={isNew ? t("notifications.add") : query.data?.notification.job_name || t("notifications.one")} lead={back}>
      {isNew ? <Draft deskId={deskId} /> : <Read query={query}>{(shown) => <Existing key={notificationId} deskId={deskId} shown={shown} />}</Read>}
    </Page>
  );
}
