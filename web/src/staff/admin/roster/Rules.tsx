// The rules of a skill: what a ticket has to be like.

import IconDelete from "@douyinfe/semi-icons/lib/es/icons/IconDelete";
import IconPlus from "@douyinfe/semi-icons/lib/es/icons/IconPlus";
import Button from "@douyinfe/semi-ui-19/lib/es/button";
import Input from "@douyinfe/semi-ui-19/lib/es/input";
import TextArea from "@douyinfe/semi-ui-19/lib/es/input/textarea";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { Choice } from "../../ui/Choice";
import { Field } from "../../ui/Field";
import { useCategories } from "../categories";
import { type Draft, emptyRule, kindOf, LANGUAGES, OPERATORS, type Operator, RULES, type RuleId, SOURCES } from "./rule";

type Catalogued = Schemas["AgentSkillRule"];

interface ValuesProps {
  deskId: string;
  rule: Draft;
  onChange: (values: string[]) => void;
}

/** What a rule compares with: picked where there are only a few values, written otherwise. */
function Values({ deskId, rule: { id, values }, onChange }: ValuesProps) {
  const { t } = useTranslation("admin");
  const categories = useCategories(deskId);
  const kind = kindOf(id);
  if (kind === "texts") {
    return (
      <Field label={t("rules.values")} hint={t(`rules.hints.${RULES[id as "3" | "11" | "12"]}`)}>
        {(attributes) => <TextArea {...attributes} autosize={{ minRows: 1, maxRows: 8 }} rows={1} value={values.join("\n")} onChange={(text) => onChange(text.split("\n"))} />}
      </Field>
    );
  }
  if (kind === "level") {
    return <Field label={t("rules.level")}>{(attributes) => <Input {...attributes} className="short" type="number" value={values[0] ?? ""} onChange={(text) => onChange([text])} />}</Field>;
  }
  const picked: [value: string, label: string][] =
    kind === "source" ? SOURCES.map(([source, name]) => [source, t(`rules.sources.${name}`)]) : kind === "language" ? LANGUAGES.map((language) => [language, t(`rules.languages.${language}`)]) : categories.map(({ id: own, name }) => [own, name]);
  return (
    <fieldset className="plain rule-picks">
      <legend>{t("rules.values")}</legend>
      {picked.map(([value, label]) => (
        <label key={value} className="row tick">
          <input type="checkbox" checked={values.includes(value)} onChange={(event) => onChange(event.target.checked ? [...values, value] : values.filter((other) => other !== value))} /> {label}
        </label>
      ))}
    </fieldset>
  );
}

interface RulesProps {
  deskId: string;
  rules: Draft[];
  catalogue: Catalogued[];
  /** What is wrong with the rule of this number. */
  why: (at: number) => string | undefined;
  onChange: (rules: Draft[]) => void;
}

export function Rules({ deskId, rules, catalogue, why, onChange }: RulesProps) {
  const { t } = useTranslation("admin");
  const set = (at: number, rule: Draft): void => onChange(rules.map((old, number) => (number === at ? rule : old)));
  const kinds = catalogue.map(({ id }): [RuleId, string] => [id as RuleId, t(`rules.kinds.${RULES[id as RuleId]}`)]);
  return (
    <fieldset className="plain stack">
      <legend>{t("rules.title")}</legend>
      <p className="field-hint">{t("rules.lead")}</p>
      {rules.map((rule, at) => (
        // Rules have no identity but their place.
        <div key={`${at}`} className="rule stack" role="group" aria-label={t("rules.number", { number: at + 1 })}>
          <div className="row">
            <Choice label={t("rules.what")} value={rule.id} options={kinds} onChange={(id) => id && set(at, emptyRule(id, catalogue))} />
            <Choice
              label={t("rules.operator")}
              value={String(rule.operator)}
              options={(catalogue.find(({ id }) => id === rule.id)?.operator_options ?? []).map((operator) => [String(operator), t(`rules.operators.${OPERATORS[operator as Operator]}`)])}
              onChange={(operator) => set(at, { ...rule, operator: Number(operator) })}
            />
            <Button theme="borderless" type="tertiary" icon={<IconDelete aria-hidden />} aria-label={t("rules.remove", { number: at + 1 })} onClick={() => onChange(rules.filter((_, number) => number !== at))} />
          </div>
          <Values deskId={deskId} rule={rule} onChange={(values) => set(at, { id: rule.id, operator: rule.operator, values })} />
          {why(at) && <p className="field-why">{why(at)}</p>}
        </div>
      ))}
      <div>
        <Button icon={<IconPlus aria-hidden />} onClick={() => onChange([...rules, emptyRule("10", catalogue)])}>
          {t("rules.add")}
        </Button>
      </div>
    </fieldset>
  );
}
