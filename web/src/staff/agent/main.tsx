// The console of agents: /agent.

import IconHome from "@douyinfe/semi-icons/lib/es/icons/IconHome";
import { createRootRoute, createRoute } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Shell } from "../shell/Shell";
import { start } from "../shell/start";
import { Desks } from "./Desks";
import { en } from "./texts/en";
import { zh } from "./texts/zh";

function Console() {
  const { t } = useTranslation("agent");
  return <Shell app="agent" sections={[{ to: "/", label: t("desks.title"), icon: <IconHome aria-hidden /> }]} />;
}

const root = createRootRoute({ component: Console });
const routeTree = root.addChildren([createRoute({ getParentRoute: () => root, path: "/", component: Desks })]);

void start({ name: "agent", needs: "session", texts: { en, zh }, routeTree });
