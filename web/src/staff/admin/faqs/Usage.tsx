// How FAQs fare with guests: how many questions each answered, and whether that helped.

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../../api/client";
import { Badge } from "../../ui/Badge";

type Usage = Schemas["FaqUsage"];

/** From this share of guests on whom it did not help, a FAQ is marked… */
const OFTEN = 0.3;
/** …if as many have said something of it. */
const SAID_MIN = 3;

export function useUsages(deskId: string) {
  return useQuery({
    queryKey: ["faqs", deskId, "usage"],
    queryFn: () => answer(api.GET("/admin/v1/desks/{helpdesk_id}/faq-usage", { params: { path: { helpdesk_id: deskId } } })),
    staleTime: 60_000,
  });
}

/** The share of those that said so whom it did not help; nothing if nobody has said anything. */
function notSolved({ solved, not_solved: not }: Usage): number | undefined {
  return solved + not > 0 ? not / (solved + not) : undefined;
}

function percent(share: number): number {
  return Math.round(share * 100);
}

/** In a list. */
export function UsageBadges({ usage }: { usage: Usage | undefined }) {
  const { t } = useTranslation("admin");
  if (!usage) return null;
  const share = notSolved(usage);
  const isBad = share !== undefined && share >= OFTEN && usage.solved + usage.not_solved >= SAID_MIN;
  return (
    <>
      {usage.answered > 0 && <Badge>{t("usage.answered", { count: usage.answered })}</Badge>}
      {share !== undefined && share > 0 && <Badge tone={isBad ? "warn" : "plain"}>{t("usage.notSolved", { percent: percent(share) })}</Badge>}
    </>
  );
}

/** On a FAQ's page. */
export function UsageLine({ deskId, faqId }: { deskId: string; faqId: string }) {
  const { t } = useTranslation("admin");
  const { data } = useUsages(deskId);
  if (!data) return null;
  const { days, questions, faqs } = data;
  const usage = faqs.find(({ faq_id: id }) => id === faqId);
  if (questions === 0) return <p className="muted">{t("usage.noQuestions", { count: days })}</p>;
  if (!usage || usage.answered + usage.by_agents === 0) return <p className="muted">{t("usage.never", { count: days, questions })}</p>;
  const { answered, chosen, solved, not_solved: not, by_agents: byAgents } = usage;
  const share = notSolved(usage);
  return (
    <p className="muted">
      {t("usage.hits", { count: days, answered, questions, percent: (100 * answered / questions).toFixed(1) })}
      {chosen > 0 && ` ${t("usage.chosen", { count: chosen })}`} {share === undefined ? t("usage.nobodySaid") : t("usage.said", { count: solved + not, solved, not, percent: percent(share) })}
      {byAgents > 0 && ` ${t("usage.byAgents", { count: byAgents })}`}
    </p>
  );
}
