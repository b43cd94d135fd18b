import type { JSX } from "preact";
import { momentOf, type Texts } from "../texts";
import type { State } from "../conversation";
import { Down, Person } from "./icons";
import { useScene } from "./scene";

interface Props {
  name: string;
  onLanguage: () => void;
  onMinimise?: (() => void) | undefined;
}

/** The desk's name, when somebody is there, and the way to a human. */
export function Header({ name, onLanguage, onMinimise }: Props): JSX.Element {
  const { texts, state, conversation, focusQuestion } = useScene();
  const asked = state.ticket?.stage === 2;
  const ask = async (): Promise<void> => {
    if (await conversation.askHuman()) focusQuestion();
  };
  return (
    <header>
      <div class="title">
        <h1>{name}</h1>
        {(state.hours || state.phase !== "failed") && <p class={`duty ${state.hours?.on_duty ? "on" : ""}`}>{duty(texts, state)}</p>}
      </div>
      <button type="button" class="link language" lang={texts.lang === "en" ? "zh-CN" : "en"} aria-label={texts.otherLabel} onClick={onLanguage}>
        {texts.other}
      </button>
      {!asked && (
        <button type="button" class="human" aria-label={texts.human} disabled={state.phase !== "ready"} onClick={() => void ask()}>
          <Person />
          <span class="wide">{texts.human}</span>
          <span class="narrow">{texts.humanShort}</span>
        </button>
      )}
      {onMinimise && (
        <button type="button" class="icon bare" aria-label={texts.minimise} onClick={onMinimise}>
          <Down />
        </button>
      )}
    </header>
  );
}

/** Whether colleagues are there, and until when that holds. */
function duty(texts: Texts, { hours }: State): string {
  if (!hours) return texts.connecting;
  const when = hours.until && momentOf(texts, hours.until);
  if (hours.on_duty) return when ? texts.dutyUntil(when) : texts.dutyOn;
  return when ? texts.dutyFrom(when) : texts.dutyOff;
}
