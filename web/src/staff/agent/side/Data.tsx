// The guest, the people, and the ticket's data.

import IconClose from "@douyinfe/semi-icons/lib/es/icons/IconClose";
import IconPlus from "@douyinfe/semi-icons/lib/es/icons/IconPlus";
import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Fault, Read } from "../../shell/states";
import { read, type TicketView } from "../api/calls";
import { Status } from "../inbox/Row";
import { toward } from "../place";
import { possible, useAct, useChange, useTags } from "../ticket/acting";
import { ask } from "../ticket/asking";
import { Moment } from "../ui/Moment";
import { useLength } from "../ui/when";
import { TicketField } from "./TicketField";
import { Tags } from "./Tags";

export function Data({ view }: { view: TicketView }) {
  return (
    <>
      <Guest view={view} />
      <People view={view} />
      <Fields view={view} />
      <Facts view={view} />
      <Earlier view={view} />
    </>
  );
}

function Section({ title, action, children }: { title: string; action?: ReactNode; children: ReactNode }) {
  return (
    <section className="side-section">
      <div className="side-section-head">
        <h2>{title}</h2>
        {action}
      </div>
      {children}
    </section>
  );
}

/** A list of names and values; those without a value are left out. */
function Pairs({ pairs }: { pairs: [string, ReactNode][] }) {
  return (
    <dl className="pairs">
      {pairs
        .filter(([, value]) => value !== undefined && value !== "")
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function Guest({ view: { guest } }: { view: TicketView }) {
  const { t } = useTranslation("agent");
  return (
    <Section title={t("guest.title")}>
      <Pairs
        pairs={[
          [t("guest.name"), guest.name],
          [t("guest.email"), guest.email],
          [t("guest.place"), [guest.city, guest.country].filter(Boolean).join(", ")],
          [t("guest.language"), guest.language],
          [t("guest.departments"), guest.departments.join(", ")],
          [t("guest.since"), <Moment key="since" at={guest.first_seen_at} />],
        ]}
      />
    </Section>
  );
}

function People({ view }: { view: TicketView }) {
  const { t } = useTranslation("agent");
  const { ticket } = view;
  const act = useAct(ticket.ticket_id);
  const can = possible(view).collaborate;
  const add = can && <Button theme="borderless" size="small" icon={<IconPlus aria-hidden />} aria-label={t("collaborators.add")} title={t("collaborators.add")} onClick={() => ask("collaborator")} />;
  return (
    <Section title={t("collaborators.title")} action={add}>
      {act.error && <Fault error={act.error} />}
      <Pairs pairs={[[t("ticket.owner"), ticket.owner?.name ?? t("ticket.nobody")]]} />
      {ticket.collaborators.length > 0 && (
        <ul className="people">
          {ticket.collaborators.map(({ open_id, name }) => (
            <li key={open_id}>
              {name}
              {can && (
                <Button
                  theme="borderless"
                  type="tertiary"
                  size="small"
                  icon={<IconClose aria-hidden />}
                  aria-label={t("collaborators.remove", { name })}
                  loading={act.isPending && act.variables.to === open_id}
                  onClick={() => act.mutate({ action: "remove_collaborator", to: open_id })}
                />
              )}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function Fields({ view }: { view: TicketView }) {
  const { t } = useTranslation("agent");
  const { ticket } = view;
  const change = useChange(ticket.ticket_id);
  const tagging = useTags(ticket.ticket_id);
  const shown = ticket.tags;
  const menus = useQuery(read.menus(ticket.helpdesk_id));
  return (
    <Section title={t("data.title")}>
      {change.error && <Fault error={change.error} />}
      {tagging.error && <Fault error={tagging.error} />}
      <Read query={menus}>
        {({ fields, tags }) => (
          <div className="stack-tight">
            <Tags names={ticket.tags} known={tags} onAdd={(add) => tagging.mutate({ add, shown })} onRemove={(remove) => tagging.mutate({ remove, shown })} />
            {fields.map((field) => (
              <TicketField key={field.id} field={field} value={ticket.fields.find(({ id }) => id === field.id)?.value ?? ""} onChange={(value) => change.mutateAsync({ fields: [{ id: field.id, value }] })} />
            ))}
          </div>
        )}
      </Read>
      <Remark key={ticket.ticket_id} view={view} change={change} />
    </Section>
  );
}

function Remark({ view, change }: { view: TicketView; change: ReturnType<typeof useChange> }) {
  const { t } = useTranslation(["agent", "shell"]);
  const kept = view.ticket.remark?.text ?? "";
  const [text, setText] = useState<string | null>(null);
  const save = (): void => change.mutate({ remark: text ?? "" }, { onSuccess: () => setText(null) });
  return (
    <div className="field">
      <label htmlFor="ticket-remark">{t("data.remark")}</label>
      <textarea id="ticket-remark" className="text-field" rows={2} maxLength={5_000} value={text ?? kept} onChange={(event) => setText(event.target.value)} />
      <p className="field-hint">{t("data.remarkWhy")}</p>
      {text !== null && text !== kept && (
        <div className="row">
          <Button size="small" theme="solid" loading={change.isPending} onClick={save}>
            {t("shell:save")}
          </Button>
          <Button size="small" type="tertiary" onClick={() => setText(null)}>
            {t("shell:cancel")}
          </Button>
        </div>
      )}
    </div>
  );
}

function Facts({ view: { ticket } }: { view: TicketView }) {
  const { t } = useTranslation("agent");
  const length = useLength();
  const moment = (at: number | undefined): ReactNode => (at ? <Moment at={at} /> : undefined);
  const score = ticket.score === undefined ? undefined : t(ticket.score === 3 ? "facts.good" : ticket.score === 2 ? "facts.neutral" : "facts.bad");
  return (
    <Section title={t("facts.title")}>
      <Pairs
        pairs={[
          [t("facts.id"), <code key="id">{ticket.ticket_id}</code>],
          [t("facts.created"), moment(ticket.created_at)],
          [t("facts.taken"), moment(ticket.agent_entry_at)],
          [t("facts.firstReply"), moment(ticket.agent_first_response_at)],
          [t("facts.held"), ticket.on_hold_ms > 0 ? length(ticket.on_hold_ms) : undefined],
          [t("facts.closed"), moment(ticket.closed_at)],
          [t("facts.closedBy"), ticket.closed_by?.name],
          [t("facts.solved"), ticket.solve === undefined ? undefined : t(ticket.solve === 2 ? "facts.yes" : "facts.no")],
          [t("facts.rating"), score && (ticket.score_reason ? `${score}: ${ticket.score_reason}` : score)],
        ]}
      />
    </Section>
  );
}

function Earlier({ view: { earlier } }: { view: TicketView }) {
  const { t } = useTranslation("agent");
  return (
    <Section title={t("earlier.title")}>
      {earlier.length === 0 && <p className="muted">{t("earlier.none")}</p>}
      <ul className="earlier">
        {earlier.map((ticket) => (
          <li key={ticket.ticket_id}>
            <Link to="/" search={toward({ ticket: ticket.ticket_id, side: undefined })} preload={false}>
              {ticket.first_message || t("earlier.untold")}
            </Link>
            <span className="earlier-facts">
              <Status ticket={ticket} /> <Moment at={ticket.created_at} />
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
