// Canned replies by their names behind a slash.

import type { CannedReply } from "../api/calls";

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
