// A skill's rule as it is written, and as the server keeps it.

import type { Schemas } from "../../api/client";
import type { Rule } from "./api";

type Catalogued = Schemas["AgentSkillRule"];

/** What a rule looks at, by its id. */
export type RuleId = `${keyof typeof RULES}`;
export type Operator = keyof typeof OPERATORS;
/** How its values are given. */
export type Kind = "texts" | "source" | "language" | "categories" | "level";

const [CITY, SOURCE, LANGUAGE, LEVEL] = ["3", "9", "10", "17"];

/** What rules are called in the texts. */
export const RULES = { 3: "city", 9: "source", 10: "language", 11: "user", 12: "department", 14: "chinese", 15: "english", 16: "japanese", 17: "level" } as const;
/** What operators are called in the texts. */
export const OPERATORS = { 2: "atLeast", 3: "atMost", 5: "isIn", 6: "isNotIn", 7: "hasNone", 8: "hasSome" } as const;
export const SOURCES = [
  ["0", "chat"],
  ["1", "api"],
] as const;
export const LANGUAGES = ["zh_cn", "en_us", "ja_jp"] as const;

export interface Draft {
  id: RuleId;
  operator: number;
  values: string[];
  /** What the server has, as long as nobody writes other values. */
  kept?: Rule["operand"];
}

export function kindOf(id: string): Kind {
  if (id === SOURCE) return "source";
  if (id === LANGUAGE) return "language";
  if (id === LEVEL) return "level";
  return ["14", "15", "16"].includes(id) ? "categories" : "texts";
}

function textOf(id: string, item: unknown): string {
  if (typeof item !== "object" || item === null) return String(item);
  const { id: own, name, value } = item as Record<string, unknown>;
  return String(id === CITY ? (name ?? value ?? own) : (own ?? value));
}

/** The rule as a form has it. Its operand's value stands under one of several names. */
export function draftOf({ id, selected_operator: operator, operand }: Rule, catalogue: Catalogued[]): Draft {
  const usual = memberOf(id, catalogue);
  const value = operand[usual] ?? Object.values(operand)[0];
  const values = (Array.isArray(value) ? value : [value]).map((item) => textOf(id, item));
  return { id: id as RuleId, operator, values, kept: operand };
}

function memberOf(id: string, catalogue: Catalogued[]): string {
  return Object.keys(catalogue.find((rule) => rule.id === id)?.operand ?? {})[0] ?? "values";
}

export function ruleOf({ id, operator, values, kept }: Draft, catalogue: Catalogued[]): Rule {
  const given = values.map((text) => text.trim()).filter(Boolean);
  const operand = kept ?? { [memberOf(id, catalogue)]: kindOf(id) === "level" ? Number(given[0]) : given };
  return { id, selected_operator: operator, operand };
}

/** A new rule of this kind. */
export function emptyRule(id: RuleId, catalogue: Catalogued[]): Draft {
  return { id, operator: catalogue.find((rule) => rule.id === id)?.operator_options[0] ?? 0, values: [] };
}
