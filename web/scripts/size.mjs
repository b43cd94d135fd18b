// Prints how large the widget and the staff's pages are on their way to a browser.

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

/** The most that a first look at one of the staff's pages may load, in bytes (gzip), without what its own page needs. */
export const STAFF_MAX = 220_000;

const read = (name) => readFile(fileURLToPath(new URL(`../dist/${name}`, import.meta.url)));

async function sizeOf(name) {
  const bytes = await read(name);
  return { plain: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
}

export function widgetSize() {
  return sizeOf("widget.js");
}

/** What `/agent`, `/admin` or `/dev` loads before anything is shown: scripts and styles, in bytes (gzip). */
export async function entrySize(name) {
  const html = String(await read(`${name}.html`));
  const sizes = { js: 0, css: 0 };
  for (const [, file, kind] of html.matchAll(/"\/(assets\/[^"]+\.(js|css))"/g)) sizes[kind] += (await sizeOf(file)).gzip;
  return sizes;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { plain, gzip } = await widgetSize();
  console.log(`widget.js: ${gzip} bytes gzip (${plain} plain); at most 30000 are allowed`);
  for (const name of ["agent", "admin", "dev"]) {
    const { js, css } = await entrySize(name);
    console.log(`/${name}: ${js} bytes of scripts and ${css} of styles (gzip); at most ${STAFF_MAX} together`);
  }
}
