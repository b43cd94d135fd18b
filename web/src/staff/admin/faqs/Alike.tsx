// FAQs that answer a question already, while somebody writes it.

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../api/client";
import { useSettled } from "../../ui/useSettled";

const LOOKED_AT = 3;
const WAIT_MS = 500;

interface AlikeProps {
  deskId: string;
  /** The FAQ that is written, if it is there already. */
  faqId: string | undefined;
  /** What is written; nothing while it is what was there before. */
  question: string;
}

export function Alike({ deskId, faqId, question }: AlikeProps) {
  const { t } = useTranslation("admin");
  const text = useSettled(question.trim(), WAIT_MS);
  const query = useQuery({
    queryKey: ["faqs", deskId, "alike", text, faqId],
    queryFn: () => answer(api.POST("/admin/v1/desks/{helpdesk_id}/explain", { params: { path: { helpdesk_id: deskId } }, body: { text, limit: LOOKED_AT } })),
    enabled: text.length > 1,
  });
  const { faqs = [], answer: would } = (text && query.data) || {};
  const alike = faqs.filter(({ faq_id: id, score }) => would && id !== faqId && score >= would.direct_score);
  return (
    <div role="status">
      {alike.length > 0 && (
        <p className="alike">
          {t("faq.alike", { count: alike.length })}{" "}
          {alike.map(({ faq_id: id, question: other, score }) => (
            <span key={id}>
              <a href={`/admin/desks/${deskId}/faqs/${id}`} target="_blank" rel="noreferrer">
                {other}
              </a>{" "}
              ({score.toFixed(2)}){" "}
            </span>
          ))}
          {t("faq.alikeWhy")}
        </p>
      )}
    </div>
  );
}
