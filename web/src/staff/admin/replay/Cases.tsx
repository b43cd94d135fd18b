// Kept cases: questions with the answer they have to get.

import IconPlus from "@douyinfe/semi-icons/lib/es/icons/IconPlus";
import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../../api/client";
import { Fault, Nothing } from "../../shell/states";
import { Paged } from "../../ui/Paged";
import { Time } from "../../ui/Time";
import { Confirmed } from "../../ui/Confirmed";
import { KeepCase } from "./KeepCase";
import { FaqName, Shown } from "./Shown";
import { type Change, Tried } from "./Tried";

const PAGE = 30;
const NOTHING = "nothing";

type Case = Schemas["KeptCase"];

function Wanted({ deskId, kept }: { deskId: string; kept: Case }) {
  const { t } = useTranslation("admin");
  if (kept.wanted === NOTHING) return t("replay.wantedNothing");
  return <FaqName deskId={deskId} faq={{ id: kept.wanted, ...(kept.wanted_question && { question: kept.wanted_question }) }} />;
}

function One({ deskId, kept }: { deskId: string; kept: Case }) {
  const { t } = useTranslation("admin");
  const client = useQueryClient();
  const path = { helpdesk_id: deskId, case_id: kept.case_id };
  const forget = () => answer(api.DELETE("/admin/v1/desks/{helpdesk_id}/cases/{case_id}", { params: { path } }));
  return (
    <div className="line">
      <span className="line-main">
        <strong>{kept.text}</strong>
        <span className="line-why">
          {t("replay.wants")} <Wanted deskId={deskId} kept={kept} />
        </span>
        {kept.note && <span className="line-why">{kept.note}</span>}
        <span className="line-why">
          {kept.created_by?.name ?? t("replay.byFile")}, <Time at={kept.created_at} />
        </span>
      </span>
      <Confirmed danger label={t("replay.forget")} name={`${t("replay.forget")}: ${kept.text}`} title={t("replay.forgetTitle")} act={forget} onDone={() => client.invalidateQueries({ queryKey: ["cases", deskId] })}>
        <p>
          <strong>{kept.text}</strong>
        </p>
      </Confirmed>
    </div>
  );
}

function Report({ deskId, report }: { deskId: string; report: Schemas["CaseReport"] }) {
  const { t } = useTranslation("admin");
  return (
    <div className="stack">
      <p role="status" className={report.failed.length > 0 ? "graph-few" : "done"}>
        {report.failed.length > 0 ? t("replay.someFailed", { count: report.failed.length, all: report.cases }) : t("replay.allPassed", { count: report.cases })}
      </p>
      {report.failed.length > 0 && (
        <ul className="rows">
          {report.failed.map(({ case: kept, fault, shown }) => (
            <li key={kept.case_id} className="line">
              <span className="line-main">
                <strong>{kept.text}</strong>
                <span className="line-why">
                  {t(`replay.faults.${fault}`)}. {t("replay.wants")} <Wanted deskId={deskId} kept={kept} />
                </span>
              </span>
              <Shown deskId={deskId} shown={shown} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

export function Cases() {
  const { t } = useTranslation("admin");
  const { deskId } = useParams({ strict: false }) as { deskId: string };
  const [change, setChange] = useState<Change>({});
  const [keeping, setKeeping] = useState(false);
  const query = useInfiniteQuery({
    queryKey: ["cases", deskId],
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/admin/v1/desks/{helpdesk_id}/cases", {
          params: { path: { helpdesk_id: deskId }, query: { page_size: PAGE, ...(pageParam && { page_token: pageParam }) } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.page_token,
  });
  const run = useMutation({
    mutationFn: () => answer(api.POST("/admin/v1/desks/{helpdesk_id}/cases/run", { params: { path: { helpdesk_id: deskId } }, body: change })),
  });
  const cases = query.data?.pages.flatMap((page) => page.cases) ?? [];
  const total = query.data?.pages[0]?.total;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    run.mutate();
  };
  return (
    <div className="stack">
      <form className="card stack" onSubmit={submit}>
        <p className="muted">{t("replay.casesLead")}</p>
        <Tried deskId={deskId} change={change} onChange={(other) => (setChange(other), run.reset())} />
        <div className="row">
          <Button htmlType="submit" theme="solid" loading={run.isPending} disabled={!total}>
            {t("replay.runCases")}
          </Button>
          <Button icon={<IconPlus aria-hidden />} onClick={() => setKeeping(true)}>
            {t("replay.newCase")}
          </Button>
        </div>
        {run.error && <Fault error={run.error} />}
        {run.data && <Report deskId={deskId} report={run.data} />}
      </form>
      <section aria-label={t("replay.cases")}>
        <p className="muted count" role="status">
          {total !== undefined && t("replay.count", { count: total })}
        </p>
        <Paged query={query} items={cases} keyOf={({ case_id: id }) => id} nothing={<Nothing title={t("replay.noCases")}>{t("replay.noCasesWhy")}</Nothing>}>
          {(kept) => <One deskId={deskId} kept={kept} />}
        </Paged>
      </section>
      {keeping && <KeepCase deskId={deskId} onClose={() => setKeeping(false)} onKept={() => setKeeping(false)} />}
    </div>
  );
}
