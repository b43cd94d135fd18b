// FAQs that ask nearly the same, side by side.

import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../../api/client";
import { Fault, Nothing, Read } from "../../shell/states";
import { Confirm } from "../../ui/Confirm";
import { Paged } from "../../ui/Paged";
import { Plain } from "../../ui/Rich";
import { draftOf, inputOf } from "../faq";
import { Done } from "./Done";
import { type Decision, useRenew } from "./deciding";

const PAGE = 10;

type Pair = Schemas["AdminDuplicate"];
type Faq = Schemas["Faq"];

function useFaq(deskId: string, faqId: string) {
  return useQuery({
    queryKey: ["faqs", deskId, "one", faqId],
    queryFn: () => answer(api.GET("/admin/v1/desks/{helpdesk_id}/faqs/{faq_id}", { params: { path: { helpdesk_id: deskId, faq_id: faqId } } })),
  });
}

/** A FAQ that stays takes over the other's question and similar questions; texts that it has already stay once. */
function taking(faq: Faq, other: Faq): Schemas["FaqInput"] {
  const draft = draftOf(faq);
  const known = new Set([faq.question, ...draft.similar].map((text) => text.trim().toLowerCase()));
  const more = [other.question, ...(other.tags ?? [])].filter((text) => !known.has(text.trim().toLowerCase()) && known.add(text.trim().toLowerCase()));
  return inputOf({ ...draft, similar: [...draft.similar, ...more] });
}

interface SideProps {
  deskId: string;
  faq: Faq;
  other: Faq;
  onDone: () => void;
}

function Side({ deskId, faq, other, onDone }: SideProps) {
  const { t } = useTranslation("admin");
  const [asking, setAsking] = useState(false);
  const renew = useRenew(deskId);
  const merge = useMutation({
    mutationFn: async () => {
      const of = (id: string) => ({ path: { helpdesk_id: deskId, faq_id: id } });
      // In this order nothing is lost if the second call fails: both FAQs are still there, and it can be tried again.
      await answer(api.PATCH("/admin/v1/desks/{helpdesk_id}/faqs/{faq_id}", { params: of(faq.faq_id), body: { faq: taking(faq, other) } }));
      await answer(api.DELETE("/admin/v1/desks/{helpdesk_id}/faqs/{faq_id}", { params: of(other.faq_id) }));
    },
    onSuccess: () => {
      setAsking(false);
      onDone();
    },
    onSettled: renew,
  });
  return (
    <div className="twin stack">
      <h3>
        <Link to="/desks/$deskId/faqs/$faqId" params={{ deskId, faqId: faq.faq_id }}>
          {faq.question}
        </Link>
      </h3>
      {(faq.tags?.length ?? 0) > 0 && (
        <div>
          <p className="muted">{t("faq.similar")}</p>
          <ul>
            {faq.tags?.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </div>
      )}
      <div>
        <p className="muted">{t("faq.answer")}</p>
        <Plain text={faq.answer ?? ""} />
      </div>
      <div>
        <Button onClick={() => setAsking(true)} aria-label={`${t("gaps.keep")}: ${faq.question}`}>
          {t("gaps.keep")}
        </Button>
      </div>
      <Confirm visible={asking} title={t("gaps.keepTitle")} action={t("gaps.keepAction")} pending={merge.isPending} onConfirm={() => merge.mutate()} onCancel={() => setAsking(false)}>
        <p>{t("gaps.keepWhy", { kept: faq.question, gone: other.question })}</p>
        {merge.error && <Fault error={merge.error} />}
      </Confirm>
    </div>
  );
}

interface TwinsProps {
  deskId: string;
  pair: Pair;
  onDecided: (decision: Decision | undefined) => void;
}

function Twins({ deskId, pair, onDecided }: TwinsProps) {
  const { t } = useTranslation("admin");
  const renew = useRenew(deskId);
  const [one, other] = [useFaq(deskId, pair.one.id), useFaq(deskId, pair.other.id)];
  const apart = useMutation({
    mutationFn: () =>
      answer(api.POST("/admin/v1/desks/{helpdesk_id}/duplicates/reject", { params: { path: { helpdesk_id: deskId } }, body: { one: pair.one.id, other: pair.other.id } })),
    onSuccess: async ({ decision }) => {
      onDecided(decision);
      await renew();
    },
  });
  const merged = () => onDecided(undefined);
  return (
    <article className="gap stack" aria-label={`${pair.one.question} / ${pair.other.question}`}>
      <Read query={one}>
        {(first) => (
          <Read query={other}>
            {(second) => (
              <div className="twins">
                <Side deskId={deskId} faq={first.faq} other={second.faq} onDone={merged} />
                <Side deskId={deskId} faq={second.faq} other={first.faq} onDone={merged} />
              </div>
            )}
          </Read>
        )}
      </Read>
      <p className="muted">
        {t("gaps.alike", { value: pair.similarity.toFixed(2) })}{" "}
        {pair.texts.map(({ one: first, other: second }) => `“${first}” – “${second}”`).join("; ")}
      </p>
      <div>
        <Button loading={apart.isPending} onClick={() => apart.mutate()}>
          {t("gaps.both")}
        </Button>
      </div>
      {apart.error && <Fault error={apart.error} />}
    </article>
  );
}

export function Duplicates() {
  const { t } = useTranslation("admin");
  const { deskId } = useParams({ strict: false }) as { deskId: string };
  const [done, setDone] = useState<Decision>();
  const query = useInfiniteQuery({
    queryKey: ["gaps", deskId, "duplicates"],
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/admin/v1/desks/{helpdesk_id}/duplicates", {
          params: { path: { helpdesk_id: deskId }, query: { page_size: PAGE, ...(pageParam && { page_token: pageParam }) } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.page_token,
  });
  const pairs = query.data?.pages.flatMap((page) => page.duplicates) ?? [];
  const total = query.data?.pages[0]?.total;
  return (
    <section aria-label={t("gaps.duplicates")}>
      <Done key={done?.id} deskId={deskId} decision={done} onUndone={() => setDone(undefined)} />
      <p className="muted count" role="status">
        {total !== undefined && t("gaps.pairs", { count: total })}
      </p>
      <Paged query={query} items={pairs} keyOf={({ one, other }) => `${one.id} ${other.id}`} nothing={<Nothing title={t("gaps.noDuplicates")}>{t("gaps.noDuplicatesWhy")}</Nothing>}>
        {(pair) => <Twins deskId={deskId} pair={pair} onDecided={setDone} />}
      </Paged>
    </section>
  );
}
