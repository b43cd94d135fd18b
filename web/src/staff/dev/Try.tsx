// Asks as a guest, and shows what the guest would see.

import Button from "@douyinfe/semi-ui-19/lib/es/button";
import TextArea from "@douyinfe/semi-ui-19/lib/es/input/textarea";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Page } from "../shell/Shell";
import { Fault, Nothing, Read } from "../shell/states";
import { Badge } from "../ui/Badge";
import { Choice } from "../ui/Choice";
import { Code } from "../ui/Code";
import { Field } from "../ui/Field";
import { type Asked, ask, desks as listDesks, type Message } from "./guest";

const TONES = { direct: "good", list: "warn", none: "plain" } as const;

function Answer({ message }: { message: Message }) {
  const { t } = useTranslation("dev");
  const faqs = message.faqs ?? [];
  const mode = message.mode ?? "none";
  return (
    <>
      <p className="row">
        <Badge tone={TONES[mode]}>{t(`try.modes.${mode}`)}</Badge>
        {message.answered_by && <span className="muted">{t(`try.by.${message.answered_by}`)}</span>}
      </p>
      {/* With FAQs it only repeats them, as cards do where nothing better is. */}
      {message.text && faqs.length === 0 && <p className="said">{message.text}</p>}
      {faqs.length > 0 && (
        <ol className="scored">
          {faqs.map(({ id, question, answer, score }) => (
            <li key={id}>
              <span className="score">{score.toFixed(2)}</span>
              <div>
                <strong>{question}</strong>
                {answer && <p className="said">{answer}</p>}
              </div>
            </li>
          ))}
        </ol>
      )}
      <details>
        <summary>{t("try.message")}</summary>
        <Code label={t("try.message")} text={JSON.stringify(message, null, 2)} />
      </details>
    </>
  );
}

function Result({ asked }: { asked: Asked }) {
  const { t } = useTranslation("dev");
  return (
    <section className="card stack" aria-live="polite">
      <h2>{t("try.answer")}</h2>
      {asked.answer ? <Answer message={asked.answer} /> : <p>{t("try.noAnswer")}</p>}
      <p className="muted">
        {t("try.took", { ms: Math.round(asked.tookMs) })} {t("try.ticket")} <code>{asked.ticketId}</code>
      </p>
      <p className="row">
        <Link to="/calls">{t("calls.title")}</Link>
        <Link to="/events">{t("events.title")}</Link>
      </p>
    </section>
  );
}

export function Try() {
  const { t, i18n } = useTranslation("dev");
  const query = useQuery({ queryKey: ["guest-desks"], queryFn: listDesks });
  const [desk, setDesk] = useState("");
  const [language, setLanguage] = useState<"en" | "zh">(i18n.language === "zh" ? "zh" : "en");
  const [text, setText] = useState("");
  const asking = useMutation({ mutationFn: (id: string) => ask(id, language, text.trim()) });
  return (
    <Page title={t("try.title")} lead={t("try.lead")}>
      <Read query={query}>
        {(desks) => {
          const chosen = desk || (desks[0]?.helpdesk_id ?? "");
          const submit = (event: FormEvent): void => {
            event.preventDefault();
            if (text.trim() && !asking.isPending) asking.mutate(chosen);
          };
          if (desks.length === 0) return <Nothing title={t("try.noDesk")}>{t("try.noDeskWhy")}</Nothing>;
          return (
            <div className="stack">
              <form className="card stack" onSubmit={submit}>
                <div className="row">
                  {desks.length > 1 && <Choice label={t("try.desk")} value={chosen} options={desks.map(({ helpdesk_id: id, name }) => [id, name])} onChange={setDesk} />}
                  <Choice label={t("try.language")} value={language} options={[["en", "English"], ["zh", "中文"]]} onChange={(value) => value && setLanguage(value)} />
                  <a href={`/desk/${chosen}`}>{t("try.chat")}</a>
                </div>
                <Field label={t("try.question")}>
                  {(attributes) => <TextArea {...attributes} autosize rows={2} value={text} onChange={setText} onEnterPress={(event) => !event.shiftKey && submit(event)} />}
                </Field>
                <div>
                  <Button htmlType="submit" theme="solid" loading={asking.isPending}>
                    {t("try.ask")}
                  </Button>
                </div>
              </form>
              {asking.error && <Fault error={asking.error} />}
              {asking.data && <Result asked={asking.data} />}
            </div>
          );
        }}
      </Read>
    </Page>
  );
}
