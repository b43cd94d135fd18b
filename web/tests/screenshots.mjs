// Pictures of the chat for the README, of the demo desk: node tests/screenshots.mjs FOLDER

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
await browser.close();
await server.stop();
