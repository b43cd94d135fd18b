// Words of others on screen. Text only ever becomes text nodes, links only of known schemes; nothing here parses HTML.

import type { ComponentChildren, JSX } from "preact";
import { pieces, safeUrl } from "../../common/links";
import { Picture } from "./Picture";
import { useScene } from "./scene";

export function Link({ to, children, plain }: { to: unknown; children?: ComponentChildren; plain?: boolean }): JSX.Element {
  const url = safeUrl(to);
  const words = children || (typeof to === "string" ? to : "");
  if (!url) return <>{words}</>;
  return (
    <a href={url} target="_blank" rel="noopener noreferrer nofollow" class={plain ? undefined : "quiet"}>
      {words}
    </a>
  );
}

/** Plain text with its web addresses made clickable. */
export function Plain({ text }: { text: string | null | undefined }): JSX.Element {
  return <div class="text">{linked(text ?? "")}</div>;
}

function linked(text: string): ComponentChildren[] {
  return pieces(text).map(({ words, isAddress }) => (isAddress ? <Link to={words} plain>{words}</Link> : words));
}

type Item = Record<string, unknown>;

function string(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The items of `answer_richtext`. What is of no known type is left out. */
export function Rich({ items }: { items: readonly unknown[] }): JSX.Element {
  return <div class="text">{items.map((item) => richItem(Object(item) as Item))}</div>;
}

function richItem(item: Item): ComponentChildren {
  switch (item.type) {
    case "text":
      return linked(string(item.content) || string(item.text));
    case "hyperlink":
      return <Link to={item.url} plain>{string(item.text) || string(item.content)}</Link>;
    case "line break":
      return <br />;
    case "img":
      return <RichPicture item={item} />;
    default:
      return null;
  }
}

/** Pictures of this server are shown; those of other servers are linked, never loaded. */
function RichPicture({ item }: { item: Item }): JSX.Element {
  const { texts } = useScene();
  const own = /^\/guest\/v1\/images\/([^/?#]+)$/.exec(string(item.src))?.[1];
  const key = string(item.key) || own;
  const other = <Link to={item.src} plain>{texts.image}</Link>;
  if (!key) return other;
  // A FAQ that was copied from elsewhere may name a picture that only `src` still leads to.
  return <Picture picture={key} width={item.width} height={item.height} instead={own || !item.src ? undefined : other} />;
}

/** A post: rich text items in `content`, or the open API's paragraphs of `{tag}` elements. */
export function Post({ post, text }: { post: unknown; text: string }): JSX.Element {
  const { title, content } = Object(post) as { title?: unknown; content?: unknown };
  if (!Array.isArray(content)) return <Plain text={text} />;
  const paragraphs = Array.isArray(content[0]);
  return (
    <>
      {string(title) && <h3>{string(title)}</h3>}
      {paragraphs ? content.map((line) => <p class="text">{Array.isArray(line) && line.map((part) => postPart(Object(part) as Item))}</p>) : <Rich items={content} />}
    </>
  );
}

function postPart(part: Item): ComponentChildren {
  if (part.tag === "a") return <Link to={part.href} plain>{string(part.text)}</Link>;
  if (part.tag === "img") return <Picture picture={string(part.image_key)} />;
  if (part.tag === "at") return `@${string(part.user_name) || string(part.text)}`;
  return linked(string(part.text));
}
