import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError } from "../api";
import { QUEUED } from "../conversation";
import { explain, isClosed, momentOf, sentences } from "../texts";
import { Close } from "./icons";
import { type Scene, useScene } from "./scene";

const BACK_SHOWN_MS = 2_500;

/** Says that the connection is lost, for a moment that it is back, and otherwise whether the help desk is closed. */
export function Banner(): JSX.Element {
  const { texts, state } = useScene();
  const [back, setBack] = useState(false);
  const was = useRef(false);
  const lost = state.phase === "ready" && state.connection === "offline";
  useEffect(() => {
    if (lost) was.current = true;
    if (lost || !was.current || state.connection !== "online") return;
    was.current = false;
    setBack(true);
    const timer = setTimeout(() => setBack(false), BACK_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [lost, state.connection]);
  // Whoever has a ticket goes on.
  const closed = state.phase === "ready" && state.session?.desk.closed && !state.ticket;
  return (
    <div role="status" class={`banner ${lost ? "lost" : back ? "back" : closed ? "shut" : ""}`}>
      {lost ? texts.lost : back ? texts.back : closed ? texts.closed : ""}
    </div>
  );
}

/** What did not work, with a way to try again. */
export function ProblemLine(): JSX.Element {
  const { texts, state, conversation } = useScene();
  const { problem } = state;
  const failed = state.phase !== "ready";
  const words = problem && (failed && isGone(problem.error) ? texts.gone : explain(texts, problem.error));
  return (
    <div role="alert">
      {problem && (
        <div class="strip problem">
          <span>{failed && !isClosed(problem.error) ? sentences(texts, texts.startFailed, words ?? "") : words}</span>
          {problem.again && (
            <button type="button" class="quiet small" onClick={problem.again}>
              {texts.retry}
            </button>
          )}
          {!failed && (
            <button type="button" class="icon bare small" aria-label={texts.dismiss} onClick={() => conversation.dismissProblem()}>
              <Close />
            </button>
          )}
        </div>
      )}
    </div>
  );
}

function isGone(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

/** Where the ticket stands while a human has it, and the way to end it. */
export function TicketLine({ onEnd }: { onEnd: () => void }): JSX.Element | null {
  const scene = useScene();
  const { texts, state } = scene;
  if (!state.ticket) return null;
  const words = standing(scene);
  return (
    <div class={`strip ${words ? "" : "bare"}`}>
      <span role="status">{words}</span>
      <button type="button" class="link small" onClick={onEnd}>
        {texts.end}
      </button>
    </div>
  );
}

function standing({ texts, state }: Scene): string {
  const { ticket, hours, session } = state;
  if (ticket?.stage !== 2) return "";
  if (ticket.status !== QUEUED) return texts.withHuman;
  const parts = ticket.queue_position ? [texts.queue(ticket.queue_position)] : [];
  if (hours?.on_duty) {
    parts.push(texts.onDuty);
    if (ticket.estimated_wait_s !== undefined) parts.push(texts.wait(Math.round(ticket.estimated_wait_s / 60)));
  } else {
    parts.push(hours?.until ? texts.offDutyUntil(momentOf(texts, hours.until)) : texts.offDuty);
    if (session?.desk.away) parts.push(session.desk.away);
  }
  return sentences(texts, ...parts);
}
