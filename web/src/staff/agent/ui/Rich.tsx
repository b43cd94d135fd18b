// Words of others on screen. Text only ever becomes text nodes, links only of known schemes; nothing here parses HTML.

import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { pieces, safeUrl } from "../../../common/links";
import { pictureUrl } from "../api/calls";

/** Where pictures come from: a ticket's id, or none outside of a conversation. */
interface From {
  ticketId: string | null;
}

type Item = Record<string, unknown>;

function string(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function Link({ to, children }: { to: unknown; children: ReactNode }) {
  const url = safeUrl(to);
  if (!url) return children;
  return (
    <a href={url} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  );
}

function linked(text: string): ReactNode[] {
  return pieces(text).map(({ words, isAddress }, at) => (isAddress ? <Link key={at} to={words}>{words}</Link> : words));
}

/** Plain text with its web addresses made clickable. */
export function Plain({ text }: { text: string }) {
  return <div className="words">{linked(text)}</div>;
}

/** The items of `answer_richtext`. What is of no known type is left out. */
export function Rich({ items, ticketId }: From & { items: readonly unknown[] }) {
  return (
    <div className="words">
      {items.map((item, at) => (
        <RichItem key={at} item={Object(item) as Item} ticketId={ticketId} />
      ))}
    </div>
  );
}

function RichItem({ item, ticketId }: From & { item: Item }): ReactNode {
  const { t } = useTranslation("agent");
  switch (item.type) {
    case "text":
      return linked(string(item.content) || string(item.text));
    case "hyperlink":
      return <Link to={item.url}>{string(item.text) || string(item.content) || string(item.url)}</Link>;
    case "line break":
      return <br />;
    case "img": {
      // Pictures of this server are shown; those of other servers are linked, never loaded.
      const key = string(item.key) || /^\/guest\/v1\/images\/([^/?#]+)$/.exec(string(item.src))?.[1];
      if (key && ticketId) return <Picture picture={key} ticketId={ticketId} />;
      return <Link to={item.src}>[{t("entry.picture")}]</Link>;
    }
    default:
      return null;
  }
}

/** A post: rich text items in `content`, or the open API's paragraphs of `{tag}` elements. */
export function Post({ post, text, ticketId }: From & { post: unknown; text: string }) {
  const { title, content } = Object(post) as { title?: unknown; content?: unknown };
  if (!Array.isArray(content)) return <Plain text={text} />;
  return (
    <>
      {string(title) && <p className="post-title">{string(title)}</p>}
      {Array.isArray(content[0]) ? content.map((line, at) => <Line key={at} line={line} ticketId={ticketId} />) : <Rich items={content} ticketId={ticketId} />}
    </>
  );
}

function Line({ line, ticketId }: From & { line: unknown }) {
  if (!Array.isArray(line)) return null;
  return (
    <p className="words">
      {line.map((part, at) => (
        <LinePart key={at} part={Object(part) as Item} ticketId={ticketId} />
      ))}
    </p>
  );
}

function LinePart({ part, ticketId }: From & { part: Item }): ReactNode {
  if (part.tag === "a") return <Link to={part.href}>{string(part.text) || string(part.href)}</Link>;
  if (part.tag === "img" && ticketId) return <Picture picture={string(part.image_key)} ticketId={ticketId} />;
  if (part.tag === "at") return `@${string(part.user_name) || string(part.text)}`;
  return linked(string(part.text));
}

/** A picture of the conversation. A click shows it in a window of its own. */
export function Picture({ picture, ticketId }: { picture: string; ticketId: string }) {
  const { t } = useTranslation("agent");
  const [failed, setFailed] = useState(false);
  const url = pictureUrl(ticketId, picture);
  if (failed) return <span className="picture-gone">[{t("entry.pictureGone")}]</span>;
  return (
    <a className="picture" href={url} target="_blank" rel="noopener noreferrer">
      <img src={url} alt={t("entry.picture")} loading="lazy" onError={() => setFailed(true)} />
    </a>
  );
}
