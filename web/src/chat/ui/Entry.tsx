// One entry of the log: a message, or a draft on its way.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { heading } from "../../common/offer";
import type { Message, ShownFaq } from "../api";
import type { Draft } from "../conversation";
import { timeOf } from "../texts";
import { Card } from "./Card";
import { Check } from "./icons";
import { Picture } from "./Picture";
import { Plain, Post, Rich } from "./Rich";
import { useScene } from "./scene";

export function Entry({ message }: { message: Message }): JSX.Element {
  const { texts } = useScene();
  const notice = message.kind === "notice" || message.from === "system";
  if (notice) return <p class="entry notice">{message.notice === "recalled" ? texts.recalled : message.text}</p>;
  const own = message.from === "guest";
  const name = own ? texts.you : message.from === "agent" ? message.sender?.name || texts.agent : texts.bot;
  return (
    // What the guest wrote need not be read out to the guest.
    <div class={`entry ${own ? "own" : message.from}`} aria-live={own ? "off" : undefined}>
      <p class={own ? "hidden" : "sender"}>{name}</p>
      <div class="bubble">
        <Content message={message} />
      </div>
      <p class="foot">
        <time dateTime={new Date(message.created_at).toISOString()}>{timeOf(texts, message.created_at)}</time>
        {message.answered_by && <span> · {message.answered_by === "app" ? texts.byApp : texts.byBuiltin}</span>}
      </p>
    </div>
  );
}

export function DraftEntry({ draft }: { draft: Draft }): JSX.Element {
  const { texts, conversation } = useScene();
  return (
    <div class={`entry own ${draft.state}`} aria-live="off">
      <p class="hidden">{texts.you}</p>
      <div class="bubble">{draft.file ? <Picture picture={draft.file} /> : <Plain text={draft.text} />}</div>
      <p class="foot">
        {draft.state === "sending" && texts.sending}
        {draft.state === "waiting" && texts.waiting}
        {draft.state === "failed" && (
          <>
            <span class="bad">{texts.notSent}</span>
            <button type="button" class="link" onClick={() => conversation.sendAgain(draft.key)}>
              {texts.retry}
            </button>
          </>
        )}
      </p>
    </div>
  );
}

function Content({ message }: { message: Message }): JSX.Element {
  switch (message.kind) {
    case "image":
      return <Picture picture={message.image_key ?? ""} />;
    case "post":
      return <Post post={message.post} text={message.text} />;
    case "card":
      return <Card card={message.card} text={message.text} />;
    case "answer":
      return <Answer message={message} />;
    default:
      return <Plain text={message.text} />;
  }
}

function Answer({ message }: { message: Message }): JSX.Element {
  const { texts } = useScene();
  const faqs = message.faqs ?? [];
  const [best, ...related] = faqs;
  if (message.mode === "list") {
    return (
      <>
        <p class="lead">{heading(message.text)}</p>
        <Choices message={message} faqs={faqs} />
        <div class="row">
          <HumanButton label={`${texts.noneOfThese} · ${texts.human}`} />
        </div>
      </>
    );
  }
  if (message.mode === "none" || !best) {
    return (
      <>
        <Plain text={heading(message.text)} />
        <div class="row">
          <HumanButton label={texts.human} />
        </div>
      </>
    );
  }
  const rich = best.answer_richtext;
  return (
    <>
      <p class="source">
        <span class="hidden">{texts.answerTo} </span>
        {best.question}
      </p>
      {rich && rich.length > 0 ? <Rich items={rich} /> : <Plain text={best.answer || message.text} />}
      <Feedback message={message} />
      {related.length > 0 && (
        <div class="related">
          <p class="lead">{texts.related}</p>
          <Choices message={message} faqs={related} />
        </div>
      )}
    </>
  );
}

function Choices({ message, faqs }: { message: Message; faqs: readonly ShownFaq[] }): JSX.Element {
  const { conversation } = useScene();
  const [busy, setBusy] = useState("");
  const choose = async (id: string): Promise<void> => {
    if (busy) return;
    setBusy(id);
    await conversation.choose(message, id);
    setBusy("");
  };
  return (
    <ul class="choices">
      {faqs.map((faq) => (
        <li key={faq.id}>
          <button type="button" class="choice" aria-busy={busy === faq.id} onClick={() => void choose(faq.id)}>
            {faq.question}
          </button>
        </li>
      ))}
    </ul>
  );
}

function Feedback({ message }: { message: Message }): JSX.Element {
  const { texts, conversation, focusQuestion, speak } = useScene();
  if (message.solved === true) {
    return (
      <p class="feedback good">
        <Check /> {texts.solved}
      </p>
    );
  }
  if (message.solved === false) {
    return (
      <div class="feedback">
        <span>{texts.notSolved}</span>
        <HumanButton label={texts.human} />
      </div>
    );
  }
  const say = async (solved: boolean): Promise<void> => {
    if (!(await conversation.feedback(message, solved))) return;
    speak(solved ? texts.solved : texts.notSolved);
    focusQuestion();
  };
  return (
    <div class="feedback" role="group" aria-label={texts.solvedAsk}>
      <span>{texts.solvedAsk}</span>
      <button type="button" class="quiet small" onClick={() => void say(true)}>
        {texts.yes}
      </button>
      <button type="button" class="quiet small" onClick={() => void say(false)}>
        {texts.no}
      </button>
    </div>
  );
}

/** Asks for a human; gone once the guest has one, or a place in the queue. */
export function HumanButton({ label }: { label: string }): JSX.Element | null {
  const { conversation, state, focusQuestion } = useScene();
  if (state.ticket?.stage === 2) return null;
  const ask = async (): Promise<void> => {
    if (await conversation.askHuman()) focusQuestion();
  };
  return (
    <button type="button" class="quiet small" onClick={() => void ask()}>
      {label}
    </button>
  );
}
