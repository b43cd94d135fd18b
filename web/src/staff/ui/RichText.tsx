import { safeUrl } from "../../common/links";
import type { Item } from "./rich";

interface RichTextProps {
  items: Item[];
  /** Where a picture is, by its key. */
  pictureUrl: (key: string) => string;
}

/** A rich answer as the guest sees it: text nodes, links, pictures. */
export function RichText({ items, pictureUrl }: RichTextProps) {
  const shown = items.map((item, at) => {
    const key = `${at}`;
    if (item.type === "line break") return <br key={key} />;
    if (item.type === "img") {
      const source = item.key ? pictureUrl(item.key) : item.src?.startsWith("data:image/") ? item.src : safeUrl(item.src);
      return source ? <img key={key} src={source} alt="" className="rich-picture" /> : null;
    }
    if (item.type === "hyperlink") {
      const url = safeUrl(item.url);
      const words = item.text || item.url;
      return url ? (
        <a key={key} href={url} target="_blank" rel="noreferrer noopener">
          {words}
        </a>
      ) : (
        <span key={key}>{words}</span>
      );
    }
    return <span key={key}>{item.content || "\n"}</span>;
  });
  return <div className="said">{shown}</div>;
}
