// Faults on purpose: which there are, and new ones.

import IconDelete from "@douyinfe/semi-icons/lib/es/icons/IconDelete";
import Button from "@douyinfe/semi-ui-19/lib/es/button";
import Input from "@douyinfe/semi-ui-19/lib/es/input";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { asFailure } from "../api/failure";
import { Fault as Failed, Read } from "../shell/states";
import { Choice } from "../ui/Choice";
import { Field } from "../ui/Field";
import { dev, type Fault, type NewFault } from "./api";

/** What goes wrong, as the menu has it. */
const KINDS = ["answer", "delay", "lostRequest", "lostAnswer", "twice"] as const;
type Kind = (typeof KINDS)[number];

const ROUTES = [
  "POST /open-apis/helpdesk/v1/tickets/:ticket_id/answer_user_query",
  "POST /open-apis/auth/v3/tenant_access_token/internal",
  "/open-apis/*",
  "/guest/v1/*",
  "events",
];

/** The codes that are worth trying, with what they are. */
const CODES = [
  ["429", 429, 99_991_400],
  ["503", 503, 155_000],
  ["500", 500, undefined],
  ["401", 401, 99_991_663],
] as const;

interface Draft {
  route: string;
  kind: Kind;
  answer: string;
  delay: string;
  percent: string;
  times: string;
}

const EMPTY: Draft = { route: ROUTES[0] ?? "", kind: "answer", answer: "429", delay: "5000", percent: "100", times: "" };

function faultOf({ route, kind, answer, delay, percent, times }: Draft): NewFault {
  const fault: NewFault = { route: route.trim(), percent: Number(percent) };
  if (times) fault.times = Number(times);
  if (kind === "delay") fault.delay_ms = Number(delay);
  else if (kind === "lostRequest") fault.drop = "request";
  else if (kind === "lostAnswer") fault.drop = "answer";
  else if (kind === "twice") fault.duplicate = true;
  else {
    const [, status, code] = CODES.find(([name]) => name === answer) ?? CODES[0];
    fault.status = status;
    if (code !== undefined) fault.code = code;
  }
  return fault;
}

function NewFaultForm() {
  const { t } = useTranslation("dev");
  const client = useQueryClient();
  const [draft, setDraft] = useState(EMPTY);
  const add = useMutation({
    mutationFn: () => dev.addFault(faultOf(draft)),
    onSuccess: () => client.invalidateQueries({ queryKey: ["faults"] }),
  });
  const failure = add.error ? asFailure(add.error) : null;
  const why = (name: string): string | undefined => failure?.fields.find(({ field }) => field === name)?.why;
  const set = (name: keyof Draft) => (value: string) => setDraft({ ...draft, [name]: value });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <form className="fault-form" onSubmit={submit} noValidate>
      <Field label={t("faults.route")} why={why("route")} hint={t("faults.routeHint")}>
        {(attributes) => <Input {...attributes} value={draft.route} onChange={set("route")} list="routes" />}
      </Field>
      <datalist id="routes">
        {ROUTES.map((route) => (
          <option key={route} value={route} />
        ))}
      </datalist>
      <div className="row fault-row">
        <div className="field">
          <span aria-hidden="true">{t("faults.kind")}</span>
          <Choice label={t("faults.kind")} value={draft.kind} options={KINDS.map((kind) => [kind, t(`faults.kinds.${kind}`)])} onChange={(kind) => kind && setDraft({ ...draft, kind })} />
        </div>
        {draft.kind === "answer" && (
          <div className="field">
            <span aria-hidden="true">{t("faults.answer")}</span>
            <Choice label={t("faults.answer")} value={draft.answer} options={CODES.map(([name]) => [name, t(`faults.answers.${name}`)])} onChange={set("answer")} />
          </div>
        )}
        {draft.kind === "delay" && (
          <Field label={t("faults.delay")} why={why("delay_ms")}>
            {(attributes) => <Input {...attributes} type="number" value={draft.delay} onChange={set("delay")} />}
          </Field>
        )}
        <Field label={t("faults.percent")} why={why("percent")}>
          {(attributes) => <Input {...attributes} type="number" value={draft.percent} onChange={set("percent")} />}
        </Field>
        <Field label={t("faults.times")} why={why("times")}>
          {(attributes) => <Input {...attributes} type="number" placeholder="∞" value={draft.times} onChange={set("times")} />}
        </Field>
      </div>
      {failure && failure.fields.length === 0 && <Failed error={failure} />}
      <div>
        <Button htmlType="submit" theme="solid" loading={add.isPending}>
          {t("faults.add")}
        </Button>
      </div>
    </form>
  );
}

/** What a fault does, in words. */
function useWords(): (fault: Fault) => string {
  const { t } = useTranslation("dev");
  return ({ status, code, delay_ms: delay, drop, duplicate, percent, times }) => {
    const words = [];
    if (delay > 0) words.push(t("faults.words.delay", { count: delay }));
    if (status !== undefined) words.push(t("faults.words.answer", { status, code }));
    if (drop) words.push(t(drop === "request" ? "faults.kinds.lostRequest" : "faults.kinds.lostAnswer"));
    if (duplicate) words.push(t("faults.kinds.twice"));
    if (percent < 100) words.push(`${percent} %`);
    if (times !== undefined) words.push(t("faults.words.left", { count: times }));
    return words.join(", ");
  };
}

export function Faults() {
  const { t } = useTranslation("dev");
  const client = useQueryClient();
  const words = useWords();
  const query = useQuery({ queryKey: ["faults"], queryFn: dev.faults, refetchInterval: 2_000 });
  const renew = (): Promise<void> => client.invalidateQueries({ queryKey: ["faults"] });
  const end = useMutation({ mutationFn: dev.endFault, onSettled: renew });
  const endAll = useMutation({ mutationFn: dev.endFaults, onSettled: renew });
  return (
    <section className="card stack" aria-labelledby="faults">
      <div>
        <h2 id="faults">{t("faults.title")}</h2>
        <p className="muted">{t("faults.lead")}</p>
      </div>
      <Read query={query}>
        {(faults) =>
          faults.length === 0 ? (
            <p className="muted">{t("faults.none")}</p>
          ) : (
            <>
              <ul className="rows">
                {faults.map((fault) => (
                  <li key={fault.id} className="line">
                    <span className="line-main">
                      <code className="line-path">{fault.route}</code>
                      <span className="line-why">{words(fault)}</span>
                    </span>
                    <span className="line-end">
                      <span className="muted">{t("faults.happened", { count: fault.happened })}</span>
                      <Button theme="borderless" type="danger" icon={<IconDelete aria-hidden />} aria-label={t("faults.end", { route: fault.route })} onClick={() => end.mutate(fault.id)} />
                    </span>
                  </li>
                ))}
              </ul>
              {faults.length > 1 && (
                <div>
                  <Button onClick={() => endAll.mutate()}>{t("faults.endAll")}</Button>
                </div>
              )}
            </>
          )
        }
      </Read>
      <NewFaultForm />
    </section>
  );
}
