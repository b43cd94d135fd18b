// The widget on a page of another site, with a Content-Security-Policy as strict as can be.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { widgetSize } from "../scripts/size.mjs";
import { ADA, answered, ask, DESK, EVE, identityToken, launch, open, question, Server, until } from "./harness.mjs";

let server;
let browser;
let site;
let policy = "";
let page = "";

before(async () => {
  [server, browser] = await Promise.all([Server.start(), launch()]);
  site = createServer((request, response) => {
    if (request.url !== "/") return response.writeHead(204).end();
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", "content-security-policy": policy });
    return response.end(page);
  });
  await new Promise((resolve) => site.listen(0, "127.0.0.1", resolve));
  // Nothing but the desk's script and calls; pictures from blob addresses are forbidden too.
  policy = `default-src 'none'; script-src ${server.url}; connect-src ${server.url}; require-trusted-types-for 'script'; trusted-types 'none'`;
});
after(async () => {
  await browser.close();
  site.closeAllConnections();
  await new Promise((resolve) => site.close(resolve));
  await server.stop();
});

function html(attributes) {
  // The site's own styles must not reach into the widget: here they could only come from elements' attributes.
  page = `<!doctype html><html lang="en"><title>Shop</title><h1>Shop</h1><button>Buy</button>
    <script src="${server.url}/widget.js" data-desk="${DESK}" ${attributes} async></script></html>`;
}

function visit(attributes = "", options = {}) {
  html(attributes);
  // The browser reports blob pictures that the policy forbids before they are painted in another way.
  return open(browser, `http://127.0.0.1:${site.address().port}/`, { allow: [/Loading the image 'blob:/, /favicon/], ...options });
}

const launcher = (page) => page.getByRole("button", { name: /Open the help chat/ });

test("the widget is under 30 kB on its way, and asked for again only when it changed", async () => {
  const { gzip } = await widgetSize();
  assert.ok(gzip < 30_000, `widget.js is ${gzip} bytes gzip`);
  const answer = await fetch(`${server.url}/widget.js`, { headers: { "accept-encoding": "gzip" } });
  assert.equal(answer.headers.get("content-encoding"), "gzip");
  assert.equal(answer.headers.get("cross-origin-resource-policy"), "cross-origin");
  const again = await fetch(`${server.url}/widget.js`, { headers: { "if-none-match": answer.headers.get("etag") } });
  assert.equal(again.status, 304);
  const html = await fetch(server.chat);
  assert.equal(html.headers.get("cache-control"), "no-cache");
  const script = /src="(\/assets\/desk-[^"]+\.js)"/.exec(await html.text())[1];
  assert.match((await fetch(server.url + script)).headers.get("cache-control"), /immutable/);
});

test("it opens, answers, closes by Escape, counts what comes in, and goes on after a reload", async () => {
  const page = await visit();
  await launcher(page).click();
  await page.getByText("Hello! Ask anything.").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), "DESKWIRE-WIDGET");
  await ask(page, "How do I reset my password?");
  await answered(page, "Open Settings > Security.");
  await page.getByRole("button", { name: "Talk to a human" }).first().click();
  await page.getByText("A colleague has your conversation.").waitFor();
  await page.keyboard.press("Escape");
  await launcher(page).waitFor();
  const { ticket_id: id } = await server.newestTicket();
  await server.act(id, { action: "reply", text: "Are you there?" });
  await page.getByRole("button", { name: "Open the help chat, 1 new" }).click();
  await page.getByText("Are you there?").waitFor();
  await page.getByRole("button", { name: "Close the chat window" }).click();
  await page.reload();
  await launcher(page).click();
  await page.getByText("Are you there?").waitFor();
  await server.act(id, { action: "close" });
  await page.getByText("How was it?").waitFor();
  await page.done();
});

