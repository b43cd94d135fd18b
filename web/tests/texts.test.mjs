// Parts that need no browser: the catalogues of texts, colours, event streams, rich answers as text.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createServer } from "vite";
import { entrySize, STAFF_MAX } from "../scripts/size.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
let vite;
const load = (path) => vite.ssrLoadModule(path);
before(async () => {
  // Where links of answers are looked at.
  globalThis.location = new URL("https://desk.test/admin");
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
  const sources = readdirSync(`${root}/src`, { recursive: true }).filter((name) => /\.tsx?$/.test(name) && !/^(generated|staff)/.test(name));
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

/** A catalogue's texts by their whole keys. */
function flat(texts, above = "") {
  return Object.entries(texts).flatMap(([key, text]) => (typeof text === "string" ? [[above + key, text]] : flat(text, `${above}${key}.`)));
}

const slots = (text) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort();

test("the staff's pages have every text in both languages, and none that nobody shows", async () => {
  const sources = readdirSync(`${root}/src/staff`, { recursive: true }).filter((name) => /\.tsx?$/.test(name) && !/texts|i18n/.test(name));
  const code = sources.map((name) => readFileSync(`${root}/src/staff/${name}`, "utf8")).join("\n");
  const traffic = async (language) => (await load(`/src/staff/i18n/traffic-${language}.ts`)).traffic;
  const shared = ["traffic", { en: await traffic("en"), zh: await traffic("zh") }];
  const own = async (folder) => [folder, { ...(await load(`/src/staff/${folder}/en.ts`)), ...(await load(`/src/staff/${folder}/zh.ts`)) }];
  const catalogues = [shared, ...(await Promise.all(["i18n", "admin/texts", "agent/texts", "dev/texts"].map(own)))];
  for (const [folder, { en, zh }] of catalogues) {
    const [english, chinese] = [flat(en), new Map(flat(zh))];
    // Chinese has no singular.
    const plural = english.filter(([key]) => !key.endsWith("_one"));
    assert.deepEqual([...chinese.keys()], plural.map(([key]) => key), folder);
    for (const [key, text] of english) {
      const here = `${folder} ${key}`;
      const foreign = ["switchLanguage", "product"].includes(key);
      assert.ok(text.trim(), here);
      if (!foreign) assert.ok(!/\p{Script=Han}/u.test(text), `${here} in English: ${text}`);
      // What is left of a key that is put together in the code: its beginning.
      const base = key.replace(/_(one|other)$/, "");
      const parts = base.split(".");
      const whole = new RegExp(`["\`:]${base.replaceAll(".", "\\.")}["\`]`);
      const built = parts.some((_, end) => end > 0 && code.includes(`${parts.slice(0, end).join(".")}.\${`));
      assert.ok(whole.test(code) || built, `${here} is used`);
    }
    for (const [key, text] of plural) {
      const other = chinese.get(key);
      if (!["product", "switchLanguage"].includes(key)) assert.match(other, /\p{Script=Han}/u, `${folder} ${key} in Chinese`);
      assert.deepEqual(slots(other), slots(text), `${folder} ${key}`);
    }
  }
});

test("the audit log has a sentence for everything that can be on record", async () => {
  const { paths } = JSON.parse(readFileSync(`${root}/../docs/openapi.json`, "utf8"));
  const ids = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, { operationId: id }]) => ({ path, method, id })));
  const changes = ids.filter(({ method }) => method !== "get");
  const byStaff = changes.filter(({ path }) => path.startsWith("/admin/v1/")).map(({ id }) => id);
  // What of the open API is on record (crates/server/src/audit.rs).
  const onRecord = readFileSync(`${root}/../crates/server/src/audit.rs`, "utf8").match(/const ON_RECORD: &\[&str\] = &\[([^\]]*)\]/)[1].match(/\w+/g);
  const byApps = changes.filter(({ path, id }) => path.startsWith("/open-apis/helpdesk/") && (onRecord.includes(id.split(".")[0]) || id.startsWith("agent_"))).map(({ id }) => id);
  assert.ok(byStaff.length > 30 && byApps.length > 15, `${byStaff.length}, ${byApps.length}`);
  const steps = ["sign_in", "sign_in.failed", "sign_in.throttled", "deskfile.apply", "event.resend", "faq.restore"];
  const { done: english } = await load("/src/staff/admin/texts/done-en.ts");
  const { done: chinese } = await load("/src/staff/admin/texts/done-zh.ts");
  const keys = [...byStaff, ...byApps, ...steps].map((id) => id.replaceAll(".", "_"));
  for (const key of keys) assert.ok(english[key] && chinese[key], `${key} has a sentence in both languages`);
  assert.deepEqual(Object.keys(english).filter((key) => !keys.includes(key)), [], "sentences for what is never on record");
});

