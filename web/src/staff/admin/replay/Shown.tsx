import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { Badge } from "../../ui/Badge";

const MODE_TONES = { direct: "good", list: "warn", none: "plain" } as const;
const VERDICT_TONES = { solved: "good", missed: "warn", wrong: "bad", unknown: "plain" } as const;

/** A FAQ by its question; one that is gone has none. */
export function FaqName({ deskId, faq }: { deskId: string; faq: Pick<Schemas["ReplayedFaq"], "id" | "question"> }) {
  const { t } = useTranslation("admin");
  if (!faq.question) return <span className="muted">{t("replay.goneFaq", { id: faq.id })}</span>;
  return (
    <Link to="/desks/$deskId/faqs/$faqId" params={{ deskId, faqId: faq.id }}>
      {faq.question}
    </Link>
  );
}

/** What a guest sees of an answer: how it is shown, whether that is right, and the FAQ at the top. */
export function Shown({ deskId, shown }: { deskId: string; shown: Schemas["ReplayedAnswer"] }) {
  const { t } = useTranslation("admin");
  const [best] = shown.faqs;
  return (
    <span className="row">
      <Badge tone={MODE_TONES[shown.mode]}>{t(`replay.modes.${shown.mode}`)}</Badge>
      {shown.verdict && <Badge tone={VERDICT_TONES[shown.verdict]}>{t(`replay.verdicts.${shown.verdict}`)}</Badge>}
      {best && (
        <span>
          <FaqName deskId={deskId} faq={best} /> {best.score !== undefined && best.score !== null && <span className="muted">{best.score.toFixed(2)}</span>}
        </span>
      )}
    </span>
  );
}
