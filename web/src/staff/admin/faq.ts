// A FAQ as it is written, and as the server takes it.

import type { Schemas } from "../api/client";
import { isRich, type Item, items, plainOf, written } from "../ui/rich";

export interface Draft {
  question: string;
  category: string;
  similar: string[];
  /** The answer with links as [words](address) and pictures as ![number]. */
  answer: string;
  pictures: Item[];
  /** What those read who see plain text only; empty: made from the answer. */
  plain: string;
}

export const EMPTY: Draft = { question: "", category: "", similar: [], answer: "", pictures: [], plain: "" };

export function draftOf(faq: Schemas["Faq"]): Draft {
  const rich = faq.answer_richtext ?? [];
  const { text, pictures } = written(rich);
  const plain = faq.answer ?? "";
  return {
    question: faq.question,
    category: faq.categories?.[0]?.category_id ?? "",
    similar: faq.tags ?? [],
    answer: text || plain,
    pictures,
    plain: text && plain !== plainOf(rich) ? plain : "",
  };
}

export function inputOf({ question, category, similar, answer, pictures, plain }: Draft): Schemas["FaqInput"] {
  const rich = items({ text: answer.trim(), pictures });
  const input: Schemas["FaqInput"] = { question: question.trim(), tags: similar.map((text) => text.trim()).filter(Boolean) };
  if (category) input.category_id = category;
  if (isRich(rich) || plain.trim()) input.answer_richtext = rich;
  if (plain.trim()) input.answer = plain.trim();
  else if (!input.answer_richtext) input.answer = plainOf(rich);
  return input;
}