test("each code that a call fails with has its cause in Chinese", async () => {
  const { CAUSES, OTHER_CAUSES } = await load("/src/staff/ui/causes.ts");
  const table = readFileSync(`${root}/../crates/wire/src/code.rs`, "utf8");
  const codes = new Set([...table.matchAll(/\bcode\(\s*([\d_]+),/g)].map(([, number]) => Number(number.replaceAll("_", ""))).filter((code) => code > 1_000));
  assert.ok(codes.size > 40, `${codes.size}`);
  assert.deepEqual(Object.keys(CAUSES).map(Number).sort((a, b) => a - b), [...codes].sort((a, b) => a - b));
  const calls = readFileSync(`${root}/../crates/server/src/inspector/calls.rs`, "utf8");
  for (const cause of Object.keys(OTHER_CAUSES)) assert.ok(calls.includes(`"cause": "${cause}"`), cause);
});

test("each scope that an app can have has words of the administration's own", () => {
  const known = readFileSync(`${root}/../crates/server/src/auth/scopes.rs`, "utf8");
  const names = [...known.matchAll(/"((?:helpdesk|contact):[\w:.]+)"/g)].map(([, name]) => name);
  const page = readFileSync(`${root}/src/staff/admin/tenant/OneApp.tsx`, "utf8");
  assert.ok(names.length >= 5, names.join());
  for (const name of names) assert.ok(page.includes(`"${name}": "`), name);
});

test("each fault of a file of FAQs has a text in both languages", async () => {
  const { components } = JSON.parse(readFileSync(`${root}/../docs/openapi.json`, "utf8"));
  const codes = components.schemas.FaqFileFaultCode.oneOf.map((code) => code.const).sort();
  const values = Object.keys(components.schemas.FaqFileFault.properties);
  assert.ok(codes.length > 20, `${codes.length}`);
  for (const language of ["en", "zh"]) {
    const { faults } = await load(`/src/staff/admin/texts/faults-${language}.ts`);
    assert.deepEqual(Object.keys(faults).sort(), codes, language);
    for (const [code, text] of Object.entries(faults)) {
      for (const slot of slots(text)) assert.ok(slot === "ids" || values.includes(slot), `${language} ${code}: ${slot}`);
    }
  }
});

test("each of the staff's pages loads little before it shows anything", async () => {
  for (const name of ["agent", "admin", "dev"]) {
    const { js, css } = await entrySize(name);
    assert.ok(js > 0 && css > 0 && js + css <= STAFF_MAX, `${name}: ${js} + ${css}`);
  }
});

test("a rich answer is the same after it was text", async () => {
  const { items, written, plainOf, isRich } = await load("/src/staff/ui/rich.ts");
  const { safeUrl } = await load("/src/common/links.ts");
  const text = (content) => ({ type: "text", content });
  const link = (words, url) => ({ type: "hyperlink", text: words, url });
  const end = { type: "line break" };
  const answers = [
    [text("Open it.")],
    [text("One"), end, end, text("two")],
    [text("See "), link("the [wiki]", "https://wiki.test/a_(b)"), text(" or "), link("写信", "mailto:it@pages.test"), end, { type: "img", key: "img_1" }, text(" end")],
    [text("[1] is no link, [this](https://x.test) is none either, nor is ![1] a picture, and C:\\dir\\\\share stays.")],
    [{ type: "img", key: "img_a" }, { type: "img", key: "img_b", width: "3" }],
  ];
  for (const answer of answers) {
    const back = items(written(answer));
    const expected = answer.map((item) => (item.url ? { ...item, url: item.url.replaceAll(")", "%29") } : item));
    assert.deepEqual(back, expected, written(answer).text);
  }
  assert.deepEqual(items({ text: "![1] ![2]", pictures: [{ type: "img", key: "img_1" }] }), [{ type: "img", key: "img_1" }, text(" ![2]")]);
  assert.equal(plainOf(answers[2]), "See the [wiki] (https://wiki.test/a_(b)) or 写信 (mailto:it@pages.test)\n end");
  assert.equal(plainOf(answers[4]), "[image]");
  assert.ok(isRich(answers[2]) && !isRich(answers[1]));
  for (const bad of ["javascript:alert(1)", " JavaScript:x", "data:text/html,x", "", undefined]) assert.equal(safeUrl(bad), null, bad);
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
  const { serverSentEvents } = await load("/src/common/stream.ts");
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
      { type: "message", data: '{"a":"忘记"}', id: "1" },
      { type: "message", data: "two\nlines", id: "1" },
      { type: "message", data: "bare", id: "" },
      { type: "other", data: "x", id: "" },
    ], `pieces of ${size} bytes`);
  }
});
