// Adds questions of a gap to a FAQ as similar questions.

import Button from "@douyinfe/semi-ui-19/lib/es/button";
import Input from "@douyinfe/semi-ui-19/lib/es/input";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Fault } from "../../shell/states";
import { FaqPicker } from "../FaqPicker";
import type { Gap } from "./deciding";

interface AddSimilarProps {
  deskId: string;
  gap: Gap;
  saving: boolean;
  error: unknown;
  onSave: (body: { faq_id: string; add: string[] }) => void;
  onCancel: () => void;
}

interface Text {
  text: string;
  taken: boolean;
}

/** The texts that are proposed, then what else was asked; only the former are marked, if there are any. */
function textsOf({ question, proposal, examples }: Gap): Text[] {
  const proposed = proposal.kind === "answer_needed" ? [question] : proposal.texts;
  const all = [...proposed, ...examples.map(({ text }) => text)];
  const different = all.filter((text, at) => all.findIndex((other) => other.trim().toLowerCase() === text.trim().toLowerCase()) === at);
  return different.map((text) => ({ text, taken: proposed.includes(text) }));
}

export function AddSimilar({ deskId, gap, saving, error, onSave, onCancel }: AddSimilarProps) {
  const { t } = useTranslation(["admin", "shell"]);
  const { faq } = gap.proposal;
  const [faqId, setFaqId] = useState(faq?.id ?? "");
  const [texts, setTexts] = useState(() => textsOf(gap));
  const set = (at: number, change: Partial<Text>) => setTexts(texts.map((old, number) => (number === at ? { ...old, ...change } : old)));
  const add = texts.filter(({ text, taken }) => taken && text.trim()).map(({ text }) => text.trim());
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (faqId && add.length > 0) onSave({ faq_id: faqId, add });
  };
  return (
    <form className="stack deciding" onSubmit={submit} noValidate>
      <FaqPicker deskId={deskId} label={t("gaps.toWhich")} likely={faq ? [{ id: faq.id, question: faq.question, why: t("gaps.proposed") }] : []} value={faqId} onChange={setFaqId} />
      <fieldset className="field picker">
        <legend>{t("gaps.which")}</legend>
        <ul className="picks">
          {texts.map(({ text, taken }, at) => (
            // Texts have no identity but their place.
            <li key={`${at}`} className="row pick-text">
              <input type="checkbox" aria-label={t("gaps.take", { text })} checked={taken} onChange={(event) => set(at, { taken: event.target.checked })} />
              <Input className="grow" aria-label={t("gaps.text", { number: at + 1 })} value={text} maxLength={1000} onChange={(changed) => set(at, { text: changed, taken: changed.trim() !== "" })} />
            </li>
          ))}
        </ul>
      </fieldset>
      {error !== null && <Fault error={error} />}
      <div className="row">
        <Button htmlType="submit" theme="solid" loading={saving} disabled={!faqId || add.length === 0}>
          {t("gaps.add", { count: add.length })}
        </Button>
        <Button onClick={onCancel}>{t("shell:cancel")}</Button>
      </div>
    </form>
  );
}
