// Canned replies: making, changing and deleting them.

import IconDelete from "@douyinfe/semi-icons/lib/es/icons/IconDelete";
import IconEdit from "@douyinfe/semi-icons/lib/es/icons/IconEdit";
import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Fault, Nothing, Read } from "../../shell/states";
import { Field } from "../../ui/Field";
import { type CannedReply, read, write } from "../api/calls";
import { Dialog } from "../../ui/Dialog";
import { say } from "../ui/say";
import { ask } from "./asking";

export function ManageCanned({ desk }: { desk: string }) {
  const { t } = useTranslation("agent");
  const client = useQueryClient();
  const query = useQuery(read.canned(desk));
  const { data: me } = useQuery(read.me);
  const keepsShared = ["owner", "admin"].includes(me?.desks.find(({ helpdesk_id }) => helpdesk_id === desk)?.rights ?? "agent");
  const [edited, setEdited] = useState<CannedReply | "new" | null>(null);
  const again = (): void => {
    setEdited(null);
    void client.invalidateQueries({ queryKey: ["canned", desk] });
  };
  const drop = useMutation({ mutationFn: write.dropCanned, onSuccess: () => (say(t("canned.deleted")), again()) });
  return (
    <Dialog title={t("canned.title")} onClose={() => ask(null)}>
      {edited ? (
        <Form key={edited === "new" ? "new" : edited.id} desk={desk} reply={edited === "new" ? null : edited} keepsShared={keepsShared} onDone={again} onCancel={() => setEdited(null)} />
      ) : (
        <>
          <p className="muted">{t("canned.why")}</p>
          {drop.error && <Fault error={drop.error} />}
          <Read query={query}>
            {(replies) =>
              replies.length === 0 ? (
                <Nothing title={t("canned.empty")} />
              ) : (
                <ul className="canned-all">
                  {replies.map((reply) => (
                    <li key={reply.id}>
                      <div>
                        <strong>/{reply.name}</strong> <span className="tag">{t(reply.mine ? "canned.own" : "canned.shared")}</span>
                        <p className="canned-text">{reply.text}</p>
                      </div>
                      {(reply.mine || keepsShared) && (
                        <span className="row">
                          <Button size="small" theme="borderless" icon={<IconEdit aria-hidden />} aria-label={t("canned.change", { name: reply.name })} onClick={() => setEdited(reply)} />
                          <Button size="small" theme="borderless" type="danger" icon={<IconDelete aria-hidden />} aria-label={t("canned.delete", { name: reply.name })} onClick={() => drop.mutate(reply.id)} />
                        </span>
                      )}
                    </li>
                  ))}
                </ul>
              )
            }
          </Read>
          <div className="dialog-actions">
            <Button theme="solid" onClick={() => setEdited("new")}>
              {t("canned.new")}
            </Button>
          </div>
        </>
      )}
    </Dialog>
  );
}

interface FormProps {
  desk: string;
  reply: CannedReply | null;
  keepsShared: boolean;
  onDone: () => void;
  onCancel: () => void;
}

function Form({ desk, reply, keepsShared, onDone, onCancel }: FormProps) {
  const { t } = useTranslation(["agent", "shell"]);
  const [name, setName] = useState(reply?.name ?? "");
  const [text, setText] = useState(reply?.text ?? "");
  const [mine, setMine] = useState(reply?.mine ?? true);
  const save = useMutation({
    mutationFn: () => (reply ? write.changeCanned(reply.id, { name, text }) : write.newCanned({ helpdesk_id: desk, name, text, mine })),
    onSuccess: () => (say(t("canned.saved")), onDone()),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form className="stack" onSubmit={submit}>
      {save.error && <Fault error={save.error} />}
      <Field label={t("canned.name")}>{(attributes) => <input {...attributes} className="text-field" required maxLength={40} autoFocus value={name} onChange={(event) => setName(event.target.value)} />}</Field>
      <p className="field-hint">{t("canned.nameWhy")}</p>
      <Field label={t("canned.text")}>{(attributes) => <textarea {...attributes} className="text-field" required rows={6} maxLength={5_000} value={text} onChange={(event) => setText(event.target.value)} />}</Field>
      {!reply && keepsShared && (
        <label className="check">
          <input type="checkbox" checked={!mine} onChange={(event) => setMine(!event.target.checked)} /> {t("canned.forAll")}
        </label>
      )}
      <div className="dialog-actions">
        <Button onClick={onCancel}>{t("shell:cancel")}</Button>
        <Button theme="solid" htmlType="submit" loading={save.isPending}>
          {t("shell:save")}
        </Button>
      </div>
    </form>
  );
}
