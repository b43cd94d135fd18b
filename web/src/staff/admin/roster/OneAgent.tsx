// One agent: how many tickets at a time, which skills, and when.

import Input from "@douyinfe/semi-ui-19/lib/es/input";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../api/client";
import { asFailure } from "../../api/failure";
import { Page } from "../../shell/Shell";
import { Fault, Nothing, Read } from "../../shell/states";
import { Field } from "../../ui/Field";
import { SaveRow } from "../../ui/SaveRow";
import { type Agent, type Skill, useAgents, useSkills } from "./api";
import { type Hours, HoursField } from "./Hours";
import { blocksOf, SLOTS_MAX, slotsOf } from "./week";

interface Draft {
  capacity: string;
  /** Without the default skill, which is what remains without any other. */
  skills: string[];
  hours: Hours;
}

function draftOf(agent: Agent): Draft {
  return {
    capacity: String(agent.capacity),
    skills: agent.skills.filter((skill) => !skill.is_default).map(({ id }) => id),
    hours: { always: agent.schedule.length === 0, blocks: blocksOf(agent.schedule) },
  };
}

interface FormProps {
  deskId: string;
  agent: Agent;
  skills: Skill[];
  timezone: string;
}

function AgentForm({ deskId, agent, skills, timezone }: FormProps) {
  const { t } = useTranslation(["admin", "shell"]);
  const client = useQueryClient();
  const [draft, setDraft] = useState(() => draftOf(agent));
  const [begun, setBegun] = useState(draft);
  const [tried, setTried] = useState(false);
  const slots = draft.hours.always ? [] : slotsOf(draft.hours.blocks);
  const save = useMutation({
    mutationFn: () =>
      answer(
        api.PATCH("/admin/v1/desks/{helpdesk_id}/agents/{agent_id}", {
          params: { path: { helpdesk_id: deskId, agent_id: agent.agent_id } },
          // Only what was changed here, so that what somebody else changed meanwhile stays.
          body: {
            ...(draft.capacity !== begun.capacity && { capacity: Number(draft.capacity) }),
            ...(draft.skills !== begun.skills && { agent_skill_ids: draft.skills }),
            ...(draft.hours !== begun.hours && { schedule: slots }),
          },
        }),
      ),
    onSuccess: () => {
      setBegun(draft);
      setTried(false);
      return Promise.all([client.invalidateQueries({ queryKey: ["agents", deskId] }), client.invalidateQueries({ queryKey: ["skills", deskId] })]);
    },
  });
  const set = (change: Partial<Draft>): void => {
    setDraft((before) => ({ ...before, ...change }));
    save.reset();
  };
  const failure = save.error ? asFailure(save.error) : null;
  const refused = (name: string): string | undefined => failure?.fields.find(({ field }) => field.startsWith(name))?.why;
  const noHours = !draft.hours.always && slots.length === 0 ? t("hours.none") : slots.length > SLOTS_MAX ? t("hours.tooMany", { count: SLOTS_MAX }) : undefined;
  const whyHours = (tried && noHours) || refused("schedule");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (!noHours) save.mutate();
  };
  const give = (id: string, given: boolean): void => set({ skills: given ? [...draft.skills, id] : draft.skills.filter((other) => other !== id) });
  return (
    <form className="card stack" onSubmit={submit} noValidate>
      <Field label={t("agents.capacity")} hint={t("agents.capacityHint")} why={refused("capacity")}>
        {(attributes) => <Input {...attributes} className="short" type="number" min={1} max={1000} value={draft.capacity} onChange={(capacity) => set({ capacity })} />}
      </Field>
      <fieldset className="plain">
        <legend>{t("skills.title")}</legend>
        <p className="field-hint">{t("agents.skillsHint")}</p>
        {skills.filter((skill) => !skill.is_default).map(({ id, name }) => (
          <label key={id} className="row tick">
            <input type="checkbox" checked={draft.skills.includes(id)} onChange={(event) => give(id, event.target.checked)} /> {name}
          </label>
        ))}
      </fieldset>
      <HoursField hours={draft.hours} timezone={timezone} why={whyHours || undefined} onChange={(hours) => set({ hours })} />
      {failure && !whyHours && !refused("capacity") && <Fault error={failure} />}
      <SaveRow save={save} saved={t("agents.saved")} />
    </form>
  );
}

export function OneAgent() {
  const { t } = useTranslation(["admin", "shell"]);
  const { deskId, agentId } = useParams({ strict: false }) as { deskId: string; agentId: string };
  const agents = useAgents(deskId);
  const skills = useSkills(deskId);
  const agent = agents.data?.agents.find(({ agent_id: id }) => id === agentId);
  const back = (
    <Link to="/desks/$deskId/agents" params={{ deskId }}>
      ← {t("agents.title")}
    </Link>
  );
  return (
    <Page title={agent?.name ?? t("agents.one")} lead={back}>
      <Read query={agents}>
        {({ timezone }) =>
          agent ? (
            <Read query={skills}>{({ skills: all }) => <AgentForm key={agentId} deskId={deskId} agent={agent} skills={all} timezone={timezone} />}</Read>
          ) : (
            <Nothing title={t("shell:gone")}>{t("shell:goneWhy")}</Nothing>
          )
        }
      </Read>
    </Page>
  );
}
