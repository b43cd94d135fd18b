// Names, texts, rich texts and addresses that try to become code or markup, through the server and straight at the client.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { ask, DESK, desk, open, stage, until } from "./harness.mjs";

const MARKUP = [
  "<script>window.ran=1</script>",
  "<img src=x onerror=window.ran=1>",
  "<svg/onload=window.ran=1>",
  "\"><iframe srcdoc='<script>parent.ran=1</script>'></iframe>",
  "'-window.ran=1-'",
  "</title><script>window.ran=1</script>",
  "<a href=javascript:window.ran=1>x</a>",
  "<math><mtext></p><style><img src=x onerror=window.ran=1></style>",
  "{{constructor.constructor('window.ran=1')()}}",
  "${window.ran=1}",
  "&lt;script&gt;window.ran=1&lt;/script&gt;",
  "<noscript><p title=\"</noscript><img src=x onerror=window.ran=1>\">",
  "<template shadowrootmode=open><script>window.ran=1</script></template>",
  "\u202e<b>txet</b>\u0007",
];
const ADDRESSES = [
  "javascript:window.ran=1",
  " javascript:window.ran=1",
  "JaVaScRiPt:window.ran=1",
  "java\tscript:window.ran=1",
  "java\nscript:window.ran=1",
  "\u0001javascript:window.ran=1",
  "javascript&colon;window.ran=1",
  "javascript://%0awindow.ran=1",
  "data:text/html,<script>window.ran=1</script>",
  "data:text/html;base64,PHNjcmlwdD53aW5kb3cucmFuPTE8L3NjcmlwdD4=",
  "vbscript:window.ran=1",
  "blob:https://evil.test/1",
  "file:///etc/passwd",
  "view-source:https://evil.test/",
  "//evil.test/x",
  "/guest/v1/images/../../evil",
  "https://ok.test/\" onmouseover=\"window.ran=1",
  "https://ok.test/'><script>window.ran=1</script>",
];
const SCHEMES = ["http:", "https:", "mailto:", "tel:", "lark:", "feishu:"];

const file = structuredClone(desk);
const [tenant] = file.tenants;
const [it] = tenant.helpdesks;
it.name = MARKUP[5];
it.welcome = MARKUP.join("\n");
it.categories = MARKUP.slice(0, 6).map((name) => ({ name, children: [{ name: MARKUP[6] }] }));
tenant.users[0].name = MARKUP[1];
it.faqs = MARKUP.map((words, i) => ({
  id: `690000000000000100${String(i).padStart(1, "0")}`.slice(0, 19).padEnd(19, String(i % 10)),
  question: `marker${i} ${words}`,
  answer_richtext: [
    { type: "text", content: words },
    { type: "line break" },
    { type: "hyperlink", url: "https://ok.test/?q=<script>window.ran=1</script>", text: words },
    { type: "img", src: "https://evil.test/pixel.png" },
  ],
}));
for (const [i, faq] of it.faqs.entries()) faq.id = `69000000000000020${String(i).padStart(2, "0")}`;
const { server, browser } = await stage(file);

/** Looks through the chat, wherever it is: nothing ran, nothing but known elements, links only of allowed schemes. */
async function harmless(page) {
  const seen = await page.evaluate(() => {
    const roots = [document];
    for (const root of roots) for (const node of root.querySelectorAll("*")) if (node.shadowRoot) roots.push(node.shadowRoot);
    const nodes = roots.slice(1).flatMap((root) => [...root.querySelectorAll("*")]);
    return {
      ran: window.ran,
      names: [...new Set(nodes.map((node) => node.localName))],
      handlers: nodes.flatMap((node) => node.getAttributeNames().filter((name) => name.startsWith("on"))),
      protocols: nodes.filter((node) => node.localName === "a").map((node) => new URL(node.href).protocol),
      sources: nodes.filter((node) => node.hasAttribute("src")).map((node) => new URL(node.src).protocol),
      text: roots.slice(1).map((root) => root.textContent).join(" "),
      links: nodes.filter((node) => node.localName === "a").length,
    };
  });
  assert.equal(seen.ran, undefined, "something ran");
  for (const name of ["script", "iframe", "object", "embed", "style", "link", "template", "math", "noscript", "base", "meta", "b"]) {
    assert.ok(!seen.names.includes(name), `a ${name} element`);
  }
  assert.deepEqual(seen.handlers, []);
  for (const protocol of seen.protocols) assert.ok(SCHEMES.includes(protocol), protocol);
  for (const protocol of seen.sources) assert.equal(protocol, "blob:");
  return seen;
}

