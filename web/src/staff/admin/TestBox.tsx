// Tries a question: how the built-in engine would answer it now, and why.

import Button from "@douyinfe/semi-ui-19/lib/es/button";
import Input from "@douyinfe/semi-ui-19/lib/es/input";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useEffect, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { paths } from "../../generated/api";
import { answer, api } from "../api/client";
import { Fault, Loading } from "../shell/states";
import { Badge } from "../ui/Badge";
import { createStore, useStore } from "../ui/store";
import { useSettled } from "../ui/useSettled";

type Explained = paths["/admin/v1/desks/{helpdesk_id}/explain"]["post"]["responses"][200]["content"]["application/json"];
type ExplainedFaq = Explained["faqs"][number];

const SHOWN = 5;
/** How long nothing is typed before a question is tried. */
const TYPED_MS = 300;
const PARTS_SHOWN = 8;
const WORDS_SHOWN = 6;
const TONES = { direct: "good", list: "warn", none: "plain" } as const;

/** The question stays while somebody goes from FAQ to FAQ. */
const tried = createStore("");

/** Has the test box try a question. */
export function tryQuestion(text: string): void {
  tried.set(text.trim());
}

interface TestBoxProps {
  deskId: string;
  /** A FAQ whose score is told in any case. */
  faqId?: string | undefined;
}

function Bar({ score, direct, list }: { score: number; direct: number; list: number }) {
  return (
    <svg className="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
      <rect className="bar-back" width="100" height="8" />
      <rect className={score >= direct ? "bar-direct" : score >= list ? "bar-list" : "bar-none"} width={Math.max(0.5, score * 100)} height="8" />
      <rect className="bar-mark" x={list * 100 - 0.3} width="0.6" height="8" />
      <rect className="bar-mark" x={direct * 100 - 0.3} width="0.6" height="8" />
    </svg>
  );
}

function Why({ faq }: { faq: ExplainedFaq }) {
  const { t } = useTranslation("admin");
  const { by, number, text, exact } = faq.matched;
  // The first is the same for all questions.
  const parts = faq.features.slice(1).sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution)).slice(0, PARTS_SHOWN);
  return (
    <details>
      <summary>{t("test.why")}</summary>
      <div className="why">
        <p>
          {t(`test.matched.${by}`, { number })}
          {text && ` “${text}”`}
          {exact && `, ${t("test.exact")}`}
        </p>
        <p className="row">
          {faq.words.map(({ word, in_question: inQuestion }) => (
            <Badge key={word} tone={inQuestion ? "good" : "plain"}>
              {word}
            </Badge>
          ))}
        </p>
        <p className="muted">{t(`test.basis.${faq.basis}`)}</p>
        {faq.similarity !== undefined && <p className="muted">{t("test.similarity", { value: faq.similarity.toFixed(2) })}</p>}
        <table className="parts">
          <caption className="visually-hidden">{t("test.features")}</caption>
          <thead>
            <tr>
              <th scope="col">{t("test.feature")}</th>
              <th scope="col">{t("test.value")}</th>
              <th scope="col">{t("test.adds")}</th>
            </tr>
          </thead>
          <tbody>
            {parts.map(({ name, value, contribution }) => (
              <tr key={name}>
                <th scope="row">
                  <code>{name}</code>
                </th>
                <td>{value.toFixed(2)}</td>
                <td>{contribution.toFixed(2)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

/** The words that decide, and how far ahead it is. */
function Shared({ faq: { words, margin, runner_up: other }, isFirst }: { faq: ExplainedFaq; isFirst: boolean }) {
  const { t } = useTranslation("admin");
  const ahead = other ? t(margin < 0 ? "test.behind" : "test.ahead", { margin: Math.abs(margin).toFixed(2) }) : t("test.alone");
  const shared = words.slice(0, WORDS_SHOWN).map(({ word }) => word);
  return (
    <p className="muted shared">
      {shared.length > 0 && `${t("test.shared")} ${shared.join(", ")}`}
      {shared.length > 0 && isFirst && " · "}
      {isFirst && ahead}
    </p>
  );
}

function Result({ explained, deskId, faqId }: { explained: Explained; deskId: string; faqId?: string | undefined }) {
  const { t } = useTranslation("admin");
  const { answer: would, words, faqs } = explained;
  const unknown = words.filter(({ known }) => !known);
  return (
    <div className="stack" aria-live="polite">
      <p className="row">
        <Badge tone={TONES[would.mode]}>{t(`test.modes.${would.mode}`)}</Badge>
        <span className="muted">{t("test.thresholds", { direct: would.direct_score, list: would.list_score })}</span>
      </p>
      {unknown.length > 0 && (
        <p className="muted">
          {t("test.unknown")} {unknown.map(({ word }) => word).join(", ")}
        </p>
      )}
      {faqs.length === 0 && <p>{t("test.nothing")}</p>}
      <ol className="scored">
        {faqs.map((faq) => (
          <li key={faq.faq_id} aria-current={faq.faq_id === faqId ? "true" : undefined}>
            <span className="score">{faq.score.toFixed(2)}</span>
            <div>
              <Link to="/desks/$deskId/faqs/$faqId" params={{ deskId, faqId: faq.faq_id }}>
                {faq.question}
              </Link>
              <Bar score={faq.score} direct={would.direct_score} list={would.list_score} />
              <Shared faq={faq} isFirst={faq === faqs[0]} />
              <Why faq={faq} />
            </div>
          </li>
        ))}
      </ol>
    </div>
  );
}

export function TestBox({ deskId, faqId }: TestBoxProps) {
  const { t } = useTranslation("admin");
  const id = useId();
  const asked = useStore(tried);
  const [text, setText] = useState(asked);
  // It may have been asked from elsewhere; what is typed here stays as it is typed.
  useEffect(() => setText((typed) => (typed.trim() === asked ? typed : asked)), [asked]);
  const settled = useSettled(text.trim(), TYPED_MS);
  useEffect(() => tried.set(settled), [settled]);
  const query = useQuery({
    // Below the FAQs', so that whatever changes them has the question answered anew.
    queryKey: ["faqs", deskId, "explain", asked, faqId],
    queryFn: () =>
      answer(
        api.POST("/admin/v1/desks/{helpdesk_id}/explain", {
          params: { path: { helpdesk_id: deskId } },
          body: { text: asked, limit: SHOWN, ...(faqId && { faq_id: faqId }) },
        }),
      ),
    enabled: asked !== "",
    placeholderData: (before) => before,
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (text.trim() === asked) void query.refetch();
    else tried.set(text.trim());
  };
  return (
    <aside className="card stack test-box" aria-labelledby={id}>
      <div>
        <h2 id={id}>{t("test.title")}</h2>
        <p className="muted">{t("test.lead")}</p>
      </div>
      <form className="row" onSubmit={submit}>
        <Input className="test-text" aria-label={t("test.question")} placeholder={t("test.question")} value={text} onChange={setText} maxLength={2000} />
        <Button htmlType="submit" disabled={!text.trim()} loading={query.isFetching}>
          {t("test.try")}
        </Button>
      </form>
      {asked === "" ? null : query.error ? <Fault error={query.error} /> : query.data ? <Result explained={query.data} deskId={deskId} faqId={faqId} /> : query.isFetching && <Loading />}
    </aside>
  );
}
