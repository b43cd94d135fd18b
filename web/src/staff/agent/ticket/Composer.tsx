// Where an agent writes: to the guest, or for colleagues alone. The two differ in colour, frame, words and button, and what is
// shown is what is done.

import IconClose from "@douyinfe/semi-icons/lib/es/icons/IconClose";
import IconImage from "@douyinfe/semi-icons/lib/es/icons/IconImage";
import IconLock from "@douyinfe/semi-icons/lib/es/icons/IconLock";
import IconSend from "@douyinfe/semi-icons/lib/es/icons/IconSend";
import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "../../ui/store";
import { type CannedReply, read, type TicketView } from "../api/calls";
import { possible } from "./acting";
import { wanted } from "./asking";
import { CannedMenu } from "./Canned";
import { FilePicture } from "../ui/Rich";
import { flush, useDraft } from "./drafts";
import { useSend } from "./outbox";
import { PICTURES, usePictures } from "./pictures";
import { matching, slashAt } from "./slash";

const LONGEST = { reply: 30_000, note: 5_000 };

interface Props {
  view: TicketView;
  onType: (isPrivate: boolean) => void;
  onSent: () => void;
}

export function Composer({ view, onType, onSent }: Props) {
  const { t } = useTranslation("agent");
  const { ticket, guest } = view;
  const { draft, set } = useDraft(ticket.ticket_id, view);
  const { send } = useSend();
  const field = useRef<HTMLTextAreaElement>(null);
  const canReply = possible(view).reply;
  // Where nobody may reply only notes are left.
  const isPrivate = draft.isPrivate || !canReply;
  const purpose = isPrivate ? "note" : "reply";
  const isTooLong = [...draft.text].length > LONGEST[purpose];
  const { pictures, attach, remove, take } = usePictures(ticket.ticket_id);
  const shown = isPrivate ? [] : pictures;
  const isEmpty = draft.text.trim() === "" && shown.length === 0;
  const canned = useCanned(ticket.helpdesk_id, draft.text, field, (text) => write(text));
  useWanted(canReply, field, (next) => set({ text: draft.text, isPrivate: next }));
  useGrowing(field, draft.text);

  const write = (text: string): void => {
    set({ text, isPrivate });
    onType(isPrivate);
  };
  // One after the other, so that they arrive in this order.
  const sendAll = async (text: string, files: File[]): Promise<void> => {
    const ticketId = ticket.ticket_id;
    for (const file of files) await send({ ticketId, kind: "picture", text: file.name, file });
    if (text) await send({ ticketId, kind: purpose, text });
  };
  const submit = (event?: FormEvent): void => {
    event?.preventDefault();
    if (isEmpty || isTooLong) return;
    void sendAll(draft.text.trim(), isPrivate ? [] : take());
    // The next is a reply again: a note is an exception.
    set({ text: "", isPrivate: false });
    void flush(ticket.ticket_id);
    onSent();
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing || canned.onKeyDown(event)) return;
    if (event.key === "Escape") return field.current?.blur();
    const sends = event.key === "Enter" && !event.shiftKey && !event.altKey && (event.metaKey || event.ctrlKey || !isTouch);
    if (sends) {
      event.preventDefault();
      submit();
    }
  };
  const label = isPrivate ? t("write.noteLabel") : t("write.replyLabel", { name: guest.name });
  return (
    <form className={`composer composer-${purpose}`} onSubmit={submit}>
      <Purposes isPrivate={isPrivate} canReply={canReply} onPick={(next) => (set({ text: draft.text, isPrivate: next }), field.current?.focus())} />
      {shown.length > 0 && (
        <ul className="attached">
          {shown.map((file, at) => (
            <li key={`${at} ${file.name}`}>
              <FilePicture file={file} />
              <Button size="small" type="tertiary" icon={<IconClose aria-hidden />} aria-label={t("write.pictureRemove", { name: file.name })} onClick={() => remove(file)} />
            </li>
          ))}
        </ul>
      )}
      <div className="composer-field" onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && canned.dismiss()}>
        {canned.open && <CannedMenu id={canned.menuId} replies={canned.found} isEmpty={canned.isEmpty} active={canned.active} onPick={canned.pick} />}
        <textarea
          ref={field}
          rows={2}
          value={draft.text}
          aria-label={label}
          aria-invalid={isTooLong}
          aria-autocomplete="list"
          aria-controls={canned.open ? canned.menuId : undefined}
          aria-activedescendant={canned.open && canned.found[canned.active] ? `${canned.menuId}-${canned.active}` : undefined}
          placeholder={t(isPrivate ? "write.notePlaceholder" : "write.replyPlaceholder")}
          onChange={(event) => write(event.target.value)}
          onKeyDown={onKeyDown}
          onSelect={canned.look}
          onPaste={(event) => {
            // Office programs put a picture of the text beside it.
            if (isPrivate || event.clipboardData.files.length === 0 || event.clipboardData.getData("text/plain")) return;
            event.preventDefault();
            attach(event.clipboardData.files);
          }}
        />
      </div>
      <div className="composer-foot">
        {!isPrivate && <Attach onPick={attach} />}
        <p className="composer-who">
          {isPrivate ? <IconLock size="small" aria-hidden /> : <IconSend size="small" aria-hidden />} {t(isPrivate ? "write.noteSees" : "write.replySees", { name: guest.name })}
        </p>
        <p className="composer-state" role="status">
          {isTooLong ? t("write.tooLong", { most: LONGEST[purpose] }) : draft.saved === "failed" ? t("write.notSaved") : draft.saved === "saved" && !isEmpty ? t("write.saved") : ""}
        </p>
        <Button htmlType="submit" theme="solid" disabled={isEmpty || isTooLong} className={`send send-${purpose}`}>
          {t(isPrivate ? "write.keepNote" : "write.send")}
        </Button>
      </div>
    </form>
  );
}