/** Notes every host that the page asks. */
function hosts(page) {
  const asked = new Set();
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith("http")) asked.add(url.host);
  });
  return asked;
}

test("what the server holds is shown as the text it is", async () => {
  const page = await open(browser, "about:blank");
  const asked = hosts(page);
  await page.goto(`${server.chat}#name=${encodeURIComponent(MARKUP[1])}`);
  await page.locator(".human:enabled").waitFor();
  assert.equal(await page.title(), MARKUP[5]);
  assert.equal(new URL(page.url()).hash, "");
  for (const [i, words] of MARKUP.entries()) {
    await ask(page, `marker${i} ${words}`);
    await page.locator(".entry.bot .source", { hasText: `marker${i} ` }).last().waitFor();
  }
  await page.getByRole("button", { name: "Talk to a human" }).first().click();
  await page.getByText("A colleague has your conversation.").waitFor();
  const { ticket_id: id } = await server.newestTicket();
  for (const words of [...MARKUP, ...ADDRESSES]) await server.act(id, { action: "reply", text: words });
  await until("the last reply", async () => (await page.locator(".entry.agent").count()) === MARKUP.length + ADDRESSES.length);
  const { text } = await harmless(page);
  for (const words of MARKUP) assert.ok(text.includes(words), words);
  await page.reload();
  await page.locator(".entry.agent").first().waitFor();
  await harmless(page);
  assert.deepEqual([...asked], [new URL(server.url).host]);
  await page.done();
});

/** One message of each kind with these words and this address in every place that a client reads. */
function messages(words, address, from) {
  const common = { ticket_id: "1", created_at: 1_767_600_000_000, text: words };
  const faq = { id: "1", question: words, score: 0.9, answer: words };
  const rich = [
    { type: "text", content: words, text: words },
    { type: "hyperlink", url: address, text: words },
    { type: "hyperlink", url: address },
    { type: "img", src: address },
    { type: "img", key: address, src: address },
    { type: words, content: words, url: address },
    { type: "text", content: { toString: words } },
    null,
    words,
  ];
  const parts = [[{ tag: "text", text: words }, { tag: "a", href: address, text: words }, { tag: "a", href: address }, { tag: "img", image_key: address }, { tag: "at", user_name: words }, { tag: words, text: words }], words];
  const card = {
    header: { title: { content: words }, subtitle: { content: words } },
    elements: [
      { tag: "div", text: { content: words }, fields: [{ text: { content: words } }] },
      { tag: "action", actions: [{ tag: "button", text: { content: words }, url: address }, { tag: "button", url: address }, { tag: "button", text: words, multi_url: { url: address } }] },
      { tag: "markdown", content: words },
      { tag: words, elements: [{ tag: "img", img_key: address }], columns: [words] },
    ],
  };
  const shapes = [
    { kind: "text", from: "agent", sender: { open_id: words, name: words } },
    { kind: "text", from: "agent", text: address, sender: { open_id: "1", name: address } },
    { kind: "answer", from: "bot", mode: "direct", answered_by: "app", faqs: [{ ...faq, answer_richtext: rich }, faq] },
    { kind: "answer", from: "bot", mode: "list", answered_by: words, faqs: [faq] },
    { kind: "answer", from: "bot", mode: words, faqs: [] },
    { kind: "post", from: "bot", post: { title: words, content: parts } },
    { kind: "post", from: "bot", post: { title: { a: 1 }, content: rich } },
    { kind: "post", from: "bot", post: words },
    { kind: "card", from: "bot", card },
    { kind: "card", from: "bot", card: { i18n_elements: { en_us: card.elements } } },
    { kind: "card", from: "bot", card: words },
    { kind: "image", from: "agent", image_key: address },
    { kind: "notice", from: "system", notice: words },
    { kind: words, from: words },
  ];
  return shapes.map((shape, i) => ({ ...common, ...shape, position: from + i, message_id: `om_${from + i}` }));
}

