import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api } from "../api/client";
import { Page } from "../shell/Shell";
import { Read } from "../shell/states";
import { Connections } from "../ui/Connections";

/** A connection comes and goes without an event of its own. */
const LOOK_MS = 5_000;

export function LiveConnections() {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: ["connections"], queryFn: () => answer(api.GET("/admin/v1/connections")), refetchInterval: LOOK_MS });
  return (
    <Page title={t("connections.title")} lead={t("connections.lead")}>
      <Read query={query}>{({ connections }) => <Connections connections={connections} />}</Read>
    </Page>
  );
}
