// The programs that the inspector shows: they name this desk, endpoints and fields that exist, and are well formed.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { parser as goParser } from "@lezer/go";
import { parser as javaParser } from "@lezer/java";
import { createServer } from "vite";

const root = fileURLToPath(new URL("..", import.meta.url));
const desk = { url: "http://127.0.0.1:18420", appId: "cli_a0000000000000aa", appSecret: "secret-of-the-app", deskId: "6900000000000000009", deskToken: "ht-of-the-desk" };
let vite;
let folder;
let snippets;
before(async () => {
  vite = await createServer({ root, configFile: false, logLevel: "error", appType: "custom", server: { middlewareMode: true, hmr: false, ws: false, watch: null }, optimizeDeps: { noDiscovery: true } });
  ({ SNIPPETS: snippets } = await vite.ssrLoadModule("/src/staff/dev/snippets.ts"));
  folder = mkdtempSync(join(tmpdir(), "deskwire-snippets-"));
});
after(async () => {
  await vite.close();
  rmSync(folder, { recursive: true });
});

const { paths, components } = JSON.parse(readFileSync(`${root}/../docs/openapi.json`, "utf8"));
const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
const operation = (id) => operations.find(({ operationId }) => operationId === id);

/** A name however a language writes it: event_id, eventId, EventId. */
const written = (name) => new RegExp(name.replaceAll("_", "_?"), "i");

/** The schema itself, where another is named. */
const resolved = (schema) => (schema?.$ref ? components.schemas[schema.$ref.split("/").at(-1)] : schema);

/** The members that the JSON body of a call has, those of lists within it, too. */
function members(schema) {
  const { properties = {}, items, anyOf = [] } = resolved(schema) ?? {};
  const inner = [...Object.values(properties), ...(items ? [items] : []), ...anyOf];
  return [...Object.keys(properties), ...inner.flatMap(members)];
}

test("each program names the server and the credentials of this desk, and no other address", () => {
  assert.deepEqual(snippets.map(({ id }) => id), ["python", "node", "go", "java", "rust"]);
  for (const { id, call, bot } of snippets) {
    for (const text of [call(desk), bot(desk)]) {
      for (const value of Object.values(desk)) assert.ok(text.includes(value), `${id}: ${value}`);
      assert.deepEqual([...new Set(text.match(/https?:\/\/[^\s"'`)]+/g))], [desk.url], id);
    }
  }
});

test("each program calls what the API document has, by its fields", () => {
  const answered = members(operation("ticket.answer_user_query").requestBody.content["application/json"].schema);
  const subscribed = members(operation("event.subscribe").requestBody.content["application/json"].schema);
  const parameters = (id) => operation(id).parameters.map(({ name }) => name);
  const fields = { "faq.list": ["page_size"], "faq.search": ["query"] };
  for (const [id, names] of Object.entries(fields)) for (const name of names) assert.ok(parameters(id).includes(name), `${id} ${name}`);
  for (const name of ["event_id", "faqs", "id", "score"]) assert.ok(answered.includes(name), name);
  for (const name of ["events", "type", "subtype"]) assert.ok(subscribed.includes(name), name);
  // What an event tells.
  const shape = readFileSync(`${root}/../crates/wire/src/event.rs`, "utf8").match(/pub struct MessageCreated \{([\s\S]*?)\n\}/)[1];
  const told = [...shape.matchAll(/pub (\w+):/g)].map(([, name]) => name);
  for (const name of ["event_id", "sender_type", "text", "ticket"]) assert.ok(told.includes(name), name);
  const types = readFileSync(`${root}/../crates/desk/src/event.rs`, "utf8");
  for (const { id, call, bot } of snippets) {
    assert.match(call(desk), /faq/i, id);
    // Rust gives it by its place.
    if (id !== "rust") assert.match(call(desk), written("page_size"), id);
    for (const name of ["answer_user_query", "event_id", "faqs", "score", "sender_type", "subtype", "ticket_id", "subscribe", "search"]) assert.match(bot(desk), written(name), `${id} ${name}`);
    const [, resource] = bot(desk).match(/"(helpdesk\.\w+)"/);
    const [, subtype] = bot(desk).match(/"(\w+\.created_v1)"/);
    assert.ok(types.includes(`"helpdesk.${subtype}"`) && `helpdesk.${subtype}`.startsWith(`${resource}.`), `${id}: ${resource} ${subtype}`);
  }
});

/** Runs a tool on a program; `undefined` where the tool is not on this machine. */
function tool(command, args, input) {
  const { error, status, stderr, stdout } = spawnSync(command, args, { input, encoding: "utf8" });
  return error ? undefined : { status, text: stderr + stdout };
}

/** Where a grammar finds no program: what it has skipped, and where something is missing. */
function mistakes(parser, text) {
  const found = [];
  parser.parse(text).iterate({
    enter: ({ type, from, to }) => {
      if (type.isError) found.push(`line ${text.slice(0, from).split("\n").length}: ${JSON.stringify(text.slice(from, to))}`);
    },
  });
  return { status: found.length, text: found.join("\n") };
}

/** What each language's grammar says about a program, on every machine. */
const GRAMMARS = { go: goParser, java: javaParser };

/** Programs in which one thing is wrong, made of one that is right. */
const BROKEN = [
  ["a bracket too many", (text) => text.replace("(", "((")],
  ["a bracket missing", (text) => text.replace(/\)(?=[^)]*$)/, "")],
  ["a brace missing", (text) => text.replace(/\}\s*$/, "")],
  ["a string without end", (text) => text.replace(/"(?=[^"]*$)/, "")],
  ["a word that stands nowhere", (text) => text.replace(/\n\}\s*$/, "\n} else\n")],
];

