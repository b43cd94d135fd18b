// Writes a FAQ: a new one, or one that is there.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../api/client";
import { Page } from "../shell/Shell";
import { Read } from "../shell/states";
import { Time } from "../ui/Time";
import { Confirmed } from "../ui/Confirmed";
import { FaqForm } from "./FaqForm";
import { UsageLine } from "./faqs/Usage";
import { type Draft, draftOf, EMPTY, inputOf } from "./faq";
import { TestBox } from "./TestBox";

type Faq = Schemas["Faq"];

function About({ deskId, faq }: { deskId: string; faq: Faq }) {
  const { t } = useTranslation("admin");
  return (
    <p className="muted">
      <Link to="/desks/$deskId/faqs/$faqId/history" params={{ deskId, faqId: faq.faq_id }}>
        {t("history.link")}
      </Link>
      {faq.update_time !== undefined && (
        <>
          {" · "}
          {faq.update_user?.name ? t("faq.changedBy", { name: faq.update_user.name }) : t("faq.changed")} <Time at={faq.update_time * 1000} />
        </>
      )}
    </p>
  );
}

function Delete({ path, question, onDone }: { path: { helpdesk_id: string; faq_id: string }; question: string; onDone: () => void }) {
  const { t } = useTranslation("admin");
  const remove = () => answer(api.DELETE("/admin/v1/desks/{helpdesk_id}/faqs/{faq_id}", { params: { path } }));
  return (
    <Confirmed danger label={t("faq.delete")} title={t("faq.deleteTitle")} act={remove} onDone={onDone}>
      <p>
        <strong>{question}</strong>
      </p>
      <p>{t("faq.deleteWhy")}</p>
    </Confirmed>
  );
}

export function OneFaq() {
  const { t } = useTranslation(["admin", "shell"]);
  const { deskId, faqId } = useParams({ strict: false }) as { deskId: string; faqId: string };
  const navigate = useNavigate();
  const client = useQueryClient();
  const isNew = faqId === "new";
  const [version, setVersion] = useState(0);
  const path = { helpdesk_id: deskId, faq_id: faqId };
  const query = useQuery({
    queryKey: ["faqs", deskId, "one", faqId],
    queryFn: () => answer(api.GET("/admin/v1/desks/{helpdesk_id}/faqs/{faq_id}", { params: { path } })),
    enabled: !isNew,
    // What is being written must not change under its writer.
    staleTime: Number.POSITIVE_INFINITY,
  });
  const renew = () => client.invalidateQueries({ queryKey: ["faqs", deskId] });
  const save = useMutation({
    mutationFn: (draft: Draft) => {
      const body = { faq: inputOf(draft) };
      return answer(
        isNew
          ? api.POST("/admin/v1/desks/{helpdesk_id}/faqs", { params: { path: { helpdesk_id: deskId } }, body })
          : api.PATCH("/admin/v1/desks/{helpdesk_id}/faqs/{faq_id}", { params: { path }, body }),
      );
    },
    onSuccess: async ({ faq }) => {
      client.setQueryData(["faqs", deskId, "one", faq.faq_id], { faq });
      setVersion((before) => before + 1);
      await renew();
      if (isNew) await navigate({ to: "/desks/$deskId/faqs/$faqId", params: { deskId, faqId: faq.faq_id }, replace: true });
    },
  });
  const toList = () => navigate({ to: "/desks/$deskId/faqs", params: { deskId } });
  const form = (draft: Draft, faq?: Faq) => (
    <FaqForm
      // What was saved is what the form begins with from then on; what was not stays as it was written.
      key={faq ? `${faq.faq_id} ${version}` : "new"}
      deskId={deskId}
      faqId={faq?.faq_id}
      draft={draft}
      error={save.error}
      saving={save.isPending}
      saved={save.isSuccess}
      onSave={(written) => save.mutate(written)}
      onChange={() => save.isSuccess && save.reset()}
      actions={
        faq && (
          <Delete
            path={path}
            question={faq.question}
            onDone={() => {
              void renew();
              void toList();
            }}
          />
        )
      }
    />
  );
  const back = (
    <Link to="/desks/$deskId/faqs" params={{ deskId }}>
      ← {t("faqs.title")}
    </Link>
  );
  return (
    <Page title={isNew ? t("faq.new") : t("faq.title")} lead={back}>
      <div className="beside">
        <div className="stack">
          {isNew ? (
            form(EMPTY)
          ) : (
            <Read query={query}>
              {({ faq }) => (
                <>
                  <div>
                    <About deskId={deskId} faq={faq} />
                    <UsageLine deskId={deskId} faqId={faq.faq_id} />
                  </div>
                  {form(draftOf(faq), faq)}
                </>
              )}
            </Read>
          )}
        </div>
        <TestBox deskId={deskId} faqId={isNew ? undefined : faqId} />
      </div>
    </Page>
  );
}
