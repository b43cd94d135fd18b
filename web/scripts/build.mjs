// Builds web/dist: the pages with their hashed files, the widget as one script, and a .gz beside whatever shrinks by it.

import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");

// The folder itself is in the repository, so that cargo can watch it.
for (const name of await readdir(dist)) if (name !== ".gitignore") await rm(join(dist, name), { recursive: true });

const common = { root, configFile: false, logLevel: "warn", publicDir: false };
// The oldest browsers with light-dark(), which the styles rely on.
const browsers = ["chrome123", "firefox121", "safari17.5"];
const output = { outDir: dist, emptyOutDir: false, target: browsers, cssTarget: browsers, modulePreload: false, reportCompressedSize: false };

// Preact's licence asks for this line in every copy.
const banner = "/*! Deskwire: Apache-2.0. With Preact: MIT, (c) 2015-present Jason Miller. */";

await build({ ...common, build: { ...output, rollupOptions: { input: join(root, "desk.html"), output: { banner } } } });
await build({
  ...common,
  build: {
    ...output,
    lib: { entry: join(root, "src/widget/main.ts"), formats: ["iife"], name: "deskwireWidget", fileName: () => "widget.js" },
    rollupOptions: { output: { banner } },
  },
});

// The staff's pages share chunks with one another, and are React where the chat is Preact.
await build({
  ...common,
  oxc: { jsx: { runtime: "automatic", importSource: "react" } },
  build: {
    ...output,
    modulePreload: { polyfill: false },
    license: { fileName: "assets/licences.txt" },
    rollupOptions: {
      input: ["agent", "admin", "dev"].map((name) => join(root, `${name}.html`)),
      output: { banner: "/*! Deskwire: Apache-2.0. What else is in here: /assets/licences.txt */" },
      // "use client" speaks to servers that render React; there is none here.
      onwarn: (warning, warn) => warning.code === "MODULE_LEVEL_DIRECTIVE" || warn(warning),
    },
  },
});

for (const entry of await readdir(dist, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !/\.(js|css|svg|txt)$/.test(entry.name)) continue;
  const path = join(entry.parentPath, entry.name);
  const bytes = await readFile(path);
  const small = gzipSync(bytes, { level: 9 });
  if (small.length < bytes.length) await writeFile(`${path}.gz`, small);
}
