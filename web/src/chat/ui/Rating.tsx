import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Score } from "../api";
import type { Texts } from "../texts";
import { Check, Happy, Neutral, Sad } from "./icons";
import { useScene } from "./scene";

const SCORES: readonly Score[] = [1, 2, 3];
const FACES = { 1: Sad, 2: Neutral, 3: Happy };
const REASON_MAX = 800; // Leaves room for the reasons that are chosen; the server takes 1000 characters in all.

function labelOf(texts: Texts, score: Score): string {
  return { 1: texts.rate1, 2: texts.rate2, 3: texts.rate3 }[score];
}

/** Asks for a rating once the conversation has ended. */
export function Rating(): JSX.Element | null {
  const { texts, state, conversation, focusQuestion } = useScene();
  const [score, setScore] = useState<Score | null>(null);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [words, setWords] = useState("");
  const asked = state.rating === "asked" || state.rating === "sending";
  useEffect(() => {
    if (asked) return;
    setScore(null);
    setChosen([]);
    setWords("");
  }, [asked]);
  if (state.rating === "given") {
    return (
      <p class="entry notice good" role="status">
        <Check /> {texts.rated}
      </p>
    );
  }
  if (!asked) return null;
  const reasons = score && { 1: texts.reasons1, 2: texts.reasons2, 3: texts.reasons3 }[score];
  const toggle = (reason: string): void =>
    setChosen(chosen.includes(reason) ? chosen.filter((other) => other !== reason) : [...chosen, reason]);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!score) return;
    const reason = [chosen.join(", "), words.trim()].filter(Boolean).join(". ");
    if (await conversation.rate(score, reason)) focusQuestion();
  };
  const askNew = (): void => {
    conversation.skipRating();
    focusQuestion();
  };
  return (
    <form class="card rating" onSubmit={(event) => void submit(event)}>
      <h2 tabIndex={-1} id="rate-title">
        {texts.rateAsk}
      </h2>
      <fieldset class="faces" aria-labelledby="rate-title">
        {SCORES.map((value) => {
          const Face = FACES[value];
          const pick = (): void => {
            setScore(value);
            setChosen([]);
          };
          return (
            <label key={value}>
              <input type="radio" name="score" value={value} checked={score === value} onChange={pick} />
              <Face />
              {labelOf(texts, value)}
            </label>
          );
        })}
      </fieldset>
      {reasons && (
        <>
          <fieldset class="chips">
            <legend>{texts.why}</legend>
            {reasons.map((reason) => (
              <label class="chip" key={reason}>
                <input type="checkbox" checked={chosen.includes(reason)} onChange={() => toggle(reason)} />
                {reason}
              </label>
            ))}
          </fieldset>
          <label class="reason">
            {texts.reason}
            <textarea rows={2} maxLength={REASON_MAX} value={words} onInput={(event) => setWords(event.currentTarget.value)} />
          </label>
        </>
      )}
      <div class="row">
        {score && (
          <button type="submit" class="primary" disabled={state.rating === "sending"}>
            {texts.rateSend}
          </button>
        )}
        <button type="button" class="quiet" onClick={askNew}>
          {texts.askNew}
        </button>
      </div>
    </form>
  );
}
