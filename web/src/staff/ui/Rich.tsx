// Words of others on screen. Text only ever becomes text nodes, links only of known schemes; nothing here parses HTML.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { pieces, safeUrl } from "../../common/links";

export type RichItem = Record<string, unknown>;

export function string(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function Link({ to, children }: { to: unknown; children: ReactNode }) {
  const url = safeUrl(to);
  if (!url) return children;
  return (
    <a href={url} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  );
}

export function linked(text: string): ReactNode[] {
  return pieces(text).map(({ words, isAddress }, at) => (isAddress ? <Link key={at} to={words}>{words}</Link> : words));
}

/** Plain text with its web addresses made clickable. */
export function Plain({ text }: { text: string }) {
  return <div className="words">{linked(text)}</div>;
}

interface RichProps {
  items: readonly unknown[];
  /** Shows a picture of this server by its key, or one that is not sent yet by its `data:` address; without it both are linked. */
  picture?: ((source: string) => ReactNode) | undefined;
}

/** The items of `answer_richtext`, as guests see them. What is of no known type is left out. */
export function Rich({ items, picture }: RichProps) {
  return (
    <div className="words">
      {items.map((item, at) => (
        <Part key={at} item={Object(item) as RichItem} picture={picture} />
      ))}
    </div>
  );
}

function Part({ item, picture }: Pick<RichProps, "picture"> & { item: RichItem }): ReactNode {
  const { t } = useTranslation();
  switch (item.type) {
    case "text":
      return linked(string(item.content) || string(item.text));
    case "hyperlink":
      return <Link to={item.url}>{string(item.text) || string(item.content) || string(item.url)}</Link>;
    case "line break":
      return <br />;
    case "img": {
      // Pictures of this server are shown; those of other servers are linked, never loaded.
      const src = string(item.src);
      const own = string(item.key) || /^\/guest\/v1\/images\/([^/?#]+)$/.exec(src)?.[1] || /^data:image\/.*/.exec(src)?.[0];
      if (own && picture) return picture(own);
      return <Link to={src}>[{t("picture")}]</Link>;
    }
    default:
      return null;
  }
}
