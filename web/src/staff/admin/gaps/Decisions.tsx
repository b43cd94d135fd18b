// What was decided about gaps and duplicates, and what it was good for.

import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../../api/client";
import { Fault, Nothing } from "../../shell/states";
import { Badge } from "../../ui/Badge";
import { Paged } from "../../ui/Paged";
import { Time } from "../../ui/Time";
import { type Decision, useWithdraw } from "./deciding";

const PAGE = 10;
const HOUR_MS = 3_600_000;
const COLUMNS = ["asked", "answered", "solved", "missed", "handed_over"] as const;
const TONES = { similar: "good", draft: "good", rejected: "plain", apart: "plain" } as const;

function Effect({ effect }: { effect: Schemas["AdminDecisionEffect"] }) {
  const { t } = useTranslation("admin");
  const hours = Math.round(effect.span_ms / HOUR_MS);
  const span = hours < 48 ? t("gaps.hours", { count: Math.max(1, hours) }) : t("gaps.days", { count: Math.round(hours / 24) });
  if (effect.before.asked + effect.after.asked === 0) return <p className="muted">{t("gaps.noEffect")}</p>;
  const caption = t("gaps.effect", { span });
  return (
    <div className="wide-table" tabIndex={0} role="region" aria-label={caption}>
      <table className="parts">
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col" aria-label={t("gaps.when")} />
            {COLUMNS.map((name) => (
              <th key={name} scope="col">
                {t(`gaps.tally.${name}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {(["before", "after"] as const).map((when) => (
            <tr key={when}>
              <th scope="row">{t(`gaps.${when}`)}</th>
              {COLUMNS.map((name) => (
                <td key={name}>{effect[when][name]}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function One({ deskId, decision }: { deskId: string; decision: Decision }) {
  const { t } = useTranslation("admin");
  const { id, kind, question, added, reason, faq_id: faqId, other_faq_id: otherId, effect, decided_by: by, decided_at: at, guests } = decision;
  const withdraw = useWithdraw(deskId, () => undefined);
  const toFaq = (faq: string, words: string) => (
    <Link to="/desks/$deskId/faqs/$faqId" params={{ deskId, faqId: faq }}>
      {words}
    </Link>
  );
  return (
    <article className="gap stack">
      <div>
        <h2>{question}</h2>
        <p className="row muted">
          <Badge tone={TONES[kind]}>{t(`gaps.kinds.${kind}`)}</Badge>
          {by?.name} <Time at={at} />
          {kind !== "apart" && <span>{t("gaps.guests", { count: guests })}</span>}
        </p>
      </div>
      {added.length > 0 && (
        <p>
          {t("gaps.added")} {added.map((text) => `“${text}”`).join(", ")}
        </p>
      )}
      {reason && <p>{reason}</p>}
      <p className="row">
        {faqId && toFaq(faqId, t(otherId ? "gaps.firstFaq" : "gaps.toFaq"))}
        {otherId && toFaq(otherId, t("gaps.secondFaq"))}
        {(kind === "rejected" || kind === "apart") && (
          <Button loading={withdraw.isPending} onClick={() => withdraw.mutate(id)} aria-label={`${t("gaps.undo")}: ${question}`}>
            {t("gaps.undo")}
          </Button>
        )}
      </p>
      {withdraw.error && <Fault error={withdraw.error} />}
      {effect && <Effect effect={effect} />}
    </article>
  );
}

export function Decisions() {
  const { t } = useTranslation("admin");
  const { deskId } = useParams({ strict: false }) as { deskId: string };
  const query = useInfiniteQuery({
    queryKey: ["gaps", deskId, "decisions"],
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/admin/v1/desks/{helpdesk_id}/gap-decisions", {
          params: { path: { helpdesk_id: deskId }, query: { page_size: PAGE, ...(pageParam && { page_token: pageParam }) } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.page_token,
  });
  const decisions = query.data?.pages.flatMap((page) => page.decisions) ?? [];
  return (
    <section aria-label={t("gaps.decisions")}>
      <Paged query={query} items={decisions} keyOf={({ id }) => id} nothing={<Nothing title={t("gaps.noDecisions")}>{t("gaps.noDecisionsWhy")}</Nothing>}>
        {(decision) => <One deskId={deskId} decision={decision} />}
      </Paged>
    </section>
  );
}
