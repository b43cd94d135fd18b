// Questions that were asked in vain, grouped, with what could close each gap.

import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../../api/client";
import { Fault, Nothing } from "../../shell/states";
import { Badge } from "../../ui/Badge";
import { Choice } from "../../ui/Choice";
import { Paged } from "../../ui/Paged";
import { Plain } from "../../ui/Rich";
import { Time } from "../../ui/Time";
import { EMPTY, inputOf } from "../faq";
import { FaqForm } from "../FaqForm";
import { tryQuestion } from "../TestBox";
import { TicketLink } from "../TicketLink";
import { AddSimilar } from "./AddSimilar";
import { Done } from "./Done";
import { type Decision, type Gap, useRenew } from "./deciding";

const PAGE = 20;
const ORDERS = ["guests", "newest"] as const;
const REASONS = ["unanswered", "not_chosen", "not_solved"] as const;

type Order = (typeof ORDERS)[number];
type Approval = { faq_id: string; add: string[] } | { faq: Schemas["FaqInput"] };
type Proposal = Schemas["AdminGapProposal"];

function Examples({ gap }: { gap: Gap }) {
  const { t } = useTranslation("admin");
  return (
    <ul className="examples" aria-label={t("gaps.examples")}>
      {gap.examples.map(({ text, ticket_id: ticket, asked_at: at, why }, place) => (
        <li key={`${ticket} ${place}`}>
          <span className="example-text">{text}</span>
          <span className="muted row">
            {t(`gaps.why.${why}`)} <Time at={at} /> <TicketLink id={ticket}>{t("gaps.ticket")}</TicketLink>
          </span>
        </li>
      ))}
    </ul>
  );
}

function Proposed({ deskId, proposal: { kind, faq, answer: said } }: { deskId: string; proposal: Proposal }) {
  const { t } = useTranslation("admin");
  if (kind === "similar" && faq) {
    return (
      <p>
        {t("gaps.proposal.similar")}{" "}
        <Link to="/desks/$deskId/faqs/$faqId" params={{ deskId, faqId: faq.id }}>
          {faq.question}
        </Link>
        . <span className="muted">{faq.because === "ahead" ? t("gaps.because.ahead", { score: (faq.score ?? 0).toFixed(2) }) : t(`gaps.because.${faq.because}`, { count: faq.tickets })}</span>
      </p>
    );
  }
  if (kind === "draft" && said) {
    return (
      <div>
        <p>{t("gaps.proposal.draft", { count: said.tickets })}</p>
        <blockquote className="said-answer">
          <Plain text={said.text} />
        </blockquote>
      </div>
    );
  }
  return <p>{t("gaps.proposal.answer_needed")}</p>;
}

interface OneProps {
  deskId: string;
  gap: Gap;
  onDecided: (decision: Decision) => void;
}

