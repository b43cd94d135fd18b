import { type ReactNode, useEffect, useId, useRef } from "react";
import { useTranslation } from "react-i18next";
import IconClose from "@douyinfe/semi-icons/lib/es/icons/IconClose";
import Button from "@douyinfe/semi-ui-19/lib/es/button";

interface DialogProps {
  title: string;
  /** Without it the dialog stays until whoever shows it takes it away. */
  onClose?: () => void;
  children: ReactNode;
  className?: string;
  /** Without heading and closing button on screen; screen readers still hear the title. */
  bare?: boolean;
}

/** The browser's own modal dialog: it keeps the focus inside and gives it back to where it was. */
export function Dialog({ title, onClose, children, className = "", bare = false }: DialogProps) {
  const { t } = useTranslation();
  const node = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = node.current;
    const before = document.activeElement;
    if (!dialog?.open) dialog?.showModal();
    // The browser would begin at the closing button.
    dialog?.querySelector<HTMLElement>(".dialog-body :is(input, select, textarea, button)")?.focus();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const ended = (): void => {
    // Browsers close a dialog at the second Escape, whatever is said about the first.
    if (!node.current || node.current.open) return;
    if (onClose) onClose();
    else node.current.showModal();
  };
  return (
    <dialog
      ref={node}
      className={`dialog ${className}`}
      aria-labelledby={id}
      onCancel={(event) => (event.preventDefault(), onClose?.())}
      onClose={ended}
      onClick={(event) => event.target === node.current && onClose?.()}
      onKeyDown={(event) => event.stopPropagation()}
    >
      <div className="dialog-box">
        <div className={bare ? "visually-hidden" : "dialog-head"}>
          <h2 id={id}>{title}</h2>
          {!bare && onClose && <Button theme="borderless" type="tertiary" icon={<IconClose aria-hidden />} aria-label={t("close")} onClick={onClose} />}
        </div>
        <div className="dialog-body">{children}</div>
      </div>
    </dialog>
  );
}
