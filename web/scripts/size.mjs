// Prints how large the widget is on its way to a browser.

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

export async function widgetSize() {
  const bytes = await readFile(fileURLToPath(new URL("../dist/widget.js", import.meta.url)));
  return { plain: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { plain, gzip } = await widgetSize();
  console.log(`widget.js: ${gzip} bytes gzip (${plain} plain); at most 30000 are allowed`);
}
