// The developer's inspector: /dev.

import IconPulse from "@douyinfe/semi-icons/lib/es/icons/IconPulse";
import { createRootRoute, createRoute } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Shell } from "../shell/Shell";
import { start } from "../shell/start";
import { Calls } from "./Calls";
import { en } from "./texts/en";
import { zh } from "./texts/zh";

function Inspector() {
  const { t } = useTranslation("dev");
  return <Shell app="dev" sections={[{ to: "/", label: t("calls"), icon: <IconPulse /> }]} />;
}

const root = createRootRoute({ component: Inspector });
const routeTree = root.addChildren([createRoute({ getParentRoute: () => root, path: "/", component: Calls })]);

void start({ name: "dev", needs: "nobody", texts: { en, zh }, routeTree });
