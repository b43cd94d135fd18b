// Past questions, answered again: how many rightly, and which.

import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../../api/client";
import { Nothing } from "../../shell/states";
import { Choice } from "../../ui/Choice";
import { Facts } from "../../ui/Detail";
import { Paged } from "../../ui/Paged";
import { Time } from "../../ui/Time";
import { RANGES, type Range, since } from "../ranges";
import { TicketLink } from "../TicketLink";
import { KeepCase } from "./KeepCase";
import { FaqName, Shown } from "./Shown";
import { type Change, Tried } from "./Tried";

const PAGE = 20;
/** Questions at most, the newest. */
const LIMIT = 2_000;
const COUNTS = ["direct", "list", "none", "solved", "missed", "wrong", "unknown"] as const;
const LISTS = ["changed", "better", "worse", "solved", "missed", "wrong", "unknown", "all"] as const;

type List = (typeof LISTS)[number];
type Summary = Schemas["ReplaySummary"];
type Question = Schemas["ReplayedQuestion"];

/** What is replayed; another run of the same is another one. */
interface Run extends Change {
  from?: number;
  number: number;
}

function Numbers({ summary }: { summary: Summary }) {
  const { t } = useTranslation("admin");
  const lines = (["then", "now", "after"] as const).flatMap((name) => {
    const counts = summary[name];
    return counts ? [{ name, counts }] : [];
  });
  return (
    <div className="wide-table" tabIndex={0} role="region" aria-label={t("replay.numbers")}>
      <table className="parts">
        <caption className="visually-hidden">{t("replay.numbers")}</caption>
        <thead>
          <tr>
            <th scope="col" aria-label={t("replay.when")} />
            {COUNTS.map((name) => (
              <th key={name} scope="col">
                {t(`replay.columns.${name}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map(({ name, counts }) => (
            <tr key={name}>
              <th scope="row">{t(`replay.${name}`)}</th>
              {COUNTS.map((column) => (
                <td key={column}>{counts[column]}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** How many questions are behind each list. */
function counted({ changed, better, worse, questions, now, after }: Summary): Record<List, number> {
  const { solved, missed, wrong, unknown } = after ?? now;
  return { changed, better, worse, solved, missed, wrong, unknown, all: questions };
}

interface OneProps {
  deskId: string;
  question: Question;
}

function One({ deskId, question }: OneProps) {
  const { t } = useTranslation("admin");
  const [keeping, setKeeping] = useState(false);
  const [kept, setKept] = useState(false);
  const { text, asked_at: at, ticket_id: ticket, right, right_by: by, wrong, then, now, after } = question;
  const views = Object.entries({ then, now, after }).flatMap(([name, view]): [string, React.ReactNode][] =>
    view ? [[t(`replay.${name as "then" | "now" | "after"}`), <Shown key={name} deskId={deskId} shown={view} />]] : [],
  );
  return (
    <article className="replayed stack" aria-label={text}>
      <div>
        <h3>{text}</h3>
        <p className="row muted">
          <Time at={at} /> <TicketLink id={ticket}>{t("gaps.ticket")}</TicketLink> {question.handed_over && t("replay.handedOver")}
        </p>
      </div>
      <Facts
        facts={[
          ...(right ? [[t("replay.right"), <span key="right"><FaqName deskId={deskId} faq={right} /> {by && <span className="muted">{t(`replay.by.${by}`)}</span>}</span>] as [string, React.ReactNode]] : []),
          ...(wrong ? [[t("replay.notHelpful"), <FaqName key="wrong" deskId={deskId} faq={wrong} />] as [string, React.ReactNode]] : []),
          ...views,
        ]}
      />
      <div className="row">
        {!kept && (
          <Button size="small" onClick={() => setKeeping(true)} aria-label={`${t("replay.keep")}: ${text}`}>
            {t("replay.keep")}
          </Button>
        )}
        <span role="status">{kept && t("replay.isKept")}</span>
      </div>
      {keeping && (
        <KeepCase
          deskId={deskId}
          question={question}
          onClose={() => setKeeping(false)}
          onKept={() => {
            setKeeping(false);
            setKept(true);
          }}
        />
      )}
    </article>
  );
}

function Result({ deskId, run }: { deskId: string; run: Run }) {
  const { t } = useTranslation("admin");
  const [list, setList] = useState<List>("changed");
  const { number, ...body } = run;
  const query = useInfiniteQuery({
    queryKey: ["replay", deskId, run, list],
    queryFn: ({ pageParam }) =>
      answer(
        api.POST("/admin/v1/desks/{helpdesk_id}/replay", {
          params: { path: { helpdesk_id: deskId } },
          body: { ...body, list, limit: LIMIT, page_size: PAGE, ...(pageParam && { page_token: pageParam }) },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.page_token,
    placeholderData: keepPreviousData,
    // A replay is of the moment when somebody asked for it.
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  const first = query.data?.pages[0];
  const summary = first?.summary;
  const questions = query.data?.pages.flatMap((page) => page.questions) ?? [];
  const counts = summary && counted(summary);
  if (summary?.questions === 0) return <Nothing title={t("graph.noQuestions")}>{t("graph.noQuestionsWhy")}</Nothing>;
  return (
    <section className="stack" aria-label={t("replay.result")}>
      {summary && (
        <>
          <p role="status">
            {t("replay.asked", { count: summary.questions })} {t("replay.known", { count: summary.known })} {t(summary.after ? "replay.changedBy" : "replay.changedSince", { count: summary.changed, better: summary.better, worse: summary.worse })}
          </p>
          {first?.complete === false && <p className="muted">{t("graph.newest", { count: summary.questions })}</p>}
          <Numbers summary={summary} />
        </>
      )}
      {counts && (
        <div className="row" role="group" aria-label={t("replay.lists")}>
          {LISTS.map((name) => (
            <Button key={name} theme={name === list ? "solid" : "light"} aria-pressed={name === list} onClick={() => setList(name)}>
              {t(`replay.list.${name}`)} ({counts[name]})
            </Button>
          ))}
        </div>
      )}
      <div aria-busy={query.isPlaceholderData}>
        <Paged query={query} items={questions} keyOf={({ event_id: id }) => id} nothing={<Nothing title={t("replay.none")}>{t(`replay.noneWhy.${list}`)}</Nothing>}>
          {(question) => <One deskId={deskId} question={question} />}
        </Paged>
      </div>
    </section>
  );
}

export function Past() {
  const { t } = useTranslation("admin");
  const { deskId } = useParams({ strict: false }) as { deskId: string };
  const [range, setRange] = useState<Range>("month");
  const [change, setChange] = useState<Change>({});
  const [run, setRun] = useState<Run | null>(null);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setRun((before) => ({ ...change, ...since(range), number: (before?.number ?? 0) + 1 }));
  };
  return (
    <div className="stack">
      <form className="card stack" onSubmit={submit}>
        <p className="muted">{t("replay.lead")}</p>
        <div className="field">
          <span aria-hidden="true">{t("ranges.label")}</span>
          <Choice label={t("ranges.label")} value={range} options={RANGES.map((name) => [name, t(`ranges.${name}`)])} onChange={(chosen) => chosen && setRange(chosen)} />
        </div>
        <Tried deskId={deskId} change={change} onChange={setChange} />
        <div>
          <Button htmlType="submit" theme="solid">
            {t("replay.run")}
          </Button>
        </div>
      </form>
      {run ? <Result key={run.number} deskId={deskId} run={run} /> : <Nothing title={t("replay.notYet")}>{t("replay.notYetWhy")}</Nothing>}
    </div>
  );
}
