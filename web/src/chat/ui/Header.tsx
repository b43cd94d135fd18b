import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { momentOf, type Texts } from "../texts";
import type { State } from "../conversation";
import { Down, Person } from "./icons";
import { Pixels } from "./Picture";
import { useScene } from "./scene";

interface Props {
  name: string;
  onLanguage: () => void;
  onMinimise?: (() => void) | undefined;
}

/** The desk's picture and name, what it is for, when somebody is there, and the way to a human. */
export function Header({ name, onLanguage, onMinimise }: Props): JSX.Element {
  const { texts, state, conversation, focusQuestion } = useScene();
  const asked = state.ticket?.stage === 2;
  const desk = state.session?.desk;
  const ask = async (): Promise<void> => {
    if (await conversation.askHuman()) focusQuestion();
  };
  return (
    <header>
      {desk?.avatar_key && <Avatar key={desk.avatar_key} picture={desk.avatar_key} />}
      <div class="title">
        <h1>{name}</h1>
        {desk?.description && (
          <p class="about" title={desk.description}>
            {desk.description}
          </p>
        )}
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

/** The desk's picture. The name beside it says all that it shows; so it is left out where it cannot be loaded. */
function Avatar({ picture }: { picture: string }): JSX.Element | null {
  const { conversation } = useScene();
  const [blob, setBlob] = useState<Blob>();
  useEffect(() => {
    conversation.pictures.load(picture).then(setBlob, () => setBlob(undefined));
  }, [picture]);
  return blob ? (
    <span class="avatar" aria-hidden="true">
      <Pixels blob={blob} alt="" onFail={() => setBlob(undefined)} />
    </span>
  ) : null;
}

/** Whether colleagues are there, and until when that holds. */
function duty(texts: Texts, { hours }: State): string {
  if (!hours) return texts.connecting;
  const when = hours.until && momentOf(texts, hours.until);
  if (hours.on_duty) return when ? texts.dutyUntil(when) : texts.dutyOn;
  return when ? texts.dutyFrom(when) : texts.dutyOff;
}
