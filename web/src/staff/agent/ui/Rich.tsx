// What was said in a conversation: posts, and pictures that its ticket leads to.

import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, linked, Plain, Rich, type RichItem, string } from "../../ui/Rich";
import { pictureUrl } from "../api/calls";

interface From {
  ticketId: string;
}

/** Rich text of a conversation. */
export function RichSaid({ items, ticketId }: From & { items: readonly unknown[] }) {
  return <Rich items={items} picture={(key) => <Picture picture={key} ticketId={ticketId} />} />;
}

/** A post: rich text items in `content`, or the open API's paragraphs of `{tag}` elements. */
export function Post({ post, text, ticketId }: From & { post: unknown; text: string }) {
  const { title, content } = Object(post) as { title?: unknown; content?: unknown };
  if (!Array.isArray(content)) return <Plain text={text} />;
  return (
    <>
      {string(title) && <p className="post-title">{string(title)}</p>}
      {Array.isArray(content[0]) ? content.map((line, at) => <Line key={at} line={line} ticketId={ticketId} />) : <RichSaid items={content} ticketId={ticketId} />}
    </>
  );
}

function Line({ line, ticketId }: From & { line: unknown }) {
  if (!Array.isArray(line)) return null;
  return (
    <p className="words">
      {line.map((part, at) => (
        <LinePart key={at} part={Object(part) as RichItem} ticketId={ticketId} />
      ))}
    </p>
  );
}

function LinePart({ part, ticketId }: From & { part: RichItem }): ReactNode {
  if (part.tag === "a") return <Link to={part.href}>{string(part.text) || string(part.href)}</Link>;
  if (part.tag === "img") return <Picture picture={string(part.image_key)} ticketId={ticketId} />;
  if (part.tag === "at") return `@${string(part.user_name) || string(part.text)}`;
  return linked(string(part.text));
}

/** A picture that is on this computer only. */
export function FilePicture({ file }: { file: File }) {
  const [url, setUrl] = useState("");
  useEffect(() => {
    const made = URL.createObjectURL(file);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  return <span className="picture">{url && <img src={url} alt={file.name} />}</span>;
}

/** A picture of the conversation. A click shows it in a window of its own. */
export function Picture({ picture, ticketId }: { picture: string; ticketId: string }) {
  const { t } = useTranslation(["agent", "shell"]);
  const [failed, setFailed] = useState(false);
  const url = pictureUrl(ticketId, picture);
  if (failed) return <span className="picture-gone">[{t("entry.pictureGone")}]</span>;
  return (
    <a className="picture" href={url} target="_blank" rel="noopener noreferrer">
      <img src={url} alt={t("shell:picture")} loading="lazy" onError={() => setFailed(true)} />
    </a>
  );
}
