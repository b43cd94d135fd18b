// What other scores would have done to the questions of the past: in words, as graphs, as a table.

import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api } from "../api/client";
import { Loading, Nothing, Read } from "../shell/states";
import { Choice } from "../ui/Choice";
import { RANGES, type Range, since } from "./ranges";
import { direct, listed, PARTS, rows, type Row, type Scores, type Swept, tally, type Tally } from "./thresholds";

const ThresholdChart = lazy(() => import("./ThresholdChart"));

/** Questions at most, the newest: each is ranked anew. */
const LIMIT = 2_000;
/** From so many questions on that something is known of, figures about right and wrong say something. */
const ENOUGH = 30;
/** Every fifth hundredth is a line of the table. */
const TABLE_STEP = 5;
const KEPT_MS = 300_000;

interface ScoresProps {
  /** The scores in use. */
  saved: Scores;
  /** Those on the form. */
  draft: Scores;
}

/** One sentence for each kind of answer of which there would be more or fewer. */
function Change({ before, after, questions }: { before: Tally; after: Tally; questions: number }) {
  const { t } = useTranslation("admin");
  const more = direct(after) - direct(before);
  const lists = listed(after) - listed(before);
  const none = after.none - before.none;
  if (more === 0 && lists === 0 && none === 0) return <p>{t("graph.same")}</p>;
  const part = (name: keyof Tally) => Math.abs(after[name] - before[name]);
  const figures = { right: part("directRight"), wrong: part("directWrong"), unknown: part("directUnknown") };
  const of = t("graph.of", { count: questions });
  return (
    <p>
      {of} {more === 0 ? t("graph.direct.same") : t(more > 0 ? "graph.direct.more" : "graph.direct.fewer", { count: Math.abs(more), ...figures })}
      {lists !== 0 && ` ${t(lists > 0 ? "graph.list.more" : "graph.list.fewer", { count: Math.abs(lists) })}`}
      {none !== 0 && ` ${t(none > 0 ? "graph.none.more" : "graph.none.fewer", { count: Math.abs(none) })}`}
    </p>
  );
}

function Words({ swept, saved, draft }: ScoresProps & { swept: Swept }) {
  const { t } = useTranslation("admin");
  const { questions, known } = swept;
  const [before, after] = [tally(swept, saved), tally(swept, draft)];
  const moved = saved.direct !== draft.direct || saved.list !== draft.list;
  return (
    <div className="stack-close">
      <p>
        {t("graph.now", { count: questions })} {t("graph.nowDirect", { direct: direct(before), right: before.directRight, wrong: before.directWrong })} {t("graph.nowRest", { list: listed(before), none: before.none })}
      </p>
      <div className="graph-change" role="status">
        {moved && <Change before={before} after={after} questions={questions} />}
      </div>
      {known < ENOUGH && <p className="graph-few">{t("graph.few", { count: known })}</p>}
      {!swept.complete && <p className="muted">{t("graph.newest", { count: questions })}</p>}
    </div>
  );
}

function Legend() {
  const { t } = useTranslation("admin");
  return (
    <ul className="graph-legend">
      {PARTS.map((part) => (
        <li key={part}>
          <span className={`dot graph-${part}`} aria-hidden="true" /> {t(`graph.parts.${part}`)}
        </li>
      ))}
    </ul>
  );
}

interface FiguresProps {
  caption: string;
  head: string;
  rows: Row[];
  at: number;
}

function Figures({ caption, head, rows, at }: FiguresProps) {
  const { t } = useTranslation("admin");
  // Also the score on the form, which may lie between two lines.
  const shown = rows.filter((row, step) => step % TABLE_STEP === 0 || row.at === at);
  return (
    <div className="wide-table" tabIndex={0} role="region" aria-label={caption}>
      <table className="parts">
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{head}</th>
            {PARTS.map((part) => (
              <th key={part} scope="col">
                {t(`graph.parts.${part}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={row.at} aria-current={row.at === at ? "true" : undefined}>
              <th scope="row">{row.at.toFixed(2)}</th>
              {PARTS.map((part) => (
                <td key={part}>{row[part]}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Graphs({ swept, saved, draft }: ScoresProps & { swept: Swept }) {
  const { t } = useTranslation("admin");
  const [table, setTable] = useState(false);
  const both = (["direct", "list"] as const).map((name) => ({ name, rows: rows(swept, draft, name) }));
  return (
    <>
      <Legend />
      <div className="graphs">
        {both.map(({ name, rows }) => (
          <figure key={name} className={`graph graph-of-${name}`}>
            <figcaption>{t(`graph.if.${name}`)}</figcaption>
            <Suspense fallback={<Loading />}>
              <ThresholdChart rows={rows} questions={swept.questions} saved={saved[name]} draft={draft[name]} />
            </Suspense>
          </figure>
        ))}
      </div>
      <div>
        <Button aria-expanded={table} onClick={() => setTable(!table)}>
          {t(table ? "graph.hideTable" : "graph.showTable")}
        </Button>
      </div>
      {table && both.map(({ name, rows }) => <Figures key={name} caption={t(`graph.if.${name}`)} head={t(`answering.${name}`)} rows={rows} at={draft[name]} />)}
    </>
  );
}

export function Thresholds({ deskId, saved, draft }: ScoresProps & { deskId: string }) {
  const { t } = useTranslation("admin");
  const id = useId();
  const [range, setRange] = useState<Range>("month");
  const query = useQuery({
    // Below the FAQs', because each of their changes changes the scores.
    queryKey: ["faqs", deskId, "thresholds", range],
    queryFn: () =>
      answer(
        api.GET("/admin/v1/desks/{helpdesk_id}/replay/thresholds", {
          params: { path: { helpdesk_id: deskId }, query: { ...since(range), limit: LIMIT } },
        }),
      ),
    staleTime: KEPT_MS,
  });
  return (
    <section className="stack" aria-labelledby={id}>
      <div className="graph-head">
        <h2 id={id}>{t("graph.title")}</h2>
        <Choice label={t("ranges.label")} value={range} options={RANGES.map((name) => [name, t(`ranges.${name}`)])} onChange={(chosen) => chosen && setRange(chosen)} />
      </div>
      <Read query={query}>
        {(swept) =>
          swept.questions === 0 ? (
            <Nothing title={t("graph.noQuestions")}>{t("graph.noQuestionsWhy")}</Nothing>
          ) : (
            <>
              <Words swept={swept} saved={saved} draft={draft} />
              <Graphs swept={swept} saved={saved} draft={draft} />
              <p className="muted">{t("graph.about")}</p>
            </>
          )
        }
      </Read>
    </section>
  );
}
