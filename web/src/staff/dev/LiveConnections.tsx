import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Page } from "../shell/Shell";
import { Read } from "../shell/states";
import { Connections } from "../ui/Connections";
import { dev } from "./api";

/** A connection comes and goes without an event of its own. */
const LOOK_MS = 2_000;

export function LiveConnections() {
  const { t } = useTranslation(["dev", "shell"]);
  const query = useQuery({ queryKey: ["connections"], queryFn: dev.connections, refetchInterval: LOOK_MS });
  return (
    <Page title={t("shell:connections.title")} lead={t("shell:connections.lead")}>
      <Read query={query}>{(connections) => <Connections connections={connections} />}</Read>
    </Page>
  );
}
