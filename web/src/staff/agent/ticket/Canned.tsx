// Canned replies: the list behind a slash.

import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { CannedReply } from "../api/calls";
import { ask } from "./asking";

interface MenuProps {
  id: string;
  replies: CannedReply[];
  /** Whether there are none at all, whatever was typed. */
  isEmpty: boolean;
  active: number;
  onPick: (reply: CannedReply) => void;
}

export function CannedMenu({ id, replies, isEmpty, active, onPick }: MenuProps) {
  const { t } = useTranslation("agent");
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    // What is clicked in it does not take the focus out of the text first.
    <div className="canned" onMouseDown={(event) => event.preventDefault()}>
      {replies.length === 0 ? (
        <p className="canned-none" role="status">
          {t(isEmpty ? "canned.empty" : "canned.none")}
        </p>
      ) : (
        <ul id={id} ref={list} role="listbox" aria-label={t("canned.title")}>
          {replies.map((reply, at) => (
            <li key={reply.id} id={`${id}-${at}`} role="option" aria-selected={at === active} onClick={() => onPick(reply)}>
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
