import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Fault } from "../../shell/states";
import { type Decision, useWithdraw } from "./deciding";

interface DoneProps {
  deskId: string;
  decision: Decision | undefined;
  onUndone: () => void;
}

/** What was just decided, and how it is taken back. */
export function Done({ deskId, decision, onUndone }: DoneProps) {
  const { t } = useTranslation("admin");
  const withdraw = useWithdraw(deskId, onUndone);
  return (
    <div role="status">
      {decision && (
        <div className="done row">
          <span className="grow">
            {t(`gaps.done.${decision.kind}`)} “{decision.question}”
          </span>
          {(decision.kind === "similar" || decision.kind === "draft") && decision.faq_id && (
            <Link to="/desks/$deskId/faqs/$faqId" params={{ deskId, faqId: decision.faq_id }}>
              {t("gaps.toFaq")}
            </Link>
          )}
          {(decision.kind === "rejected" || decision.kind === "apart") && (
            <Button loading={withdraw.isPending} onClick={() => withdraw.mutate(decision.id)}>
              {t("gaps.undo")}
            </Button>
          )}
          {withdraw.error && <Fault error={withdraw.error} />}
        </div>
      )}
    </div>
  );
}
