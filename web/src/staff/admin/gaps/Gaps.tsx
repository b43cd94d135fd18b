// What guests ask in vain: the frame of its three parts.

import { Outlet, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Page } from "../../shell/Shell";
import { Tabs } from "../../ui/Tabs";
import { useDesk } from "../desk";
import { TestBox } from "../TestBox";

export function Gaps() {
  const { t } = useTranslation("admin");
  const { deskId } = useParams({ strict: false }) as { deskId: string };
  const desk = useDesk();
  const base = `/desks/${deskId}/gaps`;
  return (
    <Page title={t("gaps.title")} lead={desk?.name}>
      <div className="beside">
        <div>
          <Tabs
            label={t("gaps.title")}
            tabs={[
              { to: base, label: t("gaps.open"), exact: true },
              { to: `${base}/duplicates`, label: t("gaps.duplicates") },
              { to: `${base}/decisions`, label: t("gaps.decisions") },
            ]}
          />
          <Outlet />
        </div>
        <TestBox deskId={deskId} />
      </div>
    </Page>
  );
}
