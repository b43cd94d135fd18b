// FAQs beside the composer: what the engine finds, to be sent as it is or to be written on from.

import IconSearch from "@douyinfe/semi-icons/lib/es/icons/IconSearch";
import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Fault, Loading } from "../../shell/states";
import { Plain, Rich } from "../../ui/Rich";
import { type Faq, read, type TicketView } from "../api/calls";
import { useGo } from "../place";
import { possible } from "../ticket/acting";
import { wantComposer } from "../ticket/asking";
import { type Conversation } from "../ticket/conversation";
import { addTo } from "../ticket/drafts";
import { Score } from "../ticket/Entry";
import { useSend } from "../ticket/outbox";
import { say } from "../ui/say";

const TYPED_MS = 250;
const LONGEST = 300;

export function Faqs({ view, asked }: { view: TicketView; asked: number }) {
  const { t } = useTranslation("agent");
  const client = useQueryClient();
  const { ticket } = view;
  // The guest's last words are what is looked for until somebody types.
  const [typed, setTyped] = useState(() => lastWords(client.getQueryData<Conversation>(["conversation", ticket.ticket_id])));
  const [q, setQ] = useState(typed.trim());
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (asked > 0) field.current?.select();
  }, [asked]);
  useEffect(() => {
    const timer = setTimeout(() => setQ(typed.trim()), TYPED_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const query = useQuery({ ...read.faqs(ticket.helpdesk_id, q), placeholderData: keepPreviousData });
  const found = q === "" ? [] : query.data;
  return (
    <>
      <div className="search" role="search">
        <IconSearch aria-hidden />
        <input ref={field} type="search" aria-label={t("faqs.label")} placeholder={t("faqs.label")} maxLength={LONGEST} value={typed} onChange={(event) => setTyped(event.target.value)} />
      </div>
      {query.error && <Fault error={query.error} onRetry={() => void query.refetch()} />}
      {q !== "" && !query.data && !query.error && <Loading />}
      <p className="muted" role="status">
        {q === "" ? t("faqs.type") : found?.length === 0 ? t("faqs.none") : ""}
      </p>
      <ul className="faqs">
        {found?.map((faq) => (
          <li key={faq.id} className="faq">
            <Found faq={faq} view={view} />
          </li>
        ))}
      </ul>
    </>
  );
}

function lastWords(conversation: Conversation | undefined): string {
  const words = conversation?.entries.findLast(({ message }) => message?.from === "guest" && message.kind === "text")?.message?.text ?? "";
  return words.slice(0, LONGEST);
}

function Found({ faq, view }: { faq: Faq; view: TicketView }) {
  const { t } = useTranslation("agent");
  const go = useGo();
  const { send } = useSend();
  const id = view.ticket.ticket_id;
  const can = possible(view).reply;
  const sendIt = (): void => {
    void send({ ticketId: id, kind: "faq", text: faq.question, faq });
    go({ side: undefined }, true);
    say(t("faqs.sent"));
  };
  const writeOn = (): void => {
    if (!addTo(id, faq.answer, false)) return say(t("entry.noteFirst"));
    go({ side: undefined }, true);
    wantComposer("reply");
  };
  return (
    <>
      <p className="faq-line">
        <span className="faq-question">{faq.question}</span> <Score score={faq.score} />
      </p>
      <div className="faq-answer">{faq.answer_richtext.length > 0 ? <Rich items={faq.answer_richtext} /> : <Plain text={faq.answer} />}</div>
      {can && (
        <div className="row">
          <Button size="small" theme="solid" onClick={sendIt}>
            {t("faqs.send")}
          </Button>
          {faq.answer && (
            <Button size="small" onClick={writeOn}>
              {t("faqs.writeOn")}
            </Button>
          )}
        </div>
      )}
    </>
  );
}
