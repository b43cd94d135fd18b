// The agents of a help desk: who is there, what they can, what they have to do.

import IconPlus from "@douyinfe/semi-icons/lib/es/icons/IconPlus";
import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../api/client";
import { asFailure } from "../../api/failure";
import { Page } from "../../shell/Shell";
import { Fault, Read } from "../../shell/states";
import { Badge, type Tone } from "../../ui/Badge";
import { Choice } from "../../ui/Choice";
import { Confirm } from "../../ui/Confirm";
import { Dialog } from "../../ui/Dialog";
import { useDesk } from "../desk";
import { type Candidate, PersonField, peopleOf } from "../PersonField";
import { type Agent, useAgents, useSkills } from "./api";
import { useWeekdays } from "../weekdays";

const TONES: Record<Agent["status"], Tone> = { online: "good", off_duty: "warn", offline: "plain" };

/** Makes a user of the tenant an agent. */
function Add({ deskId, onClose }: { deskId: string; onClose: () => void }) {
  const { t } = useTranslation(["admin", "shell"]);
  const client = useQueryClient();
  const [person, setPerson] = useState<Candidate | null>(null);
  const [tried, setTried] = useState(false);
  const add = useMutation({
    mutationFn: (email: string) => answer(api.POST("/admin/v1/desks/{helpdesk_id}/agents", { params: { path: { helpdesk_id: deskId } }, body: { email } })),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["agents", deskId] });
      onClose();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (person?.email) add.mutate(person.email);
  };
  const pick = (picked: Candidate | null): void => {
    setPerson(picked);
    add.reset();
  };
  const failure = add.error ? asFailure(add.error) : null;
  const wrong = tried && !person ? t("person.missing") : failure?.fields.find(({ field }) => field === "email")?.why;
  return (
    <Dialog title={t("agents.add")} onClose={onClose} className="dialog-roomy">
      <form className="stack" onSubmit={submit} noValidate>
        <PersonField label={t("agents.who")} hint={t("agents.whoHint")} why={wrong} source={peopleOf(deskId)} signingIn value={person} onPick={pick} onLeave={() => pick(null)} />
        {failure && !wrong && <Fault error={failure} />}
        <div className="dialog-actions">
          <Button onClick={onClose}>{t("shell:cancel")}</Button>
          <Button htmlType="submit" theme="solid" loading={add.isPending}>
            {t("agents.add")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Remove({ deskId, agent, onClose }: { deskId: string; agent: Agent; onClose: () => void }) {
  const { t } = useTranslation("admin");
  const client = useQueryClient();
  const path = { helpdesk_id: deskId, agent_id: agent.agent_id };
  const remove = useMutation({
    mutationFn: () => answer(api.DELETE("/admin/v1/desks/{helpdesk_id}/agents/{agent_id}", { params: { path } })),
    onSuccess: async () => {
      await Promise.all([client.invalidateQueries({ queryKey: ["agents", deskId] }), client.invalidateQueries({ queryKey: ["skills", deskId] })]);
      onClose();
    },
  });
  return (
    <Confirm visible title={t("agents.removeTitle", { name: agent.name })} action={t("agents.remove")} pending={remove.isPending} onConfirm={() => remove.mutate()} onCancel={onClose}>
      <p>{t("agents.removeWhy", { count: agent.open_tickets })}</p>
      {remove.error && <Fault error={remove.error} />}
    </Confirm>
  );
}

/** When somebody works, in a few words. */
function Worktime({ schedule }: Pick<Agent, "schedule">) {
  const { t } = useTranslation("admin");
  const weekday = useWeekdays();
  const dayOf = (day: number): string => (day === 9 ? t("hours.everyDay") : day === 10 ? t("hours.onWeekdays") : day === 11 ? t("hours.atWeekends") : weekday(day, "short"));
  if (schedule.length === 0) return t("hours.always");
  return schedule.map(({ weekday: day, start_time: from, end_time: to }) => `${dayOf(day)} ${from}–${to}`).join(", ");
}

function Row({ deskId, agent, onRemove }: { deskId: string; agent: Agent; onRemove: () => void }) {
  const { t } = useTranslation("admin");
  const client = useQueryClient();
  const set = useMutation({
    mutationFn: (status: "online" | "offline") =>
      answer(api.PATCH("/admin/v1/desks/{helpdesk_id}/agents/{agent_id}", { params: { path: { helpdesk_id: deskId, agent_id: agent.agent_id } }, body: { status } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["agents", deskId] }),
  });
  const full = agent.open_tickets >= agent.capacity;
  return (
    <div className="line agent-line">
      <span className="line-main">
        <Link to="/desks/$deskId/agents/$agentId" params={{ deskId, agentId: agent.agent_id }}>
          <strong>{agent.name}</strong>
        </Link>{" "}
        <Badge tone={TONES[agent.status]}>{t(`agents.is.${agent.status}`)}</Badge> {agent.is_owner && <Badge>{t("agents.owner")}</Badge>}
        <span className="line-why">
          {agent.email && `${agent.email} · `}
          {agent.skills.map(({ name }) => name).join(", ")}
        </span>
        <span className="line-why">
          <Worktime schedule={agent.schedule} />
        </span>
        {set.error && <Fault error={set.error} />}
      </span>
      <span className="agent-load">
        <meter min={0} max={agent.capacity} value={Math.min(agent.open_tickets, agent.capacity)} aria-label={t("agents.load", { name: agent.name })} />
        <span className={full ? "field-why" : "muted"}>{t("agents.of", { open: agent.open_tickets, count: agent.capacity })}</span>
      </span>
      <span className="row agent-acts">
        <Choice
          label={t("agents.statusOf", { name: agent.name })}
          value={agent.status === "offline" ? "offline" : "online"}
          options={[
            ["online", t("agents.is.online")],
            ["offline", t("agents.is.offline")],
          ]}
          onChange={(status) => status && set.mutate(status)}
        />
        <Button type="danger" theme="borderless" disabled={agent.is_owner} onClick={onRemove} aria-label={t("agents.removeOne", { name: agent.name })}>
          {t("agents.remove")}
        </Button>
      </span>
    </div>
  );
}

export function Agents() {
  const { t } = useTranslation("admin");
  const { deskId } = useParams({ strict: false }) as { deskId: string };
  const desk = useDesk();
  const query = useAgents(deskId);
  const skills = useSkills(deskId).data?.skills ?? [];
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState("");
  const [skill, setSkill] = useState("");
  const add = (
    <Button theme="solid" icon={<IconPlus aria-hidden />} onClick={() => setAdding(true)}>
      {t("agents.add")}
    </Button>
  );
  return (
    <Page title={t("agents.title")} lead={desk?.name} actions={add}>
      <Read query={query}>
        {({ agents }) => {
          const shown = agents.filter((agent) => !skill || agent.skills.some(({ id }) => id === skill));
          const leaving = agents.find(({ agent_id: id }) => id === removing);
          return (
            <>
              <div className="filters">
                <Choice label={t("agents.skill")} value={skill} options={skills.map(({ id, name }) => [id, name])} any={t("agents.anySkill")} onChange={setSkill} />
              </div>
              <p className="muted count" role="status">
                {t("agents.count", { count: shown.length })}
              </p>
              <ul className="rows">
                {shown.map((agent) => (
                  <li key={agent.agent_id}>
                    <Row deskId={deskId} agent={agent} onRemove={() => setRemoving(agent.agent_id)} />
                  </li>
                ))}
              </ul>
              {leaving && <Remove deskId={deskId} agent={leaving} onClose={() => setRemoving("")} />}
            </>
          );
        }}
      </Read>
      {adding && <Add deskId={deskId} onClose={() => setAdding(false)} />}
    </Page>
  );
}
