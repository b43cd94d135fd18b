// Who did what with a ticket when.

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Read } from "../../shell/states";
import { read, type Step, type TicketView } from "../api/calls";
import { useStatusText } from "../inbox/Row";
import { Moment } from "../ui/Moment";

export function Timeline({ view }: { view: TicketView }) {
  const { t } = useTranslation("agent");
  const query = useQuery(read.timeline(view.ticket.ticket_id));
  return (
    <Read query={query}>
      {({ steps }) => (
        <>
          {steps.length === 0 && <p className="muted">{t("timeline.none")}</p>}
          <ol className="timeline">
            {steps.map((step, at) => (
              <li key={at} className={`step step-${toneOf(step.kind)}`}>
                <StepText step={step} view={view} />
                <Moment at={step.at} />
              </li>
            ))}
          </ol>
        </>
      )}
    </Read>
  );
}

type Detail = Record<string, unknown>;

/** The kinds that have words of their own in the catalogues. */
const KINDS = [
  "app_answered", "builtin_answered", "chosen", "feedback", "handed_over", "assigned", "requeued", "taken", "replied", "held", "resumed", "transferred",
  "collaborator_added", "collaborator_removed", "faq_sent", "guest_wrote", "updated", "closed", "rated", "event_queued", "delivery_attempt", "given_up", "resent",
] as const;

function toneOf(kind: string): string {
  if (kind === "given_up") return "bad";
  if (kind === "closed" || kind === "rated") return "end";
  return kind.includes("answered") || kind === "faq_sent" || kind === "replied" ? "answer" : "plain";
}

function string(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function StepText({ step, view }: { step: Step; view: TicketView }) {
  const { t } = useTranslation("agent");
  const statusText = useStatusText();
  const detail = Object(step.detail) as Detail;
  const kind = KINDS.find((known) => known === step.kind);
  const nameOf = useNames(view);
  const person = nameOf(string(detail.agent) || string(detail.to) || string(detail.open_id));
  const facts = [
    step.kind === "transferred" ? string(detail.skill) || person : ["by", "agent", "to", "open_id"].some((name) => name in detail) && person,
    step.kind === "builtin_answered" && detail.reason ? t(`timeline.reason.${reasonOf(detail.reason)}`) : "",
    step.kind === "app_answered" && t(detail.shown ? "timeline.shown" : "timeline.notShown"),
    step.kind === "feedback" && t(detail.solved ? "entry.solved" : "entry.notSolved"),
    step.kind === "rated" && [t(detail.score === 3 ? "facts.good" : detail.score === 2 ? "facts.neutral" : "facts.bad"), string(detail.reason)].filter(Boolean).join(": "),
    step.kind === "closed" && typeof detail.status === "number" && statusText({ stage: 2, status: detail.status }),
    ["event_queued", "delivery_attempt"].includes(step.kind) && [string(detail.event_type), string(detail.outcome), detail.http_status].filter(Boolean).join(" "),
    step.kind === "given_up" && string(detail.reason),
  ].filter((fact): fact is string => typeof fact === "string" && fact !== "");
  return (
    <span>
      <strong>{kind ? t(`timeline.${kind}`) : step.kind}</strong>
      {facts.length > 0 && <span> · {facts.join(" · ")}</span>}
    </span>
  );
}

/** Why the built-in engine answered; the server says it in a sentence of its own language. */
function reasonOf(reason: unknown): "late" | "noApp" | "builtin" {
  if (reason === "no app answered in time") return "late";
  return reason === "no app is subscribed to message events" ? "noApp" : "builtin";
}

/** The name of a person by open id, as far as the ticket and its help desk know it. */
function useNames({ ticket, guest }: TicketView): (openId: string) => string {
  const { data } = useQuery(read.menus(ticket.helpdesk_id));
  const people = [guest, ...(ticket.owner ? [ticket.owner] : []), ...ticket.agents, ...ticket.collaborators, ...(data?.agents ?? [])];
  return (openId) => people.find(({ open_id }) => open_id === openId)?.name ?? "";
}
