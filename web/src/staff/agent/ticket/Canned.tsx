// Canned replies: the list behind a slash.

import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { CannedReply } from "../api/calls";
import { ask } from "./asking";

const SHOWN = 8;

/** The slash before the cursor and the name begun behind it; a slash within a word is none. */
export function slashAt(text: string, cursor: number): { at: number; name: string } | null {
  const found = /(?:^|\s)\/([\p{L}\p{N}_-]*)$/u.exec(text.slice(0, cursor));
  if (!found) return null;
  const name = found[1] ?? "";
  return { at: cursor - name.length - 1, name };
}

/** Those whose name begins so, then those that hold it in their name or text. */
export function matching(replies: CannedReply[], begun: string): CannedReply[] {
  const words = begun.toLowerCase();
  const rank = ({ name, text }: CannedReply): number => {
    if (name.toLowerCase().startsWith(words)) return 0;
    if (name.toLowerCase().includes(words)) return 1;
    return text.toLowerCase().includes(words) ? 2 : 3;
  };
  return replies
    .filter((reply) => rank(reply) < 3)
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, SHOWN);
}

interface MenuProps {
  id: string;
  replies: CannedReply[];
  active: number;
  onPick: (reply: CannedReply) => void;
}

export function CannedMenu({ id, replies, active, onPick }: MenuProps) {
  const { t } = useTranslation("agent");
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => list.current?.children[active]?.scrollIntoView({ block: "nearest" }), [active]);
  return (
    <div className="canned">
      {replies.length === 0 ? (
        <p className="canned-none" role="status">
          {t("canned.none")}
        </p>
      ) : (
        <ul id={id} ref={list} role="listbox" aria-label={t("canned.title")}>
          {replies.map((reply, at) => (
            // The focus stays in the text.
            <li key={reply.id} id={`${id}-${at}`} role="option" aria-selected={at === active} onMouseDown={(event) => event.preventDefault()} onClick={() => onPick(reply)}>
              <span className="canned-name">/{reply.name}</span> <span className="canned-text">{reply.text}</span>
            </li>
          ))}
        </ul>
      )}
      <div className="canned-foot">
        <Button size="small" theme="borderless" onClick={() => ask("canned")}>
          {t("canned.manage")}
        </Button>
      </div>
    </div>
  );
}
