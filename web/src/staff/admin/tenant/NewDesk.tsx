import Button from "@douyinfe/semi-ui-19/lib/es/button";
import Input from "@douyinfe/semi-ui-19/lib/es/input";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../../api/client";
import { asFailure } from "../../api/failure";
import { Fault } from "../../shell/states";
import { Dialog } from "../../ui/Dialog";
import { Field } from "../../ui/Field";
import { rememberDesk } from "../desk";
import { type Candidate, PersonField, users } from "../PersonField";
import { TimeZone } from "../settings/TimeZone";
import { Once } from "./Once";

/** Asks for what a help desk needs, makes it, and shows its secrets. */
export function NewDesk({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation(["admin", "shell"]);
  const client = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [timezone, setTimezone] = useState(() => new Intl.DateTimeFormat().resolvedOptions().timeZone);
  const [owner, setOwner] = useState<Candidate | null>(null);
  const [tried, setTried] = useState(false);
  const [made, setMade] = useState<Schemas["AdminNewDesk"]>();
  const create = useMutation({
    mutationFn: (open_id: string) => answer(api.POST("/admin/v1/desks", { body: { name, timezone, owner: open_id } })),
    onSuccess: (created) => {
      setMade(created);
      return client.invalidateQueries({ predicate: ({ queryKey: [what] }) => what === "session" || what === "desks" });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (owner) create.mutate(owner.open_id);
  };
  const set = (change: () => void): void => {
    change();
    create.reset();
  };
  if (made) {
    const values: [string, string][] = [
      [t("desks.id"), made.id],
      [t("settings.token"), made.token],
      [t("settings.widgetSecret"), made.widget_secret],
    ];
    const done = (): void => {
      rememberDesk(made.id);
      void navigate({ to: "/desks/$deskId/settings", params: { deskId: made.id } });
    };
    return <Once title={t("desks.made", { name: made.name })} why={t("desks.once")} values={values} onDone={done} />;
  }
  const failure = create.error ? asFailure(create.error) : null;
  const why = (at: string): string | undefined => failure?.fields.find(({ field }) => field === at)?.why;
  return (
    <Dialog title={t("desks.add")} onClose={onClose} className="dialog-roomy">
      <form className="stack" onSubmit={submit} noValidate>
        <Field label={t("settings.name")} hint={t("desks.nameHint")} why={why("name")}>
          {(attributes) => <Input {...attributes} maxLength={200} autoComplete="off" value={name} onChange={(text) => set(() => setName(text))} />}
        </Field>
        <TimeZone value={timezone} why={why("timezone")} onChange={(zone) => set(() => setTimezone(zone))} />
        <PersonField
          label={t("settings.owner")}
          hint={t("desks.ownerHint")}
          why={tried && !owner ? t("person.missing") : why("owner")}
          source={users}
          signingIn
          value={owner}
          onPick={(person) => set(() => setOwner(person))}
          onLeave={() => set(() => setOwner(null))}
        />
        {failure && !["name", "timezone", "owner"].some(why) && <Fault error={failure} />}
        <div className="dialog-actions">
          <Button onClick={onClose}>{t("shell:cancel")}</Button>
          <Button htmlType="submit" theme="solid" loading={create.isPending}>
            {t("desks.make")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
