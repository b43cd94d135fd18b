// Where an event stands, why, and what to do.

import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";

interface StandingProps {
  standing: Schemas["EventStanding"];
  lack: Schemas["EventLack"] | null | undefined;
  attempts: Schemas["EventAttempt"][];
}

export function Standing({ standing, lack, attempts }: StandingProps) {
  const { t } = useTranslation();
  const tries = t("delivery.tries", { count: attempts.length });
  const failed = standing === "waiting" || standing === "given_up";
  const last = failed ? attempts.at(-1)?.outcome : undefined;
  return (
    <div className={failed && attempts.length > 0 ? "mistake" : undefined}>
      <p>
        {t(`delivery.standing.${standing === "waiting" && attempts.length === 0 ? "new" : standing}`, { tries })} {lack && t(`delivery.lack.${lack}`)}
      </p>
      {last && (
        <p>
          {t("delivery.last")} <code>{last}</code>
        </p>
      )}
    </div>
  );
}
