// Replay before publishing: the frame of past questions and of kept cases.

import { Outlet, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Page } from "../../shell/Shell";
import { Tabs } from "../../ui/Tabs";
import { useDesk } from "../desk";

export function Replay() {
  const { t } = useTranslation("admin");
  const { deskId } = useParams({ strict: false }) as { deskId: string };
  const desk = useDesk();
  const base = `/desks/${deskId}/replay`;
  return (
    <Page title={t("replay.title")} lead={desk?.name}>
      <Tabs
        label={t("replay.title")}
        tabs={[
          { to: base, label: t("replay.past"), exact: true },
          { to: `${base}/cases`, label: t("replay.cases") },
        ]}
      />
      <Outlet />
    </Page>
  );
}
