// A saved view: which tickets, under a name.

import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Fault } from "../../shell/states";
import { Field } from "../../ui/Field";
import { type Agent, type Filter, read, write } from "../api/calls";
import { useGo } from "../place";
import { ask } from "../ticket/asking";
import { Dialog } from "../../ui/Dialog";
import { AgentPicker } from "../ui/AgentPicker";
import { say } from "../ui/say";
import { useStatusText } from "./Row";

const STATUSES = [1, 2, 3, 4, 5];
const done = (): void => ask(null);

export function NewView() {
  const { t } = useTranslation(["agent", "shell"]);
  const statusText = useStatusText();
  const client = useQueryClient();
  const go = useGo();
  const { data: me } = useQuery(read.me);
  const [name, setName] = useState("");
  const [desk, setDesk] = useState("");
  const [statuses, setStatuses] = useState<number[]>([]);
  const [owner, setOwner] = useState<"" | "me" | "none" | Agent>("");
  const [isPicking, setPicking] = useState(false);
  const [tag, setTag] = useState("");
  // Of all help desks there are no menus; those of the first help to begin with.
  const agentsOf = desk || (me?.desks[0]?.helpdesk_id ?? "");
  const menus = useQuery({ ...read.menus(agentsOf), enabled: agentsOf !== "" });
  const pickOwner = (value: string): void => {
    setPicking(value === "other");
    if (value === "" || value === "me" || value === "none") setOwner(value);
  };
  const save = useMutation({
    mutationFn: (filter: Filter) => write.newView({ name: name.trim(), filter }),
    onSuccess: ({ view }) => {
      void client.invalidateQueries({ queryKey: ["views"] });
      go({ view: view.id, inbox: undefined, q: undefined, ticket: undefined });
      say(t("views.saved"));
      done();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!name.trim()) return;
    save.mutate({
      ...(desk && { helpdesk_id: desk }),
      ...(statuses.length > 0 && { statuses }),
      ...(owner && { owner: typeof owner === "string" ? owner : owner.open_id }),
      ...(tag && { tag }),
    });
  };
  return (
    <Dialog title={t("views.new")} onClose={done}>
      <form className="stack" onSubmit={submit}>
        {save.error && <Fault error={save.error} />}
        <Field label={t("views.name")}>{(attributes) => <input {...attributes} className="text-field" required maxLength={100} autoFocus value={name} onChange={(event) => setName(event.target.value)} />}</Field>
        {me && me.desks.length > 1 && (
          <Field label={t("inbox.desk")}>
            {(attributes) => (
              <select {...attributes} className="text-field" value={desk} onChange={(event) => setDesk(event.target.value)}>
                <option value="">{t("inbox.allDesks")}</option>
                {me.desks.map(({ helpdesk_id, name }) => (
                  <option key={helpdesk_id} value={helpdesk_id}>
                    {name}
                  </option>
                ))}
              </select>
            )}
          </Field>
        )}
        <fieldset className="choices">
          <legend>{t("views.statuses")}</legend>
          {STATUSES.map((status) => (
            <label key={status}>
              <input
                type="checkbox"
                checked={statuses.includes(status)}
                onChange={(event) => setStatuses(event.target.checked ? [...statuses, status].sort() : statuses.filter((other) => other !== status))}
              />{" "}
              {statusText({ stage: 2, status })}
            </label>
          ))}
        </fieldset>
        <Field label={t("views.owner")}>
          {(attributes) => (
            <select {...attributes} className="text-field" value={isPicking ? "other" : typeof owner === "string" ? owner : "picked"} onChange={(event) => pickOwner(event.target.value)}>
              <option value="">{t("views.anybody")}</option>
              <option value="me">{t("views.me")}</option>
              <option value="none">{t("views.nobody")}</option>
              {typeof owner !== "string" && <option value="picked">{owner.name}</option>}
              <option value="other">{t("views.other")}</option>
            </select>
          )}
        </Field>
        {isPicking && <AgentPicker desk={agentsOf} label={t("transfer.findLabel")} onPick={(agent) => (setOwner(agent), setPicking(false))} />}
        <Field label={t("views.tag")}>
          {(attributes) => (
            <>
              <input {...attributes} className="text-field" list="view-tags" value={tag} onChange={(event) => setTag(event.target.value)} />
              <datalist id="view-tags">
                {menus.data?.tags.map((name) => (
                  <option key={name} value={name} />
                ))}
              </datalist>
            </>
          )}
        </Field>
        <div className="dialog-actions">
          <Button onClick={done}>{t("shell:cancel")}</Button>
          <Button theme="solid" htmlType="submit" loading={save.isPending} disabled={!name.trim()}>
            {t("shell:save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
