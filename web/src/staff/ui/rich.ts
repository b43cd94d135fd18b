// Rich answers as text that people can write: links as [words](address), pictures as ![number], line breaks as they are.

import type { Schemas } from "../api/client";

export type Item = Schemas["Richtext"];

export interface Written {
  text: string;
  /** What the numbers stand for; the first is 1. */
  pictures: Item[];
}

// Words of links and pictures hold no bracket unless it is escaped.
const PIECE = /\\([[\]])|!\[(\d+)\]|\[((?:\\[[\]]|[^[\]])+)\]\(([^)\s]+)\)/g;

/** What would be read as a link or a picture, as plain text. */
function plainly(text: string): string {
  return text.replace(PIECE, (piece) => piece.replace("[", "\\["));
}

function unescaped(text: string): string {
  return text.replace(/\\([[\]])/g, "$1");
}

/** The items as text to write in. */
export function written(items: Item[]): Written {
  const pictures: Item[] = [];
  const pieces: string[] = [];
  let text = "";
  const flush = (): void => {
    pieces.push(plainly(text));
    text = "";
  };
  for (const item of items) {
    if (item.type === "hyperlink") {
      flush();
      const words = (item.text || item.url || "").replace(/[[\]]/g, "\\$&");
      pieces.push(`[${words}](${(item.url ?? "").replaceAll(")", "%29").replaceAll(" ", "%20")})`);
    } else if (item.type === "img") {
      flush();
      pieces.push(`![${pictures.push(item)}]`);
    } else {
      // The platform also writes a line break as a text without content.
      text += item.type === "line break" ? "\n" : item.content || "\n";
    }
  }
  flush();
  return { text: pieces.join(""), pictures };
}

/** The items that a text stands for. Numbers without a picture are text. */
export function items({ text, pictures }: Written): Item[] {
  const all: Item[] = [];
  let plain = "";
  const flush = (): void => {
    plain.split("\n").forEach((line, number) => {
      if (number > 0) all.push({ type: "line break" });
      if (line) all.push({ type: "text", content: line });
    });
    plain = "";
  };
  let end = 0;
  for (const match of text.matchAll(PIECE)) {
    const [piece, bracket, number, words, url] = match;
    plain += text.slice(end, match.index);
    end = match.index + piece.length;
    const picture = number === undefined ? undefined : pictures[Number(number) - 1];
    if (bracket !== undefined) plain += bracket;
    else if (picture || url !== undefined) {
      flush();
      all.push(picture ?? { type: "hyperlink", text: unescaped(words ?? ""), url: url ?? "" });
    } else plain += piece;
  }
  plain += text.slice(end);
  flush();
  return all;
}

/** Whether items hold more than text. */
export function isRich(all: Item[]): boolean {
  return all.some(({ type }) => type === "hyperlink" || type === "img");
}

/** What the server makes of items for those who show plain text only. */
export function plainOf(all: Item[]): string {
  const plain = all.map((item) => {
    if (item.type === "hyperlink") return `${item.text ?? ""} (${item.url ?? ""})`;
    if (item.type === "img") return "";
    return item.type === "line break" ? "\n" : item.content || "\n";
  });
  const text = plain.join("").trim();
  return text || (all.some(({ type }) => type === "img") ? "[image]" : "");
}