for (const [id, parser] of Object.entries(GRAMMARS)) {
  test(`what is shown in ${id} is a program by its grammar`, () => {
    const { call, bot } = snippets.find((snippet) => snippet.id === id);
    for (const text of [call(desk), bot(desk)]) {
      assert.deepEqual(mistakes(parser, text), { status: 0, text: "" });
      for (const [what, broken] of BROKEN) {
        assert.notEqual(broken(text), text, what);
        assert.ok(mistakes(parser, broken(text)).status > 0, `${id}: ${what} is told`);
      }
    }
  });
}

/** What each language's own tool says about a file, where it is on the machine; of names that only the SDK knows nothing. */
const CHECKS = {
  python: ["py", (path) => tool("python3", ["-c", "import ast,sys; ast.parse(open(sys.argv[1]).read())", path])],
  node: ["mjs", (path) => tool(process.execPath, ["--check", path])],
  go: ["go", (path) => tool("gofmt", ["-e", "-l", path])],
  rust: ["rs", (path) => tool("rustfmt", ["--edition", "2021", "--config", "max_width=130", "--emit", "stdout", path])],
  java: [
    "java",
    (path) => {
      const said = tool("javac", ["-proc:none", "-Xmaxerrs", "1000", "-d", folder, path]);
      if (!said) return said;
      // Without the SDK every name of it is unknown; what is no Java at all is told in other words.
      const faults = said.text.split("\n").filter((line) => / error: /.test(line) && !/does not exist|cannot find symbol|does not override/.test(line));
      return { status: faults.length, text: faults.join("\n") };
    },
  ],
};

for (const [id, [end, check]] of Object.entries(CHECKS)) {
  test(`what is shown in ${id} is well formed`, (t) => {
    const { call, bot } = snippets.find((snippet) => snippet.id === id);
    for (const [name, text] of [["FirstCall", call(desk)], ["Bot", bot(desk)]]) {
      const path = join(folder, `${name}.${end}`);
      writeFileSync(path, text);
      const said = check(path);
      if (!said) return t.skip(`the tool for ${id} is not on this machine`);
      assert.equal(said.status, 0, said.text);
      // The check sees mistakes.
      writeFileSync(path, text.replace("(", "(("));
      assert.notEqual(check(path).status, 0, `${id}: a mistake is told`);
    }
  });
}
