// One entry of a conversation: what the guest, the bot or an agent said, or a private note.

import IconLock from "@douyinfe/semi-icons/lib/es/icons/IconLock";
import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { useTranslation } from "react-i18next";
import { useFailureText } from "../../shell/states";
import { heading } from "../../../common/offer";
import { Plain } from "../../ui/Rich";
import type { Entry as Shown, Message, Note } from "../api/calls";
import { Moment } from "../ui/Moment";
import { FilePicture, Picture, Post, RichSaid } from "../ui/Rich";
import { say } from "../ui/say";
import { addTo } from "./drafts";
import { discard, type Outgoing, useSend } from "./outbox";

interface EntryProps {
  entry: Shown;
  ticketId: string;
  recalled: boolean;
  /** Whether the one before is the same person's, of the same moment; then the name is not repeated. */
  follows: boolean;
  /** Whether the next one follows so; then that one tells the time. */
  leads: boolean;
}

export function Entry({ entry: { message, note }, ...rest }: EntryProps) {
  if (note) return <NoteEntry note={note} />;
  return message ? <MessageEntry message={message} {...rest} /> : null;
}

function NoteEntry({ note }: { note: Note }) {
  const { t } = useTranslation("agent");
  return (
    <li className="entry entry-note">
      <p className="entry-who">
        <IconLock size="small" aria-hidden /> <strong>{t("entry.note")}</strong> · {note.by?.name ?? t("entry.someone")}
      </p>
      <Plain text={note.text} />
      <p className="entry-foot">
        <Moment at={note.created_at} />
      </p>
    </li>
  );
}

function MessageEntry({ message, ticketId, recalled, follows, leads }: Omit<EntryProps, "entry"> & { message: Message }) {
  const { t } = useTranslation("agent");
  if (message.kind === "notice" || message.from === "system") {
    if (message.notice === "recall") return null;
    return (
      <li className="entry entry-notice">
        <Notice message={message} /> · <Moment at={message.created_at} />
      </li>
    );
  }
  const name = message.from === "guest" ? (message.sender?.name ?? t("entry.guest")) : message.from === "agent" ? (message.sender?.name ?? t("entry.agent")) : t("entry.bot");
  return (
    <li className={`entry entry-${message.from}${follows ? " entry-follows" : ""}`}>
      <p className={follows ? "visually-hidden" : "entry-who"}>
        <strong>{name}</strong>
      </p>
      <div className="bubble">{recalled ? <p className="muted">{t("entry.recalled")}</p> : <Content message={message} ticketId={ticketId} />}</div>
      <p className={leads ? "visually-hidden" : "entry-foot"}>
        <Moment at={message.created_at} />
        {message.answered_by && <span> · {t(message.answered_by === "app" ? "entry.byApp" : "entry.byBuiltin")}</span>}
        {message.solved !== undefined && <span className={message.solved ? "solved" : "unsolved"}> · {t(message.solved ? "entry.solved" : "entry.notSolved")}</span>}
      </p>
    </li>
  );
}

function Notice({ message }: { message: Message }) {
  const { t } = useTranslation("agent");
  switch (message.notice) {
    case "human":
      return t("entry.noticeHuman");
    case "agent":
      return message.sender ? t("entry.noticeAgent", { name: message.sender.name }) : message.text;
    case "requeued":
      return t("entry.noticeRequeued");
    case "closed":
      return t("entry.noticeClosed");
    case "recalled":
      return t("entry.recalled");
    default:
      return message.text;
  }
}

function Content({ message, ticketId }: { message: Message; ticketId: string }) {
  switch (message.kind) {
    case "image":
      return message.image_key ? <Picture picture={message.image_key} ticketId={ticketId} /> : null;
    case "post":
      return <Post post={message.post} text={message.text} ticketId={ticketId} />;
    case "answer":
      return <Answer message={message} ticketId={ticketId} />;
    default:
      return <Plain text={message.text} />;
  }
}

/** What the bot answered, or offered, with the scores that the guest does not see. */
function Answer({ message, ticketId }: { message: Message; ticketId: string }) {
  const { t } = useTranslation("agent");
  const faqs = message.faqs ?? [];
  if (message.mode === "none" || faqs.length === 0) return <Plain text={heading(message.text)} />;
  const isDirect = message.mode === "direct";
  const [best, ...related] = faqs;
  const listed = isDirect ? related : faqs;
  return (
    <>
      {isDirect && best && (
        <>
          <p className="faq-line">
            <span className="faq-question">{best.question}</span> <Score score={best.score} />
          </p>
          {best.answer_richtext && best.answer_richtext.length > 0 ? <RichSaid items={best.answer_richtext} ticketId={ticketId} /> : <Plain text={best.answer || message.text} />}
        </>
      )}
      {listed.length > 0 && (
        <>
          <p className="faq-offered">{t(isDirect ? "entry.related" : "entry.offered")}</p>
          <ol className="faq-list">
            {listed.map((faq) => (
              <li key={faq.id}>
                {faq.question} <Score score={faq.score} />
              </li>
            ))}
          </ol>
        </>
      )}
    </>
  );
}

/** How likely a FAQ answers the question. */
export function Score({ score }: { score: number }) {
  const { t } = useTranslation("agent");
  const said = score.toFixed(2);
  return (
    <span className="faq-score" title={t("entry.scoreIs", { score: said })}>
      <span className="visually-hidden">{t("entry.score")} </span>
      {said}
    </span>
  );
}

/** What is on its way, or did not get there. */
export function Going({ outgoing }: { outgoing: Outgoing }) {
  const { t } = useTranslation(["agent", "shell"]);
  const said = useFailureText();
  const { again } = useSend();
  const { kind, text, state, failure, clientId, ticketId, file } = outgoing;
  const isText = kind === "reply" || kind === "note";
  const takeBack = (): void => {
    const isNote = kind === "note";
    if (isText && !addTo(ticketId, text, isNote)) return say(t(isNote ? "entry.replyFirst" : "entry.noteFirst"));
    discard(clientId);
  };
  return (
    <li className={`entry entry-going ${kind === "note" ? "entry-note" : "entry-agent"} ${state}`}>
      <p className="entry-who">
        <strong>{t(kind === "note" ? "entry.note" : "entry.you")}</strong>
      </p>
      <div className={kind === "note" ? "" : "bubble"}>
        {file ? <FilePicture file={file} /> : <Plain text={kind === "faq" ? t("entry.sendingFaq", { question: text }) : text} />}
      </div>
      {state === "sending" ? (
        <p className="entry-foot">{t("entry.sending")}</p>
      ) : (
        <div className="entry-foot entry-failed" role="alert">
          <span>
            {t("entry.notSent")} {failure && said(failure)}
          </span>
          <Button size="small" onClick={() => void again(outgoing)}>
            {t("shell:retry")}
          </Button>
          <Button size="small" type="tertiary" onClick={takeBack}>
            {t(isText ? "entry.takeBack" : "entry.discard")}
          </Button>
        </div>
      )}
    </li>
  );
}
