// The whole chat, on a page of its own or in a widget.

import type { JSX, RefObject } from "preact";
import { useLayoutEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import type { Conversation } from "../conversation";
import { localeOf, otherTexts, type Texts } from "../texts";
import { Composer, usePictures } from "./Composer";
import { EndDialog, Viewer } from "./Dialogs";
import { Header } from "./Header";
import { Log } from "./Log";
import { type Scene, SceneProvider, useScene } from "./scene";
import { Banner, ProblemLine, TicketLine } from "./Status";

interface Props {
  conversation: Conversation;
  first: Texts;
  /** The desk's name until the server has told it. */
  name: string;
  onTexts: (texts: Texts) => void;
  onMinimise?: (() => void) | undefined;
}

export function Chat({ conversation, first, name, onTexts, onMinimise }: Props): JSX.Element {
  const [texts, setTexts] = useState(first);
  const [, redraw] = useReducer<number, void>((n) => n + 1, 0);
  const [enlarged, enlarge] = useState<Blob | null>(null);
  const [spoken, speak] = useState("");
  const field = useRef<HTMLTextAreaElement | null>(null);
  // Before the first change can come in; effects wait for a frame.
  useLayoutEffect(() => conversation.subscribe(() => redraw()), [conversation]);

  const scene: Scene = {
    texts,
    conversation,
    state: conversation.state,
    enlarge,
    speak,
    focusQuestion: () => field.current?.focus(),
  };
  const switchLanguage = (): void => {
    const other = otherTexts(texts);
    setTexts(other);
    onTexts(other);
    void conversation.speak(localeOf(other));
  };
  return (
    <SceneProvider value={scene}>
      <Frame field={field} name={conversation.state.session?.desk.name ?? name} onLanguage={switchLanguage} onMinimise={onMinimise} />
      <p class="hidden" role="status">
        {spoken}
      </p>
      {enlarged && <Viewer picture={enlarged} onClose={() => enlarge(null)} />}
    </SceneProvider>
  );
}

interface FrameProps {
  field: RefObject<HTMLTextAreaElement | null>;
  name: string;
  onLanguage: () => void;
  onMinimise?: (() => void) | undefined;
}

function Frame({ field, name, onLanguage, onMinimise }: FrameProps): JSX.Element {
  const { texts, conversation } = useScene();
  const [ending, setEnding] = useState(false);
  const [dragging, setDragging] = useState(0);
  const frame = useRef<HTMLDivElement>(null);
  const sendPictures = usePictures();
  const drag = useMemo(
    () => ({
      onDragEnter: (event: DragEvent) => hasFiles(event) && setDragging((n) => n + 1),
      onDragLeave: (event: DragEvent) => hasFiles(event) && setDragging((n) => Math.max(0, n - 1)),
      onDragOver: (event: DragEvent) => event.preventDefault(),
    }),
    [],
  );
  const onDrop = (event: DragEvent): void => {
    event.preventDefault();
    setDragging(0);
    sendPictures(event.dataTransfer?.files ?? []);
  };
  const onEnd = async (end: boolean): Promise<void> => {
    setEnding(false);
    if (end && (await conversation.close())) frame.current?.querySelector<HTMLElement>(".rating h2")?.focus();
    else field.current?.focus();
  };
  return (
    <div class="chat" ref={frame} lang={texts.lang} {...drag} onDrop={onDrop}>
      <div class="inside" inert={ending}>
        <button type="button" class="quiet skip" onClick={() => field.current?.focus()}>
          {texts.skip}
        </button>
        <Header name={name} onLanguage={onLanguage} onMinimise={onMinimise} />
        <Banner />
        <Log />
        <footer>
          <div class="column">
            <ProblemLine />
            <TicketLine onEnd={() => setEnding(true)} />
            <Composer field={field} />
          </div>
        </footer>
      </div>
      {dragging > 0 && <div class="cover drop">{texts.dropHere}</div>}
      {ending && <EndDialog onAnswer={(end) => void onEnd(end)} />}
    </div>
  );
}

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes("Files") ?? false;
}
