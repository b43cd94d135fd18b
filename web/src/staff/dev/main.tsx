// The developer's inspector: /dev.

import "./dev.css";
import IconBolt from "@douyinfe/semi-icons/lib/es/icons/IconBolt";
import IconCode from "@douyinfe/semi-icons/lib/es/icons/IconCode";
import IconComment from "@douyinfe/semi-icons/lib/es/icons/IconComment";
import IconLink from "@douyinfe/semi-icons/lib/es/icons/IconLink";
import IconPulse from "@douyinfe/semi-icons/lib/es/icons/IconPulse";
import IconSend from "@douyinfe/semi-icons/lib/es/icons/IconSend";
import { useQueryClient } from "@tanstack/react-query";
import { createRootRoute, createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useFeed } from "../live/useFeed";
import { useRarely } from "../live/useRarely";
import { traffic } from "../i18n/traffic-en";
import { traffic as trafficZh } from "../i18n/traffic-zh";
import { Shell } from "../shell/Shell";
import { start } from "../shell/start";
import { dev } from "./api";
import { Calls } from "./Calls";
import { en } from "./texts/en";
import { zh } from "./texts/zh";

/** Each list is read again at most this often. */
const RARELY_MS = 1_000;

function Inspector() {
  const { t } = useTranslation(["dev", "shell"]);
  const client = useQueryClient();
  const again = (list: string) => () => void client.invalidateQueries({ queryKey: [list] });
  const looks: Record<string, () => void> = {
    calls: useRarely(useCallback(again("calls"), [client]), RARELY_MS),
    deliveries: useRarely(useCallback(again("deliveries"), [client]), RARELY_MS),
  };
  useFeed({
    url: dev.stream,
    // It names the list that changed.
    onEvent: ({ type }) => looks[type]?.(),
    onBack: () => void client.invalidateQueries(),
  });
  const sections = [
    { to: "/calls", label: t("calls.title"), icon: <IconPulse aria-hidden /> },
    { to: "/events", label: t("events.title"), icon: <IconSend aria-hidden /> },
    { to: "/connections", label: t("shell:connections.title"), icon: <IconLink aria-hidden /> },
    { to: "/controls", label: t("controls.title"), icon: <IconBolt aria-hidden /> },
    { to: "/try", label: t("try.title"), icon: <IconComment aria-hidden /> },
    { to: "/sdk", label: t("sdk.title"), icon: <IconCode aria-hidden /> },
  ];
  return <Shell app="dev" sections={sections} />;
}

const root = createRootRoute({ component: Inspector });
const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/calls", replace: true });
  },
});
const calls = createRoute({ getParentRoute: () => root, path: "/calls", component: Calls });
const call = createRoute({ getParentRoute: () => calls, path: "$logId", component: lazyRouteComponent(() => import("./OneCall"), "OneCall") });
const events = createRoute({ getParentRoute: () => root, path: "/events", component: lazyRouteComponent(() => import("./Events"), "Events") });
const event = createRoute({ getParentRoute: () => events, path: "$deliveryId", component: lazyRouteComponent(() => import("./OneEvent"), "OneEvent") });
const connections = createRoute({ getParentRoute: () => root, path: "/connections", component: lazyRouteComponent(() => import("./LiveConnections"), "LiveConnections") });
const controls = createRoute({ getParentRoute: () => root, path: "/controls", component: lazyRouteComponent(() => import("./Controls"), "Controls") });
const tryOut = createRoute({ getParentRoute: () => root, path: "/try", component: lazyRouteComponent(() => import("./Try"), "Try") });
const sdk = createRoute({ getParentRoute: () => root, path: "/sdk", component: lazyRouteComponent(() => import("./Sdk"), "Sdk") });
const routeTree = root.addChildren([home, calls.addChildren([call]), events.addChildren([event]), connections, controls, tryOut, sdk]);

void start({ name: "dev", needs: "nobody", texts: { en, zh }, shared: { en: traffic, zh: trafficZh }, routeTree });
