// Addresses in words of others: which ones may be followed, and where they are in a text.

const SCHEMES = ["http:", "https:", "mailto:", "tel:", "lark:", "feishu:"];
// Ends before punctuation, Chinese punctuation included.
const ADDRESS = /https?:\/\/[^\s<>"'，。；！？、（）《》「」]+[^\s<>"'，。；！？、（）《》「」.,;:!?)\]]/g;

/** The address, if it is one that people may follow. */
export function safeUrl(address: unknown): string | null {
  if (typeof address !== "string") return null;
  try {
    const url = new URL(address.trim());
    return SCHEMES.includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** A text in pieces: words, and web addresses. */
export function pieces(text: string): { words: string; isAddress: boolean }[] {
  const found: { words: string; isAddress: boolean }[] = [];
  let from = 0;
  for (const match of text.matchAll(ADDRESS)) {
    found.push({ words: text.slice(from, match.index), isAddress: false }, { words: match[0], isAddress: true });
    from = match.index + match[0].length;
  }
  found.push({ words: text.slice(from), isAddress: false });
  return found.filter(({ words }) => words !== "");
}
