// Questions before something is done with a ticket.

import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Fault, Read } from "../../shell/states";
import { type Agent, read, type TicketView } from "../api/calls";
import { AgentPicker } from "../ui/AgentPicker";
import { Dialog } from "../../ui/Dialog";
import type { useAct } from "./acting";
import { ask, useQuestion } from "./asking";

interface DialogProps {
  view: TicketView;
  act: ReturnType<typeof useAct>;
}

export function Dialogs({ view, act }: DialogProps) {
  switch (useQuestion()) {
    case "transfer":
      return <Transfer view={view} act={act} />;
    case "collaborator":
      return <AddCollaborator view={view} act={act} />;
    case "close":
      return <Close act={act} />;
    default:
      return null;
  }
}

const done = (): void => ask(null);

function Transfer({ view, act }: DialogProps) {
  const { t } = useTranslation("agent");
  const { helpdesk_id: desk, owner } = view.ticket;
  const menus = useQuery(read.menus(desk));
  const whyNot = ({ open_id, on_duty }: Agent): string | undefined => (open_id === owner?.open_id ? t("transfer.hasIt") : on_duty ? undefined : t("transfer.offDuty"));
  return (
    <Dialog title={t("transfer.title")} onClose={done}>
      {act.error && <Fault error={act.error} />}
      <h3>{t("transfer.toAgent")}</h3>
      <AgentPicker desk={desk} label={t("transfer.findLabel")} whyNot={whyNot} isBusy={act.isPending} onPick={({ open_id: to }) => act.mutate({ action: "transfer", to }, { onSuccess: done })} />
      <Read query={menus}>
        {({ skills }) =>
          skills.length > 0 && (
            <>
              <h3>{t("transfer.toSkill")}</h3>
              <p className="muted">{t("transfer.toSkillWhy")}</p>
              <ul className="picks">
                {skills.map(({ id, name }) => (
                  <li key={id}>
                    <button type="button" className="pick" disabled={act.isPending} onClick={() => act.mutate({ action: "transfer", skill_id: id }, { onSuccess: done })}>
                      {name}
                    </button>
                  </li>
                ))}
              </ul>
            </>
          )
        }
      </Read>
    </Dialog>
  );
}

function AddCollaborator({ view, act }: DialogProps) {
  const { t } = useTranslation("agent");
  const { helpdesk_id: desk, owner, collaborators } = view.ticket;
  const whyNot = ({ open_id }: Agent): string | undefined => {
    if (open_id === owner?.open_id) return t("transfer.hasIt");
    return collaborators.some((there) => there.open_id === open_id) ? t("collaborators.there") : undefined;
  };
  return (
    <Dialog title={t("collaborators.add")} onClose={done}>
      {act.error && <Fault error={act.error} />}
      <p className="muted">{t("collaborators.why")}</p>
      <AgentPicker desk={desk} label={t("transfer.findLabel")} whyNot={whyNot} isBusy={act.isPending} onPick={({ open_id: to }) => act.mutate({ action: "add_collaborator", to }, { onSuccess: done })} />
    </Dialog>
  );
}

function Close({ act }: { act: DialogProps["act"] }) {
  const { t } = useTranslation(["agent", "shell"]);
  const [solved, setSolved] = useState<"yes" | "no" | "unsaid">("yes");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    act.mutate({ action: "close", ...(solved !== "unsaid" && { solved: solved === "yes" }) }, { onSuccess: done });
  };
  return (
    <Dialog title={t("close.title")} onClose={done}>
      <form className="stack" onSubmit={submit}>
        {act.error && <Fault error={act.error} />}
        <p>{t("close.what")}</p>
        <fieldset className="choices">
          <legend>{t("close.solved")}</legend>
          {(["yes", "no", "unsaid"] as const).map((answer) => (
            <label key={answer}>
              <input type="radio" name="solved" checked={solved === answer} autoFocus={answer === "yes"} onChange={() => setSolved(answer)} /> {t(`close.${answer}`)}
            </label>
          ))}
        </fieldset>
        <div className="dialog-actions">
          <Button onClick={done}>{t("shell:cancel")}</Button>
          <Button theme="solid" htmlType="submit" loading={act.isPending}>
            {t("act.close")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
