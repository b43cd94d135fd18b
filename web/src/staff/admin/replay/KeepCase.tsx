// Keeps a question with the answer that it has to get.

import Button from "@douyinfe/semi-ui-19/lib/es/button";
import Input from "@douyinfe/semi-ui-19/lib/es/input";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../../api/client";
import { Fault } from "../../shell/states";
import { Dialog } from "../../ui/Dialog";
import { Field } from "../../ui/Field";
import { FaqPicker, type Pick } from "../FaqPicker";

const NOTHING = "nothing";

type Question = Schemas["ReplayedQuestion"];

interface KeepCaseProps {
  deskId: string;
  /** A question of the past; without it, one that is written here. */
  question?: Question | undefined;
  onClose: () => void;
  onKept: () => void;
}

/** The FAQ that is known to be right, and those that guests would see. */
function likely(question: Question | undefined, right: string): Pick[] {
  if (!question) return [];
  const shown = [...(question.after ?? question.now).faqs, ...(question.then?.faqs ?? [])];
  const all = [...(question.right ? [{ ...question.right, why: right }] : []), ...shown];
  return all.flatMap(({ id, question: words, ...rest }) => (words ? [{ id, question: words, ...("why" in rest && { why: rest.why }) }] : []));
}

export function KeepCase({ deskId, question, onClose, onKept }: KeepCaseProps) {
  const { t } = useTranslation(["admin", "shell"]);
  const client = useQueryClient();
  const [text, setText] = useState(question?.text ?? "");
  const [wanted, setWanted] = useState(question?.right?.question ? question.right.id : "");
  const [note, setNote] = useState("");
  const keep = useMutation({
    mutationFn: () =>
      answer(
        api.POST("/admin/v1/desks/{helpdesk_id}/cases", {
          params: { path: { helpdesk_id: deskId } },
          body: { wanted, text: text.trim(), ...(note.trim() && { note: note.trim() }), ...(question && { event_id: question.event_id }) },
        }),
      ),
    onSuccess: async () => {
      onKept();
      await client.invalidateQueries({ queryKey: ["cases", deskId] });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (text.trim() && wanted) keep.mutate();
  };
  const nothing = (name: string) => (
    <label className="pick">
      <input type="radio" name={name} checked={wanted === NOTHING} onChange={() => setWanted(NOTHING)} />
      <span>{t("replay.wantedNothing")}</span>
    </label>
  );
  return (
    <Dialog title={t("replay.keep")} onClose={onClose}>
      <form className="stack" onSubmit={submit} noValidate>
        <Field label={t("replay.text")}>{(attributes) => <Input {...attributes} value={text} maxLength={1000} onChange={setText} />}</Field>
        <FaqPicker deskId={deskId} label={t("replay.wanted")} likely={likely(question, t("replay.knownRight"))} value={wanted} onChange={setWanted} others={nothing} />
        <Field label={t("replay.note")} hint={t("replay.noteHint")}>
          {(attributes) => <Input {...attributes} value={note} maxLength={1000} onChange={setNote} />}
        </Field>
        {keep.error && <Fault error={keep.error} />}
        <div className="dialog-actions">
          <Button onClick={onClose}>{t("shell:cancel")}</Button>
          <Button htmlType="submit" theme="solid" loading={keep.isPending} disabled={!text.trim() || !wanted}>
            {t("replay.keepIt")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
