// Parts that need no browser: the catalogues of texts, colours, event streams.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createServer } from "vite";

const root = fileURLToPath(new URL("..", import.meta.url));
let vite;
const load = (path) => vite.ssrLoadModule(path);
before(async () => {
  vite = await createServer({ root, configFile: false, logLevel: "error", appType: "custom", server: { middlewareMode: true, hmr: false, ws: false, watch: null }, optimizeDeps: { noDiscovery: true } });
});
after(() => vite.close());

/** What a text says, with something filled in where it has parts. */
function said(text) {
  if (typeof text === "function") return [text("42"), text(42)].join(" ");
  return Array.isArray(text) ? text.join(" ") : text;
}

test("both languages have every text, each in its own script, and none that nobody shows", async () => {
  const { en } = await load("/src/chat/texts/en.ts");
  const { zh } = await load("/src/chat/texts/zh.ts");
  assert.deepEqual(Object.keys(zh), Object.keys(en));
  const sources = readdirSync(`${root}/src`, { recursive: true }).filter((name) => /\.tsx?$/.test(name) && !name.startsWith("generated"));
  const code = sources.map((name) => readFileSync(`${root}/src/${name}`, "utf8")).join("\n");
  for (const [key, text] of Object.entries(en)) {
    assert.equal(typeof zh[key], typeof text, key);
    if (typeof text !== "string") assert.equal(zh[key].length, text.length, `${key}: as many parts`);
    const foreign = ["other", "otherLabel"].includes(key);
    if (key !== "lang") {
      assert.equal(/\p{Script=Han}/u.test(said(text)), foreign, `${key} in English: ${said(text)}`);
      assert.equal(/\p{Script=Han}/u.test(said(zh[key])), !foreign, `${key} in Chinese: ${said(zh[key])}`);
    }
    for (const words of [said(text), said(zh[key])]) assert.ok(words.trim() && !/undefined|NaN/.test(words), key);
    assert.match(code, new RegExp(`exts\\)?\\.${key}\\b`), `${key} is used`);
  }
});

test("a desk's colour is readable on light and dark pages, whatever it is", async () => {
  const { accentOf, contrast } = await load("/src/chat/accent.ts");
  const parts = (css) => css.match(/\d+/g).map(Number);
  for (const colour of ["#000", "#fff", "#ff0", "#f2e205", "#2c5686", "#ff0000", "#00ff88", "#777777", "#15171b"]) {
    const { light, onLight, dark, onDark } = accentOf(colour);
    const pairs = { light: [light, "rgb(255 255 255)"], onLight: [onLight, light], dark: [dark, "rgb(30 33 40)"], onDark: [onDark, dark] };
    for (const [where, [a, b]] of Object.entries(pairs)) {
      assert.ok(contrast(parts(a), parts(b)) >= 4.5, `${colour} ${where}: ${a} on ${b}`);
    }
  }
  for (const none of [null, "", "red", "#12", "#1234567", "url(x)", "#fff;color:red"]) assert.equal(accentOf(none), null);
});

test("an event stream is read whole however it is cut", async () => {
  const { serverSentEvents } = await load("/src/chat/feed.ts");
  const bytes = new TextEncoder().encode(': hi\r\n\r\nid: 1\r\nevent: message\r\ndata: {"a":"忘记"}\r\n\r\ndata: two\ndata: lines\n\ndata:bare\rid\r\revent: other\ndata: x\n\ndata: unfinished');
  for (let size = 1; size <= bytes.length; size += 1) {
    const body = new ReadableStream({
      start(controller) {
        for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
        controller.close();
      },
    });
    const events = [];
    for await (const event of serverSentEvents(body, () => {})) events.push(event);
    assert.deepEqual(events, [
      { type: "message", data: '{"a":"忘记"}' },
      { type: "message", data: "two\nlines" },
      { type: "message", data: "bare" },
      { type: "other", data: "x" },
    ], `pieces of ${size} bytes`);
  }
});
