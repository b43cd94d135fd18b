// Questions before something is done with a ticket.

import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Fault, Read } from "../../shell/states";
import { type Menus, read, type TicketView } from "../api/calls";
import { Avatar } from "../ui/Avatar";
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
  const menus = useQuery(read.menus(view.ticket.helpdesk_id));
  return (
    <Dialog title={t("transfer.title")} onClose={done}>
      {act.error && <Fault error={act.error} />}
      <Read query={menus}>
        {({ agents, skills }) => (
          <>
            <h3>{t("transfer.toAgent")}</h3>
            <Agents agents={agents} but={view.ticket.owner?.open_id} onPick={(to) => act.mutate({ action: "transfer", to }, { onSuccess: done })} />
            {skills.length > 0 && (
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
            )}
          </>
        )}
      </Read>
    </Dialog>
  );
}

function AddCollaborator({ view, act }: DialogProps) {
  const { t } = useTranslation("agent");
  const menus = useQuery(read.menus(view.ticket.helpdesk_id));
  const there = new Set([view.ticket.owner, ...view.ticket.collaborators].map((person) => person?.open_id));
  return (
    <Dialog title={t("collaborators.add")} onClose={done}>
      {act.error && <Fault error={act.error} />}
      <p className="muted">{t("collaborators.why")}</p>
      <Read query={menus}>
        {({ agents }) => <Agents agents={agents.filter(({ open_id }) => !there.has(open_id))} onPick={(to) => act.mutate({ action: "add_collaborator", to }, { onSuccess: done })} />}
      </Read>
    </Dialog>
  );
}

/** Agents to pick from, those on duty first. */
function Agents({ agents, but, onPick }: { agents: Menus["agents"]; but?: string | undefined; onPick: (openId: string) => void }) {
  const { t } = useTranslation("agent");
  const [q, setQ] = useState("");
  const words = q.trim().toLowerCase();
  const shown = agents.filter(({ name, open_id }) => open_id !== but && name.toLowerCase().includes(words)).sort((a, b) => Number(b.on_duty) - Number(a.on_duty));
  return (
    <>
      <input className="text-field" type="search" autoFocus aria-label={t("transfer.find")} placeholder={t("transfer.find")} value={q} onChange={(event) => setQ(event.target.value)} />
      {shown.length === 0 && <p className="muted">{t("transfer.none")}</p>}
      <ul className="picks">
        {shown.map(({ open_id, name, status, open_tickets, capacity }) => (
          <li key={open_id}>
            <button type="button" className="pick" onClick={() => onPick(open_id)}>
              <Avatar name={name} id={open_id} />
              <span className="pick-name">{name}</span>
              <span className={`duty duty-${status}`}>{t(`status.${status}`)}</span>
              <span className="muted">{t("transfer.load", { n: open_tickets, of: capacity })}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
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
