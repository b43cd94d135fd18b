// Closing a help desk, after somebody wrote its name, and opening it again.

import Button from "@douyinfe/semi-ui-19/lib/es/button";
import Input from "@douyinfe/semi-ui-19/lib/es/input";
import { type QueryClient, useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../../api/client";
import { asFailure } from "../../api/failure";
import { Fault } from "../../shell/states";
import { Confirmed } from "../../ui/Confirmed";
import { Dialog } from "../../ui/Dialog";
import { Field } from "../../ui/Field";
import { Time } from "../../ui/Time";

/** Has what shows the help desk know that it is closed or open. */
function told(client: QueryClient, deskId: string, closedAt: number | undefined): Promise<void> {
  client.setQueryData<Schemas["AdminSettings"]>(["settings", deskId], (settings) => {
    if (!settings) return settings;
    const { closed_at: _, ...open } = settings;
    return closedAt === undefined ? open : { ...open, closed_at: closedAt };
  });
  return client.invalidateQueries({ queryKey: ["desks"] });
}

interface ClosingProps {
  deskId: string;
  name: string;
}

export function Closing({ deskId, name }: ClosingProps) {
  const { t } = useTranslation("admin");
  const [asking, setAsking] = useState(false);
  return (
    <section className="card stack" aria-labelledby="closing-title">
      <h2 id="closing-title">{t("closing.title")}</h2>
      <p>{t("closing.why")}</p>
      <div className="row">
        <Button type="danger" onClick={() => setAsking(true)}>
          {t("closing.close")}
        </Button>
      </div>
      {asking && <Ask deskId={deskId} name={name} onClose={() => setAsking(false)} />}
    </section>
  );
}

/** Closes it for whoever writes its name. */
function Ask({ deskId, name, onClose }: ClosingProps & { onClose: () => void }) {
  const { t } = useTranslation(["admin", "shell"]);
  const client = useQueryClient();
  const [written, setWritten] = useState("");
  const close = useMutation({
    mutationFn: () => answer(api.POST("/admin/v1/desks/{helpdesk_id}/close", { params: { path: { helpdesk_id: deskId } }, body: { name: written } })),
    onSuccess: ({ closed_at: closedAt }) => {
      onClose();
      return told(client, deskId, closedAt);
    },
  });
  const failure = close.error ? asFailure(close.error) : null;
  const isOther = failure?.fields.some(({ field }) => field === "name") ?? false;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    close.mutate();
  };
  return (
    <Dialog title={t("closing.ask", { name })} onClose={onClose}>
      <form className="stack" onSubmit={submit} noValidate>
        <ul className="plain-list">
          <li>{t("closing.nobodyNew")}</li>
          <li>{t("closing.apps")}</li>
          <li>{t("closing.stays")}</li>
        </ul>
        <Field label={t("closing.name")} hint={name} why={isOther ? t("closing.other") : undefined}>
          {(attributes) => <Input {...attributes} autoComplete="off" value={written} onChange={(text) => (setWritten(text), close.reset())} />}
        </Field>
        {failure && !isOther && <Fault error={failure} />}
        <div className="dialog-actions">
          <Button onClick={onClose}>{t("shell:cancel")}</Button>
          <Button htmlType="submit" type="danger" theme="solid" loading={close.isPending}>
            {t("closing.close")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Says that the help desk is closed, and opens it again. */
export function Closed({ deskId, name, since, mayOpen }: ClosingProps & { since: number; mayOpen: boolean }) {
  const { t } = useTranslation("admin");
  const client = useQueryClient();
  const open = () => answer(api.POST("/admin/v1/desks/{helpdesk_id}/open", { params: { path: { helpdesk_id: deskId } } }));
  return (
    <section className="card stack closed-desk" aria-labelledby="closed-title">
      <h2 id="closed-title">{t("closing.isClosed")}</h2>
      <p>
        {t("closing.since")} <Time at={since} />. {t("closing.nobodyNew")} {t("closing.stays")}
      </p>
      {mayOpen ? (
        <div className="row">
          <Confirmed label={t("closing.open")} title={t("closing.openTitle", { name })} act={open} onDone={() => told(client, deskId, undefined)}>
            <p>{t("closing.openWhy")}</p>
          </Confirmed>
        </div>
      ) : (
        <p className="muted">{t("closing.byAdministrator")}</p>
      )}
    </section>
  );
}