test("on the next page of the site the chat is shown as before, and hidden it counts what a human wrote meanwhile", async () => {
  const page = await visit();
  await launcher(page).click();
  await ask(page, "How do I reset my password?");
  await answered(page, "Open Settings > Security.");
  await page.reload();
  await answered(page, "Open Settings > Security.");
  assert.equal(await launcher(page).isVisible(), false);
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), "BODY", "the page is not robbed of the focus");
  // With the bot nobody writes by themselves, so nothing is asked for.
  await page.getByRole("button", { name: "Close the chat window" }).click();
  const calls = [];
  page.on("request", (request) => request.url().includes("/sessions") && calls.push(request.url()));
  await page.reload();
  await page.waitForLoadState("networkidle");
  assert.deepEqual(calls, []);
  await launcher(page).click();
  await page.getByRole("button", { name: "Talk to a human" }).first().click();
  await page.getByText("A colleague has your conversation.").waitFor();
  await page.getByRole("button", { name: "Close the chat window" }).click();
  const { ticket_id: id } = await server.newestTicket();
  await page.goto("about:blank");
  await server.act(id, { action: "reply", text: "While you were away" });
  await page.goto(`http://127.0.0.1:${site.address().port}/`);
  const two = page.getByRole("button", { name: "Open the help chat, 1 new" });
  await two.waitFor();
  await server.act(id, { action: "reply", text: "And now" });
  await page.getByRole("button", { name: "Open the help chat, 2 new" }).click();
  await page.getByText("While you were away").waitFor();
  await page.getByPlaceholder("Write a message …").waitFor();
  await page.getByRole("button", { name: "Close the chat window" }).click();
  await page.reload();
  await page.getByRole("button", { name: "Open the help chat", exact: true }).waitFor();
  await server.act(id, { action: "close" });
  await page.done();
});

test("pictures are seen even where the site forbids blob addresses", async () => {
  const page = await visit();
  await launcher(page).click();
  await ask(page, "Where is the office map?");
  const answer = await answered(page, "Here:");
  const canvas = answer.locator("canvas");
  await canvas.waitFor();
  await until("a painted picture", () => canvas.evaluate((node) => node.width === 40 && node.getContext("2d").getImageData(20, 20, 1, 1).data[3] === 255));
  await answer.getByRole("button", { name: "Show the picture larger" }).click();
  await page.locator("dialog[open] canvas").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("dialog").waitFor({ state: "detached" });
  assert.ok(await question(page).isVisible(), "Escape has closed the picture alone");
  await page.done();
});

test("the site says who its guest is by a signed token, and another guest gets another conversation", async () => {
  const page = await visit(`data-identity-token="${identityToken(EVE)}"`);
  await launcher(page).click();
  await ask(page, "forgot password");
  await answered(page, "Open Settings > Security.");
  const { guest } = await server.newestTicket();
  assert.equal(guest.id, EVE);
  // Another guest has missed nothing of this one's conversation.
  await page.getByRole("button", { name: "Talk to a human" }).first().click();
  await page.getByText("A colleague has your conversation.").waitFor();
  await page.getByRole("button", { name: "Close the chat window" }).click();
  html(`data-identity-token="${identityToken(ADA)}"`);
  await page.reload();
  await page.getByRole("button", { name: "Open the help chat", exact: true }).click();
  await page.locator(".human:enabled").waitFor();
  assert.equal(await page.locator(".entry").count(), 0);
  await server.act((await server.newestTicket()).ticket_id, { action: "close" });
  const later = async (token) => {
    html(`data-identity-token="${token}"`);
    await page.reload();
    await page.locator(".human:enabled").waitFor();
  };
  await later(identityToken(ADA));
  assert.equal(await page.locator(".entry").count(), 0);
  await later(identityToken(EVE));
  await answered(page, "Open Settings > Security.");
  await page.done();
  const stranger = await visit(`data-identity-token="${identityToken(EVE, "wrong")}"`, { allow: [/status of 400/] });
  await launcher(stranger).click();
  await stranger.getByText("not signed with this help desk's widget secret").waitFor();
  await stranger.done();
});

test("language, theme and colour are the site's to choose", async () => {
  const page = await visit('data-language="zh" data-theme="dark" data-accent="#f2e205"', { colorScheme: "light" });
  await page.getByRole("button", { name: "打开在线帮助" }).click();
  await page.getByText("大家常问").waitFor();
  const look = await page.locator(".chat").evaluate((node) => ({
    ground: getComputedStyle(node).backgroundColor,
    accent: getComputedStyle(node.querySelector(".human")).color,
  }));
  assert.deepEqual(look, { ground: "rgb(21, 23, 27)", accent: "rgb(242, 226, 5)" });
  await page.done();
});

test("on a phone it fills the screen", async () => {
  const page = await visit("", { viewport: { width: 375, height: 700 } });
  await launcher(page).click();
  await page.getByText("Hello! Ask anything.").waitFor();
  const { width, height } = await page.locator(".chat").boundingBox();
  assert.deepEqual([width, height], [375, 700]);
  assert.ok(await question(page).isVisible());
  await page.done();
});
