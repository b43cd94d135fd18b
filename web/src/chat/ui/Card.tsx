// A card of the open API: its header, its texts, and its links as buttons. Pictures and what takes input are left out.

import type { ComponentChildren, JSX } from "preact";
import { safeUrl } from "../../common/links";
import { Link, Plain } from "./Rich";
import { useScene } from "./scene";

type Part = Record<string, unknown>;

function part(value: unknown): Part {
  return Object(value) as Part;
}

export function Card({ card, text }: { card: unknown; text: string }): JSX.Element {
  const { texts } = useScene();
  const language = texts.lang === "en" ? "en_us" : "zh_cn";
  const { header, elements, i18n_elements: translated } = part(card);
  const own = part(translated)[language] ?? Object.values(part(translated))[0];
  const title = said(part(header).title, language);
  const subtitle = said(part(header).subtitle, language);
  const body = list(elements ?? own, language);
  if (!title && !subtitle && body.length === 0) return <Plain text={text} />;
  return (
    <>
      {title && <h3>{title}</h3>}
      {subtitle && <Plain text={subtitle} />}
      {body}
    </>
  );
}

function list(elements: unknown, language: string): ComponentChildren[] {
  if (!Array.isArray(elements)) return [];
  return elements.flatMap((element): ComponentChildren[] => {
    const { tag, text, fields, elements: inner, actions, columns, url, multi_url: urls } = part(element);
    if (tag === "button") {
      const to = url || part(urls).url;
      const label = said(text, language) || to;
      return safeUrl(to) ? [<Link to={to}>{label as string}</Link>] : [<span>{said(text, language)}</span>];
    }
    const words = ["plain_text", "lark_md", "markdown"].includes(String(tag)) ? said(element, language) : said(text, language);
    const row = list(actions, language);
    return [
      ...(words ? [<Plain text={words} />] : []),
      ...(tag === "hr" ? [<hr />] : []),
      ...(row.length > 0 ? [<div class="row">{row}</div>] : []),
      ...list(fields, language),
      ...list(inner, language),
      ...list(columns, language),
    ];
  });
}

/** The words of a text object: a string, or `{content, i18n}`. */
function said(text: unknown, language: string): string {
  const words = typeof text === "string" ? text : (part(part(text).i18n)[language] ?? part(text).content);
  return typeof words === "string" ? words.trim() : "";
}
