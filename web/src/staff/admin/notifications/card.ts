// The message card of a notification: a few fields of a form, or JSON of somebody's own. No DOM in here.

/** A card that the form can write: a title, a text, and a button that leads somewhere. */
export interface Simple {
  title: string;
  text: string;
  button: string;
  url: string;
}

export const EMPTY: Simple = { title: "", text: "", button: "", url: "" };

/** The card's JSON, as the open API takes it. */
export function written({ title, text, button, url }: Simple): string {
  const plain = (content: string) => ({ tag: "plain_text", content });
  const elements: unknown[] = [{ tag: "div", text: { tag: "lark_md", content: text } }];
  if (button || url) elements.push({ tag: "action", actions: [{ tag: "button", text: plain(button), url }] });
  return JSON.stringify({ ...(title && { header: { title: plain(title) } }), elements });
}

function member(value: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>((at, key) => (typeof at === "object" && at !== null ? (at as Record<string | number, unknown>)[key] : undefined), value);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The fields of a card that the form would write just so; nothing for any other. */
export function read(json: string): Simple | null {
  let card: unknown;
  try {
    card = JSON.parse(json);
  } catch {
    return null;
  }
  const action = member(card, "elements", 1, "actions", 0);
  const fields = {
    title: text(member(card, "header", "title", "content")),
    text: text(member(card, "elements", 0, "text", "content")),
    button: text(member(action, "text", "content")),
    url: text(member(action, "url")),
  };
  return written(fields) === JSON.stringify(card) ? fields : null;
}
