// The form of a FAQ.

import IconDelete from "@douyinfe/semi-icons/lib/es/icons/IconDelete";
import IconImage from "@douyinfe/semi-icons/lib/es/icons/IconImage";
import IconLink from "@douyinfe/semi-icons/lib/es/icons/IconLink";
import IconPlus from "@douyinfe/semi-icons/lib/es/icons/IconPlus";
import Button from "@douyinfe/semi-ui-19/lib/es/button";
import Input from "@douyinfe/semi-ui-19/lib/es/input";
import TextArea from "@douyinfe/semi-ui-19/lib/es/input/textarea";
import { type ClipboardEvent, type FormEvent, type ReactNode, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { asFailure } from "../api/failure";
import { Fault } from "../shell/states";
import { Choice } from "../ui/Choice";
import { Field } from "../ui/Field";
import { Rich } from "../ui/Rich";
import { items } from "../ui/rich";
import { useCategories } from "./categories";
import type { Draft } from "./faq";
import { Alike } from "./faqs/Alike";

const PICTURE_KINDS = "image/png,image/jpeg,image/gif,image/webp";

interface FaqFormProps {
  deskId: string;
  faqId?: string | undefined;
  draft: Draft;
  error: unknown;
  saving: boolean;
  saved: boolean;
  onSave: (draft: Draft) => void;
  onChange: () => void;
  actions?: ReactNode;
}

interface SimilarProps {
  similar: string[];
  onChange: (similar: string[]) => void;
}

function Similar({ similar, onChange }: SimilarProps) {
  const { t } = useTranslation("admin");
  const list = useRef<HTMLUListElement>(null);
  const set = (at: number, text: string) => onChange(similar.map((old, number) => (number === at ? text : old)));
  const add = (): void => {
    onChange([...similar, ""]);
    requestAnimationFrame(() => list.current?.querySelector<HTMLInputElement>("li:last-child input")?.focus());
  };
  // A list from elsewhere becomes one question a line.
  const paste = (at: number) => (event: ClipboardEvent) => {
    const lines = event.clipboardData.getData("text").split(/\r?\n/).map((line) => line.trim()).filter(Boolean);
    if (lines.length < 2) return;
    event.preventDefault();
    onChange([...similar.slice(0, at), ...lines, ...similar.slice(at + 1)]);
  };
  return (
    <fieldset className="field similar">
      <legend>{t("faq.similar")}</legend>
      <p className="field-hint">{t("faq.similarHint")}</p>
      <ul ref={list}>
        {similar.map((text, at) => (
          // Questions have no identity but their place.
          <li key={`${at}`} className="row">
            <Input className="grow" aria-label={t("faq.similarNumber", { number: at + 1 })} value={text} onChange={(value) => set(at, value)} onPaste={paste(at)} onEnterPress={(event) => (event.preventDefault(), add())} />
            <Button theme="borderless" type="tertiary" icon={<IconDelete aria-hidden />} aria-label={t("faq.removeSimilar", { number: at + 1 })} onClick={() => onChange(similar.filter((_, number) => number !== at))} />
          </li>
        ))}
      </ul>
      <div>
        <Button icon={<IconPlus aria-hidden />} onClick={add}>
          {t("faq.addSimilar")}
        </Button>
      </div>
    </fieldset>
  );
}

function dataUrl(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error ?? new Error("the picture cannot be read"));
    reader.readAsDataURL(file);
  });
}

interface AnswerProps extends Pick<FaqFormProps, "deskId" | "faqId"> {
  draft: Draft;
  why: string | undefined;
  onChange: (change: Partial<Draft>) => void;
}

