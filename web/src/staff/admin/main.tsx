// The pages of owners and administrators: /admin.

import IconHome from "@douyinfe/semi-icons/lib/es/icons/IconHome";
import { createRootRoute, createRoute } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Shell } from "../shell/Shell";
import { start } from "../shell/start";
import { Desks } from "./Desks";
import { en } from "./texts/en";
import { zh } from "./texts/zh";

function Administration() {
  const { t } = useTranslation("admin");
  return <Shell app="admin" sections={[{ to: "/", label: t("desks.title"), icon: <IconHome /> }]} />;
}

const root = createRootRoute({ component: Administration });
const routeTree = root.addChildren([createRoute({ getParentRoute: () => root, path: "/", component: Desks })]);

void start({ name: "admin", needs: "owner", texts: { en, zh }, routeTree });
