// The pages of owners and administrators: /admin.

import "./admin.css";
import IconArticle from "@douyinfe/semi-icons/lib/es/icons/IconArticle";
import IconBell from "@douyinfe/semi-icons/lib/es/icons/IconBell";
import IconFolder from "@douyinfe/semi-icons/lib/es/icons/IconFolder";
import IconHelpCircle from "@douyinfe/semi-icons/lib/es/icons/IconHelpCircle";
import IconHistogram from "@douyinfe/semi-icons/lib/es/icons/IconHistogram";
import IconHistory from "@douyinfe/semi-icons/lib/es/icons/IconHistory";
import IconHome from "@douyinfe/semi-icons/lib/es/icons/IconHome";
import IconIdCard from "@douyinfe/semi-icons/lib/es/icons/IconIdCard";
import IconKey from "@douyinfe/semi-icons/lib/es/icons/IconKey";
import IconLink from "@douyinfe/semi-icons/lib/es/icons/IconLink";
import IconList from "@douyinfe/semi-icons/lib/es/icons/IconList";
import IconSend from "@douyinfe/semi-icons/lib/es/icons/IconSend";
import IconSetting from "@douyinfe/semi-icons/lib/es/icons/IconSetting";
import IconStar from "@douyinfe/semi-icons/lib/es/icons/IconStar";
import IconTerminal from "@douyinfe/semi-icons/lib/es/icons/IconTerminal";
import IconUser from "@douyinfe/semi-icons/lib/es/icons/IconUser";
import IconUserGroup from "@douyinfe/semi-icons/lib/es/icons/IconUserGroup";
import { createRootRoute, createRoute, Link, lazyRouteComponent, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { traffic } from "../i18n/traffic-en";
import { traffic as trafficZh } from "../i18n/traffic-zh";
import { Shell } from "../shell/Shell";
import { start } from "../shell/start";
import { Nothing } from "../shell/states";
import { Desks } from "./Desks";
import { DeskPick } from "./DeskPick";
import { useDesk } from "./desk";
import { useAdministers } from "./tenant/api";
import { en } from "./texts/en";
import { zh } from "./texts/zh";

function Administration() {
  const { t } = useTranslation(["admin", "shell"]);
  const desk = useDesk();
  const administers = useAdministers();
  const ofDesk = desk
    ? [
        { to: `/desks/${desk.id}/reports`, label: t("reports.title"), icon: <IconHistogram aria-hidden />, heading: <DeskPick at={desk} /> },
        { to: `/desks/${desk.id}/faqs`, label: t("faqs.title"), icon: <IconArticle aria-hidden /> },
        { to: `/desks/${desk.id}/categories`, label: t("categories.title"), icon: <IconFolder aria-hidden /> },
        { to: `/desks/${desk.id}/gaps`, label: t("gaps.title"), icon: <IconHelpCircle aria-hidden /> },
        { to: `/desks/${desk.id}/answering`, label: t("answering.title"), icon: <IconSetting aria-hidden /> },
        { to: `/desks/${desk.id}/replay`, label: t("replay.title"), icon: <IconHistory aria-hidden /> },
        { to: `/desks/${desk.id}/agents`, label: t("agents.title"), icon: <IconUserGroup aria-hidden /> },
        { to: `/desks/${desk.id}/skills`, label: t("skills.title"), icon: <IconStar aria-hidden /> },
        { to: `/desks/${desk.id}/fields`, label: t("fields.title"), icon: <IconList aria-hidden /> },
        { to: `/desks/${desk.id}/notifications`, label: t("notifications.title"), icon: <IconBell aria-hidden /> },
        { to: `/desks/${desk.id}/settings`, label: t("settings.title"), icon: <IconIdCard aria-hidden /> },
      ]
    : [];
  const ofTenant = administers
    ? [
        { to: "/users", label: t("users.title"), icon: <IconUser aria-hidden />, heading: t("desks.organisation") },
        { to: "/apps", label: t("apps.title"), icon: <IconKey aria-hidden /> },
        { to: "/calls", label: t("inspector.title"), icon: <IconTerminal aria-hidden /> },
      ]
    : [];
  const sections = [
    { to: "/", label: t("desks.title"), icon: <IconHome aria-hidden /> },
    ...ofDesk,
    ...ofTenant,
    { to: "/events", label: t("events.title"), icon: <IconSend aria-hidden />, heading: t("desks.watch") },
    { to: "/audit", label: t("audit.title"), icon: <IconHistory aria-hidden /> },
    { to: "/connections", label: t("shell:connections.title"), icon: <IconLink aria-hidden /> },
  ];
  const { deskId } = useParams({ strict: false }) as { deskId?: string };
  const nowhere = deskId !== undefined && desk?.id !== deskId;
  const instead = nowhere && (
    <Nothing title={t("shell:gone")} action={<Link to="/">{t("desks.title")}</Link>}>
      {t("shell:goneWhy")}
    </Nothing>
  );
  return <Shell app="admin" sections={sections} instead={instead} />;
}

const root = createRootRoute({ component: Administration });
const desks = createRoute({ getParentRoute: () => root, path: "/", component: Desks });
const faqs = createRoute({ getParentRoute: () => root, path: "/desks/$deskId/faqs", component: lazyRouteComponent(() => import("./Faqs"), "Faqs") });
const faq = createRoute({ getParentRoute: () => root, path: "/desks/$deskId/faqs/$faqId", component: lazyRouteComponent(() => import("./OneFaq"), "OneFaq") });
const faqHistory = createRoute({ getParentRoute: () => root, path: "/desks/$deskId/faqs/$faqId/history", component: lazyRouteComponent(() => import("./faqs/History"), "History") });
const faqImport = createRoute({ getParentRoute: () => root, path: "/desks/$deskId/faqs/import", component: lazyRouteComponent(() => import("./faqs/Import"), "Import") });
const answering = createRoute({ getParentRoute: () => root, path: "/desks/$deskId/answering", component: lazyRouteComponent(() => import("./AnsweringPage"), "AnsweringPage") });
const agents = createRoute({ getParentRoute: () => root, path: "/desks/$deskId/agents", component: lazyRouteComponent(() => import("./roster/Agents"), "Agents") });
const agent = createRoute({ getParentRoute: () => root, path: "/desks/$deskId/agents/$agentId", component: lazyRouteComponent(() => import("./roster/OneAgent"), "OneAgent") });
const skills = createRoute({ getParentRoute: () => root, path: "/desks/$deskId/skills", component: lazyRouteComponent(() => import("./roster/Skills"), "Skills") });
const skill = createRoute({ getParentRoute: () => root, path: "/desks/$deskId/skills/$skillId", component: lazyRouteComponent(() => import("./roster/OneSkill"), "OneSkill") });
const categories = createRoute({ getParentRoute: () => root, path: "/desks/$deskId/categories", component: lazyRouteComponent(() => import("./content/Categories"), "Categories") });
const fields = createRoute({ getParentRoute: () => root, path: "/desks/$deskId/fields", component: lazyRouteComponent(() => import("./content/Fields"), "Fields") });
const field = createRoute({ getParentRoute: () => root, path: "/desks/$deskId/fields/$fieldId", component: lazyRouteComponent(() => import("./content/OneField"), "OneField") });
const settings = createRoute({ getParentRoute: () => root, path: "/desks/$deskId/settings", component: lazyRouteComponent(() => import("./settings/Settings"), "Settings") });
const notifications = createRoute({ getParentRoute: () => root, path: "/desks/$deskId/notifications", component: lazyRouteComponent(() => import("./notifications/Notifications"), "Notifications") });
const notification = createRoute({ getParentRoute: () => root, path: "/desks/$deskId/notifications/$notificationId", component: lazyRouteComponent(() => import("./notifications/OneNotification"), "OneNotification") });
const events = createRoute({ getParentRoute: () => root, path: "/events", component: lazyRouteComponent(() => import("./Events"), "Events") });
const event = createRoute({ getParentRoute: () => events, path: "$deliveryId", component: lazyRouteComponent(() => import("./OneEvent"), "OneEvent") });
const connections = createRoute({ getParentRoute: () => root, path: "/connections", component: lazyRouteComponent(() => import("./LiveConnections"), "LiveConnections") });
const gaps = createRoute({ getParentRoute: () => root, path: "/desks/$deskId/gaps", component: lazyRouteComponent(() => import("./gaps/Gaps"), "Gaps") });
const groups = createRoute({ getParentRoute: () => gaps, path: "/", component: lazyRouteComponent(() => import("./gaps/Groups"), "Groups") });
const duplicates = createRoute({ getParentRoute: () => gaps, path: "duplicates", component: lazyRouteComponent(() => import("./gaps/Duplicates"), "Duplicates") });
const decisions = createRoute({ getParentRoute: () => gaps, path: "decisions", component: lazyRouteComponent(() => import("./gaps/Decisions"), "Decisions") });
const replay = createRoute({ getParentRoute: () => root, path: "/desks/$deskId/replay", component: lazyRouteComponent(() => import("./replay/Replay"), "Replay") });
const past = createRoute({ getParentRoute: () => replay, path: "/", component: lazyRouteComponent(() => import("./replay/Past"), "Past") });
const cases = createRoute({ getParentRoute: () => replay, path: "cases", component: lazyRouteComponent(() => import("./replay/Cases"), "Cases") });
const reports = createRoute({ getParentRoute: () => root, path: "/desks/$deskId/reports", component: lazyRouteComponent(() => import("./reports/Reports"), "Reports") });
const tickets = createRoute({ getParentRoute: () => root, path: "/desks/$deskId/reports/tickets", component: lazyRouteComponent(() => import("./reports/Tickets"), "Tickets") });
const audit = createRoute({ getParentRoute: () => root, path: "/audit", component: lazyRouteComponent(() => import("./Audit"), "Audit") });
const users = createRoute({ getParentRoute: () => root, path: "/users", component: lazyRouteComponent(() => import("./tenant/Users"), "Users") });
const user = createRoute({ getParentRoute: () => root, path: "/users/$userId", component: lazyRouteComponent(() => import("./tenant/OneUser"), "OneUser") });
const apps = createRoute({ getParentRoute: () => root, path: "/apps", component: lazyRouteComponent(() => import("./tenant/Apps"), "Apps") });
const app = createRoute({ getParentRoute: () => root, path: "/apps/$appId", component: lazyRouteComponent(() => import("./tenant/OneApp"), "OneApp") });
const calls = createRoute({ getParentRoute: () => root, path: "/calls", component: lazyRouteComponent(() => import("./inspector/Calls"), "Calls") });
const call = createRoute({ getParentRoute: () => calls, path: "$logId", component: lazyRouteComponent(() => import("./inspector/OneCall"), "OneCall") });
const routeTree = root.addChildren([
  desks,
  reports,
  tickets,
  faqs,
  faq,
  faqHistory,
  faqImport,
  categories,
  gaps.addChildren([groups, duplicates, decisions]),
  answering,
  replay.addChildren([past, cases]),
  agents,
  agent,
  skills,
  skill,
  fields,
  field,
  notifications,
  notification,
  settings,
  events.addChildren([event]),
  audit,
  connections,
  users,
  user,
  apps,
  app,
  calls.addChildren([call]),
]);

void start({ name: "admin", needs: "owner", texts: { en, zh }, shared: { en: traffic, zh: trafficZh }, routeTree });
