// One skill: its name, its rules, and who has it.

import Input from "@douyinfe/semi-ui-19/lib/es/input";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../../api/client";
import { asFailure } from "../../api/failure";
import { Page } from "../../shell/Shell";
import { Fault, Nothing, Read } from "../../shell/states";
import { Field } from "../../ui/Field";
import { Confirmed } from "../../ui/Confirmed";
import { SaveRow } from "../../ui/SaveRow";
import { type Agent, type Skill, useAgents, useRules, useSkills } from "./api";
import { Rules } from "./Rules";
import { type Draft as RuleDraft, draftOf, ruleOf } from "./rule";

interface Draft {
  name: string;
  rules: RuleDraft[];
  agents: string[];
}

interface FormProps {
  deskId: string;
  /** None for a new one. */
  skill?: Skill | undefined;
  agents: Agent[];
  catalogue: Schemas["AgentSkillRule"][];
}

function Delete({ deskId, skill, onDone }: { deskId: string; skill: Skill; onDone: () => void }) {
  const { t } = useTranslation("admin");
  const path = { helpdesk_id: deskId, skill_id: skill.id };
  const remove = () => answer(api.DELETE("/admin/v1/desks/{helpdesk_id}/skills/{skill_id}", { params: { path } }));
  return (
    <Confirmed danger label={t("skills.delete")} title={t("skills.deleteTitle", { name: skill.name })} act={remove} onDone={onDone}>
      <p>{t("skills.deleteWhy")}</p>
    </Confirmed>
  );
}

function SkillForm({ deskId, skill, agents, catalogue }: FormProps) {
  const { t } = useTranslation(["admin", "shell"]);
  const client = useQueryClient();
  const navigate = useNavigate();
  const [draft, setDraft] = useState<Draft>(() => ({ name: skill?.name ?? "", rules: skill?.rules.map((rule) => draftOf(rule, catalogue)) ?? [], agents: skill?.agent_ids ?? [] }));
  const [begun, setBegun] = useState(draft);
  const [tried, setTried] = useState(false);
  const renew = () => Promise.all([client.invalidateQueries({ queryKey: ["agents", deskId] }), client.invalidateQueries({ queryKey: ["skills", deskId] })]);
  const save = useMutation({
    mutationFn: () => {
      const body = {
        ...(draft.name !== begun.name && { name: draft.name }),
        ...(draft.rules !== begun.rules && { rules: draft.rules.map((rule) => ruleOf(rule, catalogue)) }),
        ...(draft.agents !== begun.agents && { agent_ids: draft.agents }),
      };
      return answer(
        skill
          ? api.PATCH("/admin/v1/desks/{helpdesk_id}/skills/{skill_id}", { params: { path: { helpdesk_id: deskId, skill_id: skill.id } }, body })
          : api.POST("/admin/v1/desks/{helpdesk_id}/skills", { params: { path: { helpdesk_id: deskId } }, body }),
      );
    },
    onSuccess: async ({ skill: saved }) => {
      setBegun(draft);
      await renew();
      if (!skill) await navigate({ to: "/desks/$deskId/skills/$skillId", params: { deskId, skillId: saved.id }, replace: true });
    },
  });
  const set = (change: Partial<Draft>): void => {
    setDraft((before) => ({ ...before, ...change }));
    save.reset();
  };
  const failure = save.error ? asFailure(save.error) : null;
  const refused = (name: string): string | undefined => failure?.fields.find(({ field }) => field.startsWith(name))?.why;
  const whyName = tried && !draft.name.trim() ? t("shell:signIn.missing") : refused("name");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (draft.name.trim()) save.mutate();
  };
  const gone = (): void => {
    void renew();
    void navigate({ to: "/desks/$deskId/skills", params: { deskId } });
  };
  return (
    <form className="card stack" onSubmit={submit} noValidate>
      <Field label={t("skills.name")} why={whyName}>
        {(attributes) => <Input {...attributes} maxLength={100} value={draft.name} onChange={(name) => set({ name })} />}
      </Field>
      {skill?.is_default ? (
        <p className="field-hint">{t("skills.defaultWhy")}</p>
      ) : (
        <>
          <Rules deskId={deskId} rules={draft.rules} catalogue={catalogue} why={(at) => refused(`rules[${at}]`)} onChange={(rules) => set({ rules })} />
          <fieldset className="plain">
            <legend>{t("skills.who")}</legend>
            {agents.map(({ agent_id: id, name }) => (
              <label key={id} className="row tick">
                <input type="checkbox" checked={draft.agents.includes(id)} onChange={(event) => set({ agents: event.target.checked ? [...draft.agents, id] : draft.agents.filter((other) => other !== id) })} /> {name}
              </label>
            ))}
          </fieldset>
        </>
      )}
      {failure && !whyName && !refused("rules[") && <Fault error={failure} />}
      <SaveRow save={save} saved={t("skills.saved")}>
        {skill && !skill.is_default && <Delete deskId={deskId} skill={skill} onDone={gone} />}
      </SaveRow>
    </form>
  );
}

export function OneSkill() {
  const { t } = useTranslation(["admin", "shell"]);
  const { deskId, skillId } = useParams({ strict: false }) as { deskId: string; skillId: string };
  const skills = useSkills(deskId);
  const agents = useAgents(deskId);
  const rules = useRules(deskId);
  const back = (
    <Link to="/desks/$deskId/skills" params={{ deskId }}>
      ← {t("skills.title")}
    </Link>
  );
  const isNew = skillId === "new";
  const skill = skills.data?.skills.find(({ id }) => id === skillId);
  return (
    <Page title={isNew ? t("skills.new") : (skill?.name ?? t("skills.one"))} lead={back}>
      <Read query={skills}>
        {() => (
          <Read query={agents}>
            {({ agents: all }) => (
              <Read query={rules}>
                {({ rules: catalogue }) =>
                  skill || isNew ? <SkillForm key={skillId} deskId={deskId} skill={skill} agents={all} catalogue={catalogue} /> : <Nothing title={t("shell:gone")}>{t("shell:goneWhy")}</Nothing>
                }
              </Read>
            )}
          </Read>
        )}
      </Read>
    </Page>
  );
}
