// Pictures of the chat and the console for the documents, of the demo desk: node tests/screenshots.mjs FOLDER

import { spawnSync } from "node:child_process";
import { createServer } from "node:http";
import { join } from "node:path";
import { ask, DESK, launch, Server } from "./harness.mjs";

const folder = process.argv[2];
if (!folder) throw new Error("say where the pictures go: node tests/screenshots.mjs FOLDER");
const fonts = spawnSync("fc-list", [":lang=zh"], { encoding: "utf8" });
if (!fonts.stdout?.trim()) throw new Error("no font here has Chinese; install one: apt-get install fonts-noto-cjk");

const server = await Server.demo();
const browser = await launch();
const desktop = { viewport: { width: 1120, height: 860 } };
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

async function visit(options, url = server.chat) {
  const context = await browser.newContext({ reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

async function take(page, name) {
  await page.waitForTimeout(400);
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await page.context().close();
}

async function answer(page, text) {
  await ask(page, text);
  await page.locator(".entry.own", { hasText: text }).last().waitFor();
  await page.locator(".dots").waitFor({ state: "detached" });
  await page.locator(".log > .entry.bot:last-child").waitFor();
}

for (const colorScheme of ["light", "dark"]) {
  const english = { locale: "en-GB", colorScheme };
  const chinese = { locale: "zh-CN", colorScheme };
  let page = await visit({ ...english, ...desktop });
  await page.locator(".human:enabled").waitFor();
  await take(page, `chat-welcome-${colorScheme}`);

  page = await visit({ ...english, ...desktop });
  await answer(page, "How do I get on the VPN?");
  await page.locator(".entry.bot .choice").first().click();
  await page.locator(".entry.bot .feedback").first().waitFor();
  await take(page, `chat-desktop-${colorScheme}`);

  page = await visit({ ...chinese, ...phone });
  await answer(page, "忘记密码怎么办");
  await page.getByRole("button", { name: "已解决" }).click();
  await page.locator("textarea[aria-label]").fill("怎么连 VPN");
  await page.locator(".typed").waitFor();
  await take(page, `chat-phone-${colorScheme}`);

  page = await visit({ ...english, ...phone });
  await answer(page, "How do I get on the VPN?");
  await page.locator(".human").click();
  await page.locator(".strip").waitFor();
  const { ticket_id: id } = await server.newestTicket();
  const { ticket } = await server.openApi("GET", `/tickets/${id}`);
  const agent = ticket.agent_owner.id;
  await server.act(id, { action: "reply", text: "Hi! Which gateway do you use?", open_id: agent });
  await page.locator(".entry.agent").waitFor();
  await server.act(id, { action: "close", open_id: agent });
  await page.locator(".faces label").nth(2).click();
  await take(page, `chat-rating-${colorScheme}`);

  const shop = createServer((_, response) => {
    const dark = colorScheme === "dark";
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    response.end(`<!doctype html><html lang="en"><meta name="color-scheme" content="light dark"><title>Intranet</title>
      <style>body{margin:0;font:16px/1.6 system-ui,sans-serif;background:${dark ? "#101216" : "#fff"};color:${dark ? "#c9ced8" : "#39404d"}}main{max-width:40rem;padding:3rem}div{height:.9rem;border-radius:4px;margin:.8rem 0;background:${dark ? "#1d2129" : "#eef0f4"}}</style>
      <main><h1>Intranet</h1>${"<div></div>".repeat(14)}</main>
      <script src="${server.url}/widget.js" data-desk="${DESK}" data-accent="#7a3ff2"></script></html>`);
  });
  await new Promise((resolve) => shop.listen(0, "127.0.0.1", resolve));
  page = await visit({ ...english, ...desktop }, `http://127.0.0.1:${shop.address().port}/`);
  await page.getByRole("button", { name: "Open the help chat" }).click();
  await answer(page, "How do I get on the VPN?");
  await take(page, `chat-widget-${colorScheme}`);
  shop.close();
}

/** Somebody at the demo desk has asked for a human. */
async function asks(name, language, texts) {
  const guest = await server.guest({ name, language });
  for (const text of texts) await guest.post("/messages", { text });
  return { guest, id: (await guest.post("/human")).ticket_id };
}

/** The console of the demo desk's owner. */
async function agentAt(place, options) {
  const page = await visit(options, "about:blank");
  await page.goto(`${server.url}/agent${place}`);
  await page.locator("input[name=email]").fill("ada@demo.test");
  await page.locator("input[name=password]").fill("ada-demo");
  await page.keyboard.press("Enter");
  await page.locator(".row-link").first().waitFor();
  return page;
}

const { guest, id } = await asks("Eve Lindqvist", "en", ["How do I get on the VPN?"]);
await asks("冯磊", "zh-CN", ["打印机坏了", "忘记密码怎么办"]);
await asks("Noor Haddad", "en", ["My laptop does not start any more"]);
const owner = (await server.openApi("GET", `/tickets/${id}`)).ticket.agent_owner.id;
const { csrf_token, cookie } = await signedIn();
const staff = (method, path, body) => server.call(method, `/console/v1${path}`, body, { cookie, "x-csrf-token": csrf_token });
await server.act(id, { action: "reply", text: "Hi Eve! Which gateway do you use?", open_id: owner });
await guest.post("/messages", { text: "The one in Berlin. It drops every ten minutes." });
await staff("POST", `/tickets/${id}/notes`, { text: "Same as on Monday: the old certificate. 换证书即可。" });
await staff("PATCH", `/tickets/${id}`, { tag_names: ["vpn"], remark: "Works from home until Friday" });
// Waits are worth showing after a while.
await server.call("POST", "/dev/v1/clock", { advance_ms: 7 * 60_000 });

async function signedIn() {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${server.url}/admin/v1/session`, { method: "POST", headers, body: JSON.stringify({ email: "ada@demo.test", password: "ada-demo" }) });
  return { ...(await response.json()), cookie: response.headers.getSetCookie().map((line) => line.split(";")[0]).join("; ") };
}

for (const colorScheme of ["light", "dark"]) {
  const wide = { viewport: { width: 1440, height: 900 }, locale: "en-GB", colorScheme };
  let page = await agentAt(`?inbox=open&ticket=${id}`, wide);
  await page.locator(".entry-note").waitFor();
  await take(page, `console-desktop-${colorScheme}`);
  page = await agentAt(`?inbox=open&ticket=${id}`, wide);
  await page.getByRole("tab", { name: "FAQs" }).click();
  await page.locator(".faq").first().waitFor();
  await page.getByRole("button", { name: "Private note", exact: true }).click();
  await page.locator(".composer textarea").fill("Ask the network team before Friday");
  await page.getByText("Draft saved").waitFor();
  await take(page, `console-note-${colorScheme}`);
  await staff("DELETE", `/tickets/${id}/draft`);
  page = await agentAt(`?inbox=open&ticket=${id}`, wide);
  await page.getByRole("button", { name: "Transfer" }).click();
  await page.getByRole("dialog").getByRole("option").first().waitFor();
  await take(page, `console-transfer-${colorScheme}`);
  page = await agentAt("?inbox=open", { ...phone, locale: "zh-CN", colorScheme });
  await take(page, `console-phone-list-${colorScheme}`);
  page = await agentAt("?inbox=open", { ...phone, locale: "zh-CN", colorScheme });
  await page.locator(".row-link", { hasText: "Eve" }).tap();
  await page.locator(".entry-note").waitFor();
  await take(page, `console-phone-${colorScheme}`);
}
await browser.close();
await server.stop();
