import type { JSX, RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Suggestion } from "../api";
import { STAGE_HUMAN } from "../conversation";
import { Attach, Send } from "./icons";
import { useScene } from "./scene";

export const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp"];
const PICTURE_BYTES_MAX = 5 * 1024 * 1024;
const TEXT_MAX = 5_000;
const HEIGHT_MAX_PX = 160;
const TYPED_MIN = 2;
const TYPED_PAUSE_MS = 280;

/** Sends pictures, or says why not. */
export function usePictures(): (files: Iterable<File>) => void {
  const { texts, conversation } = useScene();
  return (files) => {
    for (const file of files) {
      if (!PICTURES.includes(file.type)) conversation.complain(texts.imageType);
      else if (file.size > PICTURE_BYTES_MAX) conversation.complain(texts.imageSize);
      else conversation.sendPicture(file);
    }
  };
}

export function Composer({ field }: { field: RefObject<HTMLTextAreaElement | null> }): JSX.Element {
  const { texts, state, conversation } = useScene();
  const [text, setText] = useState("");
  const [found, forget] = useSuggestions(text);
  const list = useRef<HTMLUListElement>(null);
  const file = useRef<HTMLInputElement>(null);
  const sendPictures = usePictures();

  useEffect(() => {
    const area = field.current;
    if (!area) return;
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight + 2, HEIGHT_MAX_PX)}px`;
  }, [text]);

  const say = (words: string): void => {
    conversation.say(words);
    setText("");
    forget();
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // Enter belongs to an input method while it composes Chinese.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      if (text.trim()) say(text);
    } else if (event.key === "ArrowUp" && found.length > 0 && !text.slice(0, field.current?.selectionStart).includes("\n")) {
      event.preventDefault();
      focusItem(list.current, -1);
    } else if (event.key === "Escape" && found.length > 0) {
      event.stopPropagation();
      forget();
    }
  };
  const onListKeyDown = (event: KeyboardEvent): void => {
    const buttons = [...(list.current?.querySelectorAll("button") ?? [])];
    const at = buttons.indexOf(event.target as HTMLButtonElement);
    if (event.key === "ArrowUp") focusItem(list.current, Math.max(0, at - 1));
    else if (event.key === "ArrowDown" && at < buttons.length - 1) focusItem(list.current, at + 1);
    else if (event.key === "ArrowDown") field.current?.focus();
    else if (event.key === "Escape") {
      forget();
      field.current?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onPaste = (event: ClipboardEvent): void => {
    const files = event.clipboardData?.files;
    // Office programs put a picture of the text beside it.
    if (!files?.length || event.clipboardData?.getData("text/plain")) return;
    event.preventDefault();
    sendPictures(files);
  };

  return (
    <>
      <p class="hidden" role="status">
        {found.length > 0 ? texts.typedCount(found.length) : ""}
      </p>
      {found.length > 0 && (
        <div class="typed">
          <h2>{texts.typed}</h2>
          <ul class="rows" ref={list} onKeyDown={onListKeyDown}>
            {found.map(({ id, question }) => (
              <li key={id}>
                <button type="button" class="rowbutton" onClick={() => say(question)}>
                  {question}
                </button>
              </li>
            ))}
          </ul>
        </div>
      )}
      <form
        class="composer"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim()) say(text);
        }}
      >
        <input
          type="file"
          ref={file}
          accept={PICTURES.join(",")}
          hidden
          onChange={(event) => {
            sendPictures(event.currentTarget.files ?? []);
            event.currentTarget.value = "";
          }}
        />
        <button type="button" class="icon bare" aria-label={texts.picture} disabled={state.phase !== "ready"} onClick={() => file.current?.click()}>
          <Attach />
        </button>
        <textarea
          ref={field}
          rows={1}
          maxLength={TEXT_MAX}
          enterkeyhint="send"
          aria-label={texts.question}
          placeholder={state.ticket?.stage === STAGE_HUMAN ? texts.placeholderHuman : texts.placeholder}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
        />
        <button type="submit" class="icon primary" aria-label={texts.send} disabled={!text.trim()}>
          <Send />
        </button>
      </form>
    </>
  );
}

function focusItem(list: HTMLElement | null, at: number): void {
  const buttons = list?.querySelectorAll("button");
  buttons?.[at < 0 ? buttons.length - 1 : at]?.focus();
}

/** Questions that the text may become, while the bot is the one who answers. */
function useSuggestions(text: string): [readonly Suggestion[], () => void] {
  const { conversation, state } = useScene();
  const [found, setFound] = useState<readonly Suggestion[]>([]);
  const words = text.trim();
  const wanted = words.length >= TYPED_MIN && state.phase === "ready" && state.ticket?.stage !== STAGE_HUMAN;
  useEffect(() => {
    if (!wanted) return setFound([]);
    const abort = new AbortController();
    const timer = setTimeout(() => {
      conversation.api.suggestions(words, abort.signal).then(setFound, () => {
        // Too fast, or out of reach: the ones before are as good as none.
        if (!abort.signal.aborted) setFound([]);
      });
    }, TYPED_PAUSE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [words, wanted]);
  return [found, () => setFound([])];
}