/** Who approves writes the FAQ or chooses the texts first. */
function One({ deskId, gap, onDecided }: OneProps) {
  const { t } = useTranslation(["admin", "shell"]);
  const id = useId();
  const [doing, setDoing] = useState<"similar" | "draft" | null>(null);
  const renew = useRenew(deskId);
  const path = { helpdesk_id: deskId, gap_id: gap.id };
  const decided = async ({ decision }: { decision: Decision }) => {
    onDecided(decision);
    if (decision.kind !== "rejected") tryQuestion(decision.added[0] ?? gap.question);
    await renew();
  };
  const approve = useMutation({
    mutationFn: (body: Approval) => answer(api.POST("/admin/v1/desks/{helpdesk_id}/gaps/{gap_id}/approve", { params: { path }, body })),
    onSuccess: decided,
  });
  const reject = useMutation({
    mutationFn: () => answer(api.POST("/admin/v1/desks/{helpdesk_id}/gaps/{gap_id}/reject", { params: { path }, body: {} })),
    onSuccess: decided,
  });
  const { proposal } = gap;
  const explain = (): void => {
    tryQuestion(gap.question);
    document.querySelector(".test-box")?.scrollIntoView({ block: "nearest" });
  };
  const begin = (what: "similar" | "draft"): void => {
    approve.reset();
    setDoing(doing === what ? null : what);
  };
  const texts = proposal.kind === "draft" ? proposal.texts : [gap.question];
  const draft = { ...EMPTY, question: texts[0] ?? gap.question, similar: texts.slice(1), answer: proposal.answer?.text ?? "" };
  return (
    <article className="gap stack" aria-labelledby={id}>
      <div>
        <h2 id={id}>{gap.question}</h2>
        <p className="row">
          <Badge tone="warn">{t("gaps.guests", { count: gap.guests })}</Badge>
          <span className="muted">
            {t("gaps.questions", { count: gap.questions })}, {t("gaps.last")} <Time at={gap.last_asked_at} />
          </span>
        </p>
        <p className="muted">
          {REASONS.filter((why) => gap[why] > 0)
            .map((why) => t(`gaps.counts.${why}`, { count: gap[why] }))
            .join(", ")}
        </p>
        {gap.rejected_at !== undefined && (
          <p className="muted">
            {t("gaps.back")} <Time at={gap.rejected_at} />
          </p>
        )}
        {gap.approved_at !== undefined && (
          <p className="muted">
            {t("gaps.again")} <Time at={gap.approved_at} />
          </p>
        )}
      </div>
      <Examples gap={gap} />
      <Proposed deskId={deskId} proposal={proposal} />
      <div className="row">
        <Button theme={proposal.kind === "similar" ? "solid" : "light"} aria-expanded={doing === "similar"} onClick={() => begin("similar")}>
          {t("gaps.asSimilar")}
        </Button>
        <Button theme={proposal.kind === "draft" ? "solid" : "light"} aria-expanded={doing === "draft"} onClick={() => begin("draft")}>
          {t("gaps.asFaq")}
        </Button>
        <Button type="tertiary" onClick={explain}>
          {t("gaps.explain")}
        </Button>
        <Button type="tertiary" loading={reject.isPending} onClick={() => reject.mutate()}>
          {t("gaps.reject")}
        </Button>
      </div>
      {reject.error && <Fault error={reject.error} />}
      {doing === "similar" && <AddSimilar deskId={deskId} gap={gap} saving={approve.isPending} error={approve.error} onSave={(body) => approve.mutate(body)} onCancel={() => setDoing(null)} />}
      {doing === "draft" && (
        <FaqForm
          deskId={deskId}
          draft={draft}
          error={approve.error}
          saving={approve.isPending}
          saved={false}
          onSave={(written) => approve.mutate({ faq: inputOf(written) })}
          onChange={() => approve.error && approve.reset()}
          actions={<Button onClick={() => setDoing(null)}>{t("shell:cancel")}</Button>}
        />
      )}
    </article>
  );
}

export function Groups() {
  const { t } = useTranslation("admin");
  const { deskId } = useParams({ strict: false }) as { deskId: string };
  const [order, setOrder] = useState<Order>("guests");
  const [done, setDone] = useState<Decision>();
  const query = useInfiniteQuery({
    queryKey: ["gaps", deskId, "open", order],
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/admin/v1/desks/{helpdesk_id}/gaps", {
          params: { path: { helpdesk_id: deskId }, query: { order, page_size: PAGE, ...(pageParam && { page_token: pageParam }) } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.page_token,
    placeholderData: (before) => before,
  });
  const gaps = query.data?.pages.flatMap((page) => page.gaps) ?? [];
  const first = query.data?.pages[0];
  const nothing = <Nothing title={t("gaps.none")}>{first?.questions === 0 ? t("gaps.noneYet") : t("gaps.noneWhy")}</Nothing>;
  return (
    <section aria-label={t("gaps.open")}>
      <Done key={done?.id} deskId={deskId} decision={done} onUndone={() => setDone(undefined)} />
      <div className="filters">
        <Choice label={t("gaps.order")} value={order} options={ORDERS.map((name) => [name, t(`gaps.orders.${name}`)])} onChange={(chosen) => chosen && setOrder(chosen)} />
      </div>
      <p className="muted count" role="status">
        {first && t("gaps.count", { count: first.total })}
      </p>
      <Paged query={query} items={gaps} keyOf={({ id }) => id} nothing={nothing}>
        {(gap) => <One deskId={deskId} gap={gap} onDecided={setDone} />}
      </Paged>
    </section>
  );
}