/** Picks pictures; they can be pasted or dropped as well. */
function Attach({ onPick }: { onPick: (files: Iterable<File>) => void }) {
  const { t } = useTranslation("agent");
  const file = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={file}
        type="file"
        hidden
        multiple
        accept={PICTURES.join(",")}
        onChange={(event) => {
          onPick([...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
      <Button theme="borderless" type="tertiary" icon={<IconImage aria-hidden />} aria-label={t("write.picture")} title={t("write.pictureWhy")} onClick={() => file.current?.click()} />
    </>
  );
}

const isTouch = matchMedia("(pointer: coarse)").matches;

function Purposes({ isPrivate, canReply, onPick }: { isPrivate: boolean; canReply: boolean; onPick: (isPrivate: boolean) => void }) {
  const { t } = useTranslation("agent");
  return (
    <div className="purposes" role="group" aria-label={t("write.purpose")}>
      {canReply && (
        <button type="button" className="purpose" aria-pressed={!isPrivate} onClick={() => onPick(false)}>
          {t("write.reply")}
        </button>
      )}
      <button type="button" className="purpose purpose-note" aria-pressed={isPrivate} onClick={() => onPick(true)}>
        <IconLock size="small" aria-hidden /> {t("write.note")}
      </button>
      {!isTouch && <span className="purpose-hint">{t("write.hint")}</span>}
    </div>
  );
}

/** Comes to the field when a key or the palette asks for it. */
function useWanted(canReply: boolean, field: React.RefObject<HTMLTextAreaElement | null>, pick: (isPrivate: boolean) => void): void {
  const want = useStore(wanted);
  const seen = useRef(want);
  useEffect(() => {
    if (seen.current === want) return;
    seen.current = want;
    pick(want.purpose === "note" || !canReply);
    field.current?.focus();
  });
}

/** As high as its text, up to what the styles allow. */
function useGrowing(field: React.RefObject<HTMLTextAreaElement | null>, text: string): void {
  useEffect(() => {
    const node = field.current;
    if (!node) return;
    node.style.height = "auto";
    node.style.height = `${node.scrollHeight + 2}px`;
  }, [field, text]);
}

/** Canned replies behind a slash. */
function useCanned(desk: string, text: string, field: React.RefObject<HTMLTextAreaElement | null>, write: (text: string) => void) {
  const menuId = useId();
  const [cursor, setCursor] = useState(0);
  const [dismissed, setDismissed] = useState(-1);
  const [active, setActive] = useState(0);
  const slash = slashAt(text, cursor);
  const { data } = useQuery({ ...read.canned(desk), enabled: slash !== null });
  const found = slash && slash.at !== dismissed ? matching(data ?? [], slash.name) : [];
  const open = slash !== null && slash.at !== dismissed && data !== undefined;
  useEffect(() => setActive(0), [slash?.name]);
  useEffect(() => {
    if (slash === null) setDismissed(-1);
  }, [slash]);
  const dismiss = (): void => {
    if (slash) setDismissed(slash.at);
  };
  const look = (): void => setCursor(field.current?.selectionEnd ?? 0);
  const pick = ({ text: put }: CannedReply): void => {
    if (!slash) return;
    write(text.slice(0, slash.at) + put + text.slice(cursor));
    const end = slash.at + put.length;
    // The text is there after the next drawing.
    requestAnimationFrame(() => {
      field.current?.focus();
      field.current?.setSelectionRange(end, end);
      setCursor(end);
    });
  };
  const onKeyDown = (event: KeyboardEvent): boolean => {
    if (!open) return false;
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const chosen = found[active];
    if (move !== undefined && found.length > 0) setActive((active + move + found.length) % found.length);
    else if ((event.key === "Enter" || event.key === "Tab") && chosen && !event.shiftKey) pick(chosen);
    else if (event.key === "Escape") dismiss();
    else return false;
    event.preventDefault();
    return true;
  };
  return { open, found, isEmpty: data?.length === 0, active, menuId, look, pick, dismiss, onKeyDown };
}