function Answer({ deskId, faqId, draft, why, onChange }: AnswerProps) {
  const { t } = useTranslation("admin");
  const area = useRef<HTMLTextAreaElement>(null);
  const file = useRef<HTMLInputElement>(null);
  const preview = useId();
  const [ownPlain, setOwnPlain] = useState(draft.plain !== "");
  /** Puts text where the cursor is, or around what is marked. */
  const insert = (before: string, after: string, change: Partial<Draft> = {}): void => {
    const [from, to] = [area.current?.selectionStart ?? draft.answer.length, area.current?.selectionEnd ?? draft.answer.length];
    const marked = draft.answer.slice(from, to);
    onChange({ ...change, answer: draft.answer.slice(0, from) + before + marked + after + draft.answer.slice(to) });
    requestAnimationFrame(() => {
      area.current?.focus();
      area.current?.setSelectionRange(from + before.length, from + before.length + marked.length);
    });
  };
  const addPicture = async (chosen: File | undefined): Promise<void> => {
    if (!chosen) return;
    const src = await dataUrl(chosen);
    insert(`![${draft.pictures.length + 1}]`, "", { pictures: [...draft.pictures, { type: "img", src }] });
  };
  const picture = (source: string) => {
    const url = source.startsWith("data:") ? source : `/admin/v1/desks/${deskId}/faqs/${faqId}/images/${encodeURIComponent(source)}`;
    return <img src={url} alt="" className="rich-picture" />;
  };
  return (
    <>
      <Field label={t("faq.answer")} why={why} hint={t("faq.answerHint")}>
        {(attributes) => <TextArea {...attributes} ref={area} autosize={{ minRows: 6, maxRows: 18 }} value={draft.answer} onChange={(text) => onChange({ answer: text })} />}
      </Field>
      <div className="row">
        <Button icon={<IconLink aria-hidden />} onClick={() => insert("[", "](https://)")}>
          {t("faq.link")}
        </Button>
        <Button icon={<IconImage aria-hidden />} onClick={() => file.current?.click()}>
          {t("faq.picture")}
        </Button>
        <input ref={file} type="file" accept={PICTURE_KINDS} hidden onChange={(event) => (void addPicture(event.target.files?.[0]), (event.target.value = ""))} />
      </div>
      {draft.answer.trim() && (
        <section aria-labelledby={preview}>
          <h3 id={preview}>{t("faq.preview")}</h3>
          <div className="preview">
            <Rich items={items({ text: draft.answer, pictures: draft.pictures })} picture={picture} />
          </div>
        </section>
      )}
      <label className="row">
        <input type="checkbox" checked={ownPlain} onChange={(event) => (setOwnPlain(event.target.checked), event.target.checked || onChange({ plain: "" }))} /> {t("faq.ownPlain")}
      </label>
      {ownPlain && (
        <Field label={t("faq.plain")} hint={t("faq.plainHint")}>
          {(attributes) => <TextArea {...attributes} autosize={{ minRows: 3, maxRows: 12 }} value={draft.plain} onChange={(plain) => onChange({ plain })} />}
        </Field>
      )}
    </>
  );
}

export function FaqForm({ deskId, faqId, draft: begin, error, saving, saved, onSave, onChange, actions }: FaqFormProps) {
  const { t } = useTranslation(["admin", "shell"]);
  const categories = useCategories(deskId);
  const [draft, setDraft] = useState(begin);
  const [tried, setTried] = useState(false);
  const change = (changed: Partial<Draft>): void => {
    setDraft((before) => ({ ...before, ...changed }));
    onChange();
  };
  const failure = error ? asFailure(error) : null;
  const why = (name: "question" | "answer"): string | undefined => {
    if (tried && !draft[name].trim()) return t("shell:signIn.missing");
    return failure?.fields.find(({ field }) => field.startsWith(`faq.${name}`))?.why;
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (draft.question.trim() && draft.answer.trim()) onSave(draft);
  };
  const told = why("question") || why("answer");
  return (
    <form className="card stack" onSubmit={submit} noValidate>
      <Field label={t("faq.question")} why={why("question")}>
        {(attributes) => <TextArea {...attributes} autosize={{ minRows: 1, maxRows: 5 }} rows={1} value={draft.question} onChange={(question) => change({ question })} />}
      </Field>
      <Alike deskId={deskId} faqId={faqId} question={draft.question === begin.question ? "" : draft.question} />
      <div className="field">
        <span aria-hidden="true">{t("faqs.category")}</span>
        <Choice
          label={t("faqs.category")}
          value={draft.category}
          options={categories.map(({ id, name }) => [id, name])}
          // A FAQ that is in a category stays in one.
          {...(!begin.category && { any: t("faqs.noCategory") })}
          onChange={(category) => change({ category })}
        />
      </div>
      <Similar similar={draft.similar} onChange={(similar) => change({ similar })} />
      <Answer deskId={deskId} faqId={faqId} draft={draft} why={why("answer")} onChange={change} />
      {failure && !told && <Fault error={failure} />}
      <div className="row">
        <Button htmlType="submit" theme="solid" loading={saving}>
          {t("shell:save")}
        </Button>
        {actions}
        <span role="status">{saved && t("faq.saved")}</span>
      </div>
    </form>
  );
}
