// The pages of owners and administrators: /admin.

import "./admin.css";
import IconArticle from "@douyinfe/semi-icons/lib/es/icons/IconArticle";
import IconHistory from "@douyinfe/semi-icons/lib/es/icons/IconHistory";
import IconHome from "@douyinfe/semi-icons/lib/es/icons/IconHome";
import IconLink from "@douyinfe/semi-icons/lib/es/icons/IconLink";
import IconSend from "@douyinfe/semi-icons/lib/es/icons/IconSend";
import IconSetting from "@douyinfe/semi-icons/lib/es/icons/IconSetting";
import { createRootRoute, createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Shell } from "../shell/Shell";
import { start } from "../shell/start";
import { Desks } from "./Desks";
import { useDesk } from "./desk";
import { en } from "./texts/en";
import { zh } from "./texts/zh";

function Administration() {
  const { t } = useTranslation(["admin", "shell"]);
  const desk = useDesk();
  const ofDesk = desk
    ? [
        { to: `/desks/${desk.id}/faqs`, label: t("faqs.title"), icon: <IconArticle aria-hidden /> },
        { to: `/desks/${desk.id}/answering`, label: t("answering.title"), icon: <IconSetting aria-hidden /> },
      ]
    : [];
  const sections = [
    { to: "/", label: t("desks.title"), icon: <IconHome aria-hidden /> },
    ...ofDesk,
    { to: "/events", label: t("events.title"), icon: <IconSend aria-hidden /> },
    { to: "/audit", label: t("audit.title"), icon: <IconHistory aria-hidden /> },
    { to: "/connections", label: t("shell:connections.title"), icon: <IconLink aria-hidden /> },
  ];
  return <Shell app="admin" sections={sections} />;
}

const root = createRootRoute({ component: Administration });
const desks = createRoute({ getParentRoute: () => root, path: "/", component: Desks });
const faqs = createRoute({ getParentRoute: () => root, path: "/desks/$deskId/faqs", component: lazyRouteComponent(() => import("./Faqs"), "Faqs") });
const faq = createRoute({ getParentRoute: () => root, path: "/desks/$deskId/faqs/$faqId", component: lazyRouteComponent(() => import("./OneFaq"), "OneFaq") });
const answering = createRoute({ getParentRoute: () => root, path: "/desks/$deskId/answering", component: lazyRouteComponent(() => import("./AnsweringPage"), "AnsweringPage") });
const events = createRoute({ getParentRoute: () => root, path: "/events", component: lazyRouteComponent(() => import("./Events"), "Events") });
const event = createRoute({ getParentRoute: () => events, path: "$deliveryId", component: lazyRouteComponent(() => import("./OneEvent"), "OneEvent") });
const connections = createRoute({ getParentRoute: () => root, path: "/connections", component: lazyRouteComponent(() => import("./LiveConnections"), "LiveConnections") });
const audit = createRoute({ getParentRoute: () => root, path: "/audit", component: lazyRouteComponent(() => import("./Audit"), "Audit") });
const routeTree = root.addChildren([desks, faqs, faq, answering, events.addChildren([event]), audit, connections]);

void start({ name: "admin", needs: "owner", texts: { en, zh }, routeTree });
