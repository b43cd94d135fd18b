import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { DraftEntry, Entry } from "./Entry";
import { Rating } from "./Rating";
import { useScene } from "./scene";
import { Welcome } from "./Welcome";

const NEAR_END_PX = 90;

/** The conversation. It follows new messages as long as its end is in sight. */
export function Log(): JSX.Element {
  const { texts, state, conversation } = useScene();
  const box = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const pinned = useRef(0);
  const oldest = useRef(0); // Height below the message that was the first, while earlier ones are loaded.
  const [newer, setNewer] = useState(false);
  const [live, setLive] = useState(false);
  const { messages, drafts } = state;
  const ended = messages.filter(({ position }) => position <= state.ended);
  const lastId = messages.at(-1)?.message_id;

  /** Shows the end, or the beginning of the last entry where that is taller than the screen. */
  const keepInView = (resized = false): void => {
    const view = box.current;
    const last = [...(content.current?.querySelectorAll<HTMLElement>(".log > :last-child, .again") ?? [])].at(-1);
    // The welcome is read from its beginning, and stays where it is when a topic opens.
    if (!view || (!last && state.rating === "none" && !state.answering)) return;
    if (resized && last?.matches(".again") && Math.abs(view.scrollTop - pinned.current) > 2) return;
    const end = view.scrollHeight - view.clientHeight;
    const settled = state.rating === "none" && !state.answering && state.agentTyping === null && last;
    pinned.current = settled ? Math.min(end, last.offsetTop - 16) : end;
    view.scrollTop = pinned.current;
  };
  const keep = useRef(keepInView);
  keep.current = keepInView;

  const onScroll = (): void => {
    const view = box.current;
    if (!view) return;
    const fromEnd = view.scrollHeight - view.scrollTop - view.clientHeight;
    follows.current = Math.abs(view.scrollTop - pinned.current) < 2 || fromEnd < NEAR_END_PX;
    if (fromEnd < NEAR_END_PX) setNewer(false);
  };
  const toEnd = (): void => {
    follows.current = true;
    setNewer(false);
    keep.current();
  };
  const earlier = async (): Promise<void> => {
    const view = box.current;
    oldest.current = view ? view.scrollHeight - view.scrollTop : 0;
    follows.current = false;
    await conversation.loadEarlier();
  };

  useLayoutEffect(() => {
    if (follows.current) keep.current();
    else if (live) setNewer(true);
  }, [lastId, state.answering, state.agentTyping, state.rating]);
  useLayoutEffect(toEnd, [drafts.length > 0 && drafts.at(-1)?.key]);
  useLayoutEffect(() => {
    if (box.current && oldest.current) box.current.scrollTop = box.current.scrollHeight - oldest.current;
    oldest.current = 0;
  }, [state.earlier]);
  useEffect(() => {
    // Pictures arrive, the keyboard opens, a line appears over the field.
    const observer = new ResizeObserver(() => follows.current && keep.current(true));
    if (box.current) observer.observe(box.current);
    if (content.current) observer.observe(content.current);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    // The history is not news to a screen reader.
    const timer = setTimeout(() => setLive(state.phase === "ready"), 300);
    return () => clearTimeout(timer);
  }, [state.phase]);

  return (
    <div class="middle">
      <div class="scroll" ref={box} onScroll={onScroll} tabIndex={0} role="region" aria-label={texts.conversation}>
        <div class="column" ref={content}>
          {state.earlier > 0 && (
            <button type="button" class="quiet small centre" onClick={() => void earlier()}>
              {texts.earlier}
            </button>
          )}
          {state.restarted && <p class="entry notice">{texts.restarted}</p>}
          {ended.length > 0 && (
            <div class="log">
              {ended.map((message) => (
                <Entry key={conversation.keyOf(message)} message={message} />
              ))}
            </div>
          )}
          <Welcome again={ended.length > 0} />
          <div class="log" role="log" aria-live={live ? "polite" : "off"} aria-relevant="additions" aria-label={texts.conversation}>
            {messages.slice(ended.length).map((message) => (
              <Entry key={conversation.keyOf(message)} message={message} />
            ))}
            {drafts.map((draft) => (
              <DraftEntry key={draft.key} draft={draft} />
            ))}
          </div>
          {state.answering && <Writing from="bot" says={texts.typing} />}
          {state.agentTyping !== null && <Writing from="agent" name={state.agentTyping || texts.agent} says={texts.agentTyping(state.agentTyping || texts.agent)} />}
          <Rating />
        </div>
      </div>
      {newer && (
        <button type="button" class="newer" onClick={toEnd}>
          {texts.newMessages}
        </button>
      )}
    </div>
  );
}

/** Dots where the next words of somebody will stand. */
function Writing({ from, name, says }: { from: "bot" | "agent"; name?: string; says: string }): JSX.Element {
  return (
    <div class={`entry writing ${from}`}>
      {name && <p class="sender" aria-hidden="true">{name}</p>}
      <div class="bubble dots">
        <span />
        <span />
        <span />
        <p class="hidden" role="status">
          {says}
        </p>
      </div>
    </div>
  );
}
