// Time, mishaps and the way back.

import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Page } from "../shell/Shell";
import { Fault as Failed, Read } from "../shell/states";
import { Confirm } from "../ui/Confirm";
import { Time } from "../ui/Time";
import { dev } from "./api";
import { Faults } from "./Faults";

const CLOCK_LOOK_MS = 1_000;
const STEPS = [
  ["15s", 15_000],
  ["1min", 60_000],
  ["10min", 600_000],
  ["1h", 3_600_000],
  ["1d", 86_400_000],
  ["7d", 604_800_000],
] as const;

function Clock() {
  const { t } = useTranslation("dev");
  const client = useQueryClient();
  const query = useQuery({ queryKey: ["clock"], queryFn: dev.clock, refetchInterval: CLOCK_LOOK_MS });
  const advance = useMutation({
    mutationFn: dev.advance,
    // Retries, time-outs and schedules follow.
    onSuccess: () => client.invalidateQueries(),
  });
  return (
    <section className="card stack" aria-labelledby="clock">
      <div>
        <h2 id="clock">{t("clock.title")}</h2>
        <p className="muted">{t("clock.lead")}</p>
      </div>
      <Read query={query}>
        {(now) => (
          <p className="clock">
            <Time at={now} exact />
            {Math.abs(now - Date.now()) > 5_000 && <span className="muted"> {t("clock.ahead", { count: Math.round((now - Date.now()) / 60_000) })}</span>}
          </p>
        )}
      </Read>
      <div className="row" role="group" aria-label={t("clock.advance")}>
        {STEPS.map(([name, ms]) => (
          <Button key={name} disabled={advance.isPending} onClick={() => advance.mutate(ms)}>
            {t(`clock.steps.${name}`)}
          </Button>
        ))}
      </div>
      {advance.error && <Failed error={advance.error} />}
    </section>
  );
}

function Reset() {
  const { t } = useTranslation("dev");
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const reset = useMutation({
    mutationFn: dev.reset,
    onSuccess: () => {
      setAsking(false);
      return client.invalidateQueries();
    },
  });
  return (
    <section className="card stack" aria-labelledby="reset">
      <div>
        <h2 id="reset">{t("reset.title")}</h2>
        <p className="muted">{t("reset.lead")}</p>
      </div>
      <div className="row">
        <Button type="danger" onClick={() => setAsking(true)}>
          {t("reset.button")}
        </Button>
        {reset.isSuccess && <span role="status">{t("reset.done")}</span>}
      </div>
      <Confirm visible={asking} title={t("reset.title")} action={t("reset.button")} pending={reset.isPending} onConfirm={() => reset.mutate()} onCancel={() => setAsking(false)}>
        <p>{t("reset.sure")}</p>
        {reset.error && <Failed error={reset.error} />}
      </Confirm>
    </section>
  );
}

export function Controls() {
  const { t } = useTranslation("dev");
  return (
    <Page title={t("controls.title")} lead={t("controls.lead")}>
      <div className="stack">
        <Clock />
        <Faults />
        <Reset />
      </div>
    </Page>
  );
}
