// Who did what with a ticket when, and how its events reach the apps.

import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Fault, Loading, Read } from "../../shell/states";
import { type Delivery, read, type Step, type TicketView } from "../api/calls";
import { useStatusText } from "../inbox/Row";
import { Moment } from "../ui/Moment";

export function Timeline({ view }: { view: TicketView }) {
  const { t } = useTranslation("agent");
  const query = useInfiniteQuery(read.timeline(view.ticket.ticket_id));
  const events = useInfiniteQuery(read.deliveries(view.ticket.ticket_id));
  const steps = query.data?.pages.flatMap((page) => page.steps) ?? [];
  const names = new Map(query.data?.pages.flatMap(({ people }) => people.map(({ open_id, name }) => [open_id, name])));
  const sent = events.data?.pages.flatMap(({ deliveries }) => deliveries) ?? [];
  // How far back each list is known: further back, one of them would show what the other lacks.
  const known = { steps: query.hasNextPage ? (steps.at(-1)?.at ?? 0) : 0, sent: events.hasNextPage ? (sent.at(-1)?.created_at ?? 0) : 0 };
  const since = Math.max(known.steps, known.sent);
  const earlier = (): void => {
    if (query.hasNextPage && known.steps === since) void query.fetchNextPage();
    if (events.hasNextPage && known.sent === since) void events.fetchNextPage();
  };
  return (
    <Read query={query}>
      {() => (
        <>
          {events.error && <Fault error={events.error} onRetry={() => void events.refetch()} />}
          {query.isFetchNextPageError && <Fault error={query.error} onRetry={earlier} />}
          {(query.hasNextPage || events.hasNextPage) && (
            <Button block loading={query.isFetchingNextPage || events.isFetchingNextPage} onClick={earlier}>
              {t("timeline.earlier")}
            </Button>
          )}
          {events.isPending && <Loading />}
          {steps.length === 0 && sent.length === 0 && !events.isPending && <p className="muted">{t("timeline.none")}</p>}
          <ol className="timeline">
            {(events.isPending ? [] : inOrder(steps, sent, since)).map((item) =>
              "kind" in item ? (
                <li key={item.step_id} className={`step step-${toneOf(item.kind)}`}>
                  <StepText step={item} names={names} />
                  <Moment at={item.at} />
                </li>
              ) : (
                <li key={item.delivery_id} className={`step step-event step-${item.state}`}>
                  <Sent delivery={item} />
                  <Moment at={item.created_at} />
                </li>
              ),
            )}
          </ol>
        </>
      )}
    </Read>
  );
}

/** Steps and events from a time on, by time; what happened at one moment keeps its order, and comes before the events that
 * tell of it. Both come with the last one first. */
function inOrder(steps: Step[], sent: Delivery[], since: number): (Step | Delivery)[] {
  const timed = [...steps.toReversed().map((item) => ({ at: item.at, item })), ...sent.toReversed().map((item) => ({ at: item.created_at, item }))];
  return timed
    .filter(({ at }) => at >= since)
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

/** An event for an app: which, and where it stands. */
function Sent({ delivery }: { delivery: Delivery }) {
  const { t } = useTranslation(["agent", "shell"]);
  const { event_type: type, app_name: name, app_id: app, state, attempts, next_at: next, finished_at: end, http_status: status, outcome } = delivery;
  return (
    <>
      <span>
        <strong>{t("timeline.event")}</strong> · {type.replace(/^helpdesk\./, "")} → {name ?? app}
      </span>
      <span className={`event-state event-${state}`}>
        {state === "pending" && attempts === 0 && t("timeline.waits")}
        {state === "pending" && attempts > 0 && next !== undefined && (
          <>
            {t("timeline.failed", { count: attempts })} · {t("timeline.next")} <Moment at={next} exact />
          </>
        )}
        {state === "delivered" && end !== undefined && (
          <>
            {t("timeline.acknowledged", { count: Math.max(1, attempts) })} <Moment at={end} exact />
          </>
        )}
        {state === "dead" && t("timeline.dead", { count: attempts })}
        {state !== "delivered" && status !== undefined && ` · HTTP ${status}`}
      </span>
      {state !== "delivered" && outcome && <span className="event-outcome">{outcome}</span>}
    </>
  );
}

type Detail = Record<string, unknown>;

/** The kinds that have words of their own in the catalogues. */
const KINDS = [
  "app_answered", "builtin_answered", "chosen", "feedback", "handed_over", "assigned", "requeued", "taken", "replied", "held", "resumed", "transferred",
  "collaborator_added", "collaborator_removed", "faq_sent", "guest_wrote", "updated", "closed", "rated",
] as const;

/** What guests do: the agent that these name is the one in charge, who did nothing. */
const BY_GUESTS = ["guest_wrote", "chosen", "feedback", "rated"];

function toneOf(kind: string): string {
  if (kind === "closed" || kind === "rated") return "end";
  return kind.includes("answered") || kind === "faq_sent" || kind === "replied" ? "answer" : "plain";
}

function string(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function StepText({ step, names }: { step: Step; names: ReadonlyMap<string, string> }) {
  const { t } = useTranslation("agent");
  const statusText = useStatusText();
  const detail = Object(step.detail) as Detail;
  const kind = KINDS.find((known) => known === step.kind);
  const person = names.get(string(detail.agent) || string(detail.to) || string(detail.open_id)) ?? "";
  const facts = [
    step.kind === "transferred" ? string(detail.skill) || person : !BY_GUESTS.includes(step.kind) && ["by", "agent", "to", "open_id"].some((name) => name in detail) && person,
    step.kind === "builtin_answered" && detail.reason ? t(`timeline.reason.${reasonOf(detail.reason)}`) : "",
    step.kind === "app_answered" && t(detail.shown ? "timeline.shown" : "timeline.notShown"),
    step.kind === "feedback" && t(detail.solved ? "entry.solved" : "entry.notSolved"),
    step.kind === "rated" && [t(detail.score === 3 ? "facts.good" : detail.score === 2 ? "facts.neutral" : "facts.bad"), string(detail.reason)].filter(Boolean).join(": "),
    step.kind === "closed" && typeof detail.status === "number" && statusText({ stage: 2, status: detail.status }),
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