test("what no honest server would send does not run either, not even on a site without a policy", async (t) => {
  const site = createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/html" });
    response.end(`<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>Shop</title><script src="${server.url}/widget.js" data-desk="${DESK}"></script></html>`);
  });
  t.after(() => {
    site.closeAllConnections();
    site.close();
  });
  await new Promise((resolve) => site.listen(0, "127.0.0.1", resolve));
  const all = [];
  for (const [i, address] of ADDRESSES.entries()) all.push(...messages(MARKUP[i % MARKUP.length], address, all.length + 1));
  const page = await open(browser, "about:blank", { allow: [/status of 404/] });
  const asked = hosts(page);
  const headers = { "access-control-allow-origin": "*" };
  await page.route("**/guest/v1/desks/*/sessions", async (route) => {
    if (route.request().method() === "OPTIONS") return route.continue();
    const answer = await route.fetch();
    const session = await answer.json();
    Object.assign(session.desk, { name: MARKUP[0], welcome: ADDRESSES.join("\n"), suggested: [{ id: "1", question: MARKUP[1] }] });
    session.guest.name = MARKUP[2];
    session.ticket = { ticket_id: "1", stage: 1, status: 1 };
    return route.fulfill({ json: session, headers });
  });
  await page.route("**/guest/v1/messages?*", (route) => {
    if (route.request().method() === "OPTIONS") return route.continue();
    const after = Number(new URL(route.request().url()).searchParams.get("after"));
    return route.fulfill({ json: { messages: all.filter((m) => m.position > after).slice(0, 100), has_more: all.length > after + 100 }, headers });
  });
  await page.goto(`http://127.0.0.1:${site.address().port}/`);
  await page.getByRole("button", { name: "Open the help chat" }).click();
  await until("all messages", async () => (await page.locator(".entry").count()) >= all.length);
  const { text, links } = await harmless(page);
  for (const words of MARKUP) assert.ok(text.includes(words), words);
  assert.ok(links > 0, "honest addresses are links still");
  // Every link and picture is pressed: nothing runs, and the page stays where it is.
  await page.evaluate(() => {
    const root = document.querySelector("deskwire-widget").shadowRoot.querySelector("deskwire-chat").shadowRoot;
    for (const link of root.querySelectorAll(".log a")) link.dispatchEvent(new MouseEvent("mouseover", { bubbles: true }));
  });
  await harmless(page);
  const own = [new URL(server.url).host, `127.0.0.1:${site.address().port}`];
  assert.deepEqual([...asked].filter((host) => !own.includes(host)), []);
  await page.done();
});

test("the page's policy forbids inline code, foreign code and markup from strings", async () => {
  const answer = await fetch(server.chat);
  const policy = answer.headers.get("content-security-policy");
  for (const part of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'"]) {
    assert.ok(policy.split("; ").includes(part), part);
  }
  assert.doesNotMatch(policy, /unsafe|https?:|\*/);
  const html = await answer.text();
  assert.doesNotMatch(html, /<script(?![^>]* src=)|<style| style=| on\w+=/i);
  const page = await open(browser, server.chat, { allow: [/TrustedHTML/, /Trusted Type/i] });
  const refused = await page.evaluate(() => {
    try {
      document.createElement("div").innerHTML = "<b>x</b>";
      return false;
    } catch {
      return true;
    }
  });
  assert.ok(refused);
  await page.done();
});
