import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Close } from "./icons";
import { Pixels } from "./Picture";
import { useScene } from "./scene";

/** Asks whether the conversation is over. */
export function EndDialog({ onAnswer }: { onAnswer: (end: boolean) => void }): JSX.Element {
  const { texts } = useScene();
  const first = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => first.current?.focus(), []);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    onAnswer(false);
  };
  return (
    // The rest of the chat is inert meanwhile, so that this is all there is.
    <div class="cover" onKeyDown={onKeyDown}>
      <div class="sheet" role="alertdialog" aria-modal="true" aria-labelledby="end-title" aria-describedby="end-why">
        <h2 id="end-title">{texts.endAsk}</h2>
        <p id="end-why">{texts.endWhy}</p>
        <div class="row">
          <button type="button" class="primary" ref={first} onClick={() => onAnswer(true)}>
            {texts.end}
          </button>
          <button type="button" class="quiet" onClick={() => onAnswer(false)}>
            {texts.cancel}
          </button>
        </div>
      </div>
    </div>
  );
}

/** A picture as large as the screen allows. */
export function Viewer({ picture, onClose }: { picture: Blob; onClose: () => void }): JSX.Element {
  const { texts } = useScene();
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      class="viewer"
      aria-label={texts.image}
      onClose={onClose}
      // Escape closes the picture, and not the widget around it as well.
      onKeyDown={(event) => event.stopPropagation()}
      onClick={(event) => event.target === dialog.current && dialog.current?.close()}
    >
      <button type="button" class="icon" aria-label={texts.close} onClick={() => dialog.current?.close()}>
        <Close />
      </button>
      <Pixels blob={picture} alt={texts.image} onFail={onClose} />
    </dialog>
  );
}
