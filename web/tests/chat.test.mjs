// What a guest does on the chat page.

import assert from "node:assert/strict";
import { test } from "node:test";
import { answered, ask, open, PICTURE, question, stage, until } from "./harness.mjs";

const { server, browser } = await stage();

test("a question is answered in English and in Chinese, and the texts follow the guest's language", async () => {
  const page = await open(browser, server.chat);
  await page.getByText("Hello! Ask anything.").waitFor();
  assert.equal(await page.title(), "IT help");
  await page.getByText("Colleagues are on duty").waitFor();
  await ask(page, "How do I reset my password?");
  const answer = await answered(page, "Open Settings > Security.");
  assert.equal(await answer.locator(".source").innerText(), "Answer to\nHow do I reset my password?");
  await page.getByRole("button", { name: "切换到中文" }).click();
  assert.equal(await question(page).getAttribute("placeholder"), "请输入您的问题…");
  assert.equal(await page.locator("html").getAttribute("lang"), "zh-CN");
  await ask(page, "密码忘了");
  await answered(page, "打开设置里的安全页面。");
  await page.reload();
  await page.getByRole("button", { name: "转人工" }).first().waitFor();
  await page.done();
  const chinese = await open(browser, server.chat, { locale: "zh-CN" });
  await chinese.getByText("大家常问").waitFor();
  assert.deepEqual(await chinese.locator(".welcome .rowbutton").allInnerTexts(), ["忘记密码怎么办？"]);
  await chinese.done();
});

test("topics open, suggested questions ask, and one suggested while typing is asked in full", async () => {
  const page = await open(browser, server.chat);
  const topic = page.getByRole("button", { name: "Accounts" });
  await topic.click();
  assert.equal(await topic.getAttribute("aria-expanded"), "true");
  await page.getByRole("button", { name: "Passwords" }).waitFor();
  await page.locator(".welcome .rowbutton", { hasText: "How do I get a new laptop?" }).click();
  await answered(page, "Order one in the catalogue.");
  await question(page).fill("forgot my passw");
  await page.locator(".typed .rowbutton", { hasText: "How do I reset my password?" }).click();
  await answered(page, "Open Settings > Security.");
  assert.equal(await question(page).inputValue(), "");
  assert.equal(await page.locator(".typed").count(), 0);
  await page.done();
});

test("Enter sends, but not while an input method composes, and not with Shift", async () => {
  const page = await open(browser, server.chat);
  await page.locator(".human:enabled").waitFor();
  const field = question(page);
  await field.fill("密码");
  await field.evaluate((node) => node.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true, cancelable: true })));
  await field.press("Shift+Enter");
  assert.equal(await field.inputValue(), "密码\n");
  assert.equal(await page.locator(".entry").count(), 0);
  await field.press("Enter");
  await answered(page, "打开设置里的安全页面。");
  assert.equal(await page.locator(".entry.own .text").innerText(), "密码");
  await page.done();
});

test("a candidate is picked, and the answer judged; the judgement is there after a reload", async () => {
  const page = await open(browser, server.chat);
  await ask(page, "laptop");
  const list = page.locator(".entry.bot").last();
  await list.getByText("You may want to ask").waitFor();
  await list.getByRole("button", { name: "How do I repair a broken laptop?" }).click();
  const answer = await answered(page, "Bring it to room 2.");
  await answer.getByRole("button", { name: "Yes" }).click();
  await answer.getByText("Glad that helped.").waitFor();
  await page.reload();
  await (await answered(page, "Bring it to room 2.")).getByText("Glad that helped.").waitFor();
  await ask(page, "How do I get a new laptop?");
  const second = await answered(page, "Order one in the catalogue.");
  await second.getByRole("button", { name: "No", exact: true }).click();
  await second.getByText("Sorry about that.").waitFor();
  await second.getByRole("button", { name: "Talk to a human" }).waitFor();
  await page.done();
});

test("an answer with a picture and a link shows them, and the picture opens", async () => {
  const page = await open(browser, server.chat);
  await ask(page, "Where is the office map?");
  const answer = await answered(page, "Here:");
  assert.equal(await answer.getByRole("link", { name: "the map" }).getAttribute("href"), "https://maps.example/office");
  assert.equal(await answer.getByRole("link").getAttribute("rel"), "noopener noreferrer nofollow");
  await answer.locator(".picture img").waitFor();
  await answer.getByRole("button", { name: "Show the picture larger" }).click();
  await page.locator("dialog[open] img").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("dialog").waitFor({ state: "detached" });
  await page.done();
});

test("pictures are sent by paste, drop and button, and are there after a reload", async () => {
  const page = await open(browser, server.chat);
  await page.locator(".human:enabled").waitFor();
  const give = (target, kind, words = "") =>
    target.evaluate(
      (node, { bytes, kind, words }) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(bytes)], "a.png", { type: "image/png" }));
        if (words) data.setData("text/plain", words);
        const event = kind === "paste" ? new ClipboardEvent(kind, { clipboardData: data, bubbles: true, cancelable: true }) : new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true });
        node.dispatchEvent(event);
        return event.defaultPrevented;
      },
      { bytes: [...PICTURE], kind, words },
    );
  assert.equal(await give(question(page), "paste", "cells of a sheet"), false, "the words are what was copied, not the picture of them");
  await give(question(page), "paste");
  await page.locator(".entry.own .foot time").first().waitFor();
  await give(page.locator(".chat"), "drop");
  await page.locator(".entry.own .foot time").nth(1).waitFor();
  await page.locator("input[type=file]").setInputFiles({ name: "b.png", mimeType: "image/png", buffer: PICTURE });
  await page.locator(".entry.own .foot time").nth(2).waitFor();
  await page.locator("input[type=file]").setInputFiles({ name: "c.pdf", mimeType: "application/pdf", buffer: PICTURE });
  await page.getByText("Only PNG, JPEG, GIF and WebP").waitFor();
  await page.reload();
  await until("three loaded pictures", async () => {
    const widths = await page.locator(".entry.own .picture img").evaluateAll((all) => all.map((img) => img.naturalWidth));
    return widths.length === 3 && widths.every((width) => width === 40);
  });
  await page.done();
});

test("a human is asked for: an agent answers, the next guest queues, and the ended ticket is rated with reasons", async () => {
  const [page, second] = [await open(browser, server.chat), await open(browser, server.chat)];
  await ask(page, "How do I get a new laptop?");
  await answered(page, "Order one in the catalogue.");
  await page.getByRole("button", { name: "Talk to a human" }).first().click();
  await page.getByText("A colleague has your conversation.").waitFor();
  assert.equal(await page.getByRole("button", { name: "Talk to a human" }).count(), 0);
  const ticket = await server.newestTicket();
  await server.act(ticket.ticket_id, { action: "reply", text: "Which model?" });
  const reply = page.locator(".entry.agent", { hasText: "Which model?" });
  assert.equal(await reply.locator(".sender").innerText(), "Ada");

  // Ada takes one at a time.
  await second.getByRole("button", { name: "Talk to a human" }).click();
  await second.getByText("You are next in line. A colleague will answer here.").waitFor();
  await second.reload();
  await second.getByText("You are next in line.").waitFor();

  await server.act(ticket.ticket_id, { action: "close", solved: true });
  await page.getByText("How was it?").waitFor();
  await second.getByText("A colleague has your conversation.").waitFor();
  await page.reload();
  await page.getByText("How was it?").waitFor();
  await page.locator("label", { hasText: "Not good" }).click();
  await page.locator("label", { hasText: "Too slow" }).click();
  await page.getByLabel("Anything else?").fill("Two days.");
  await page.getByRole("button", { name: "Send rating" }).click();
  await page.getByText("Thank you for the rating.").waitFor();
  const timeline = await server.call("GET", `/dev/v1/tickets/${ticket.ticket_id}/timeline`);
  const rated = JSON.stringify(timeline);
  assert.match(rated, /Too slow. Two days./);
  await page.reload();
  await page.getByText("Which model?").waitFor();
  assert.equal(await page.getByText("How was it?").count(), 0);

  await second.getByRole("button", { name: "End conversation" }).click();
  await second.getByRole("alertdialog").getByRole("button", { name: "End conversation" }).click();
  await second.getByText("How was it?").waitFor();
  await second.getByRole("button", { name: "Ask a new question" }).click();
  await ask(second, "How do I repair a broken laptop?");
  await answered(second, "Bring it to room 2.");
  await Promise.all([page.done(), second.done()]);
});

test("a long conversation shows its end, and what is earlier when asked for", async () => {
  const page = await open(browser, server.chat);
  await page.locator(".human:enabled").waitFor();
  const { token } = await page.evaluate(() => JSON.parse(localStorage.getItem(Object.keys(localStorage).find((key) => key.startsWith("deskwire.session")))));
  await server.call("POST", "/guest/v1/human", {}, { authorization: `Bearer ${token}` });
  for (let i = 1; i <= 70; i += 1) await server.call("POST", "/guest/v1/messages", { text: `line ${i}` }, { authorization: `Bearer ${token}` });
  await page.getByText("line 70", { exact: true }).waitFor();
  await page.reload();
  await page.getByText("line 70", { exact: true }).waitFor();
  assert.equal(await page.getByText("line 2", { exact: true }).count(), 0);
  await page.getByRole("button", { name: "Show earlier messages" }).click();
  await page.getByText("line 2", { exact: true }).waitFor();
  const said = await page.locator(".entry.own .text").allInnerTexts();
  assert.deepEqual(said, Array.from({ length: 70 }, (_, i) => `line ${i + 1}`));
  await server.call("POST", "/guest/v1/close", {}, { authorization: `Bearer ${token}` });
  await page.done();
});

test("on a small screen the welcome is read from its beginning, and stays where it is when a topic opens", async () => {
  const page = await open(browser, server.chat, { viewport: { width: 375, height: 360 } });
  await page.locator(".human:enabled").waitFor();
  const scrolled = () => page.locator(".scroll").evaluate((node) => ({ top: node.scrollTop, more: node.scrollHeight > node.clientHeight }));
  assert.deepEqual(await scrolled(), { top: 0, more: true });
  const topic = page.locator(".chip[aria-expanded]").first();
  await topic.scrollIntoViewIfNeeded();
  const { top } = await scrolled();
  await topic.press("Enter");
  await page.locator(".inner").waitFor();
  assert.equal((await scrolled()).top, top);
  await ask(page, "How do I reset my password?");
  const answer = await answered(page, "Open Settings > Security.");
  await until("the answer is in sight", () => answer.evaluate((node) => node.getBoundingClientRect().top < innerHeight));
  await page.done();
});

test("who comes back after a conversation has ended is greeted below it, and asks from there", async () => {
  const page = await open(browser, server.chat, { viewport: { width: 400, height: 700 } });
  await ask(page, "How do I reset my password?");
  await answered(page, "Open Settings > Security.");
  await page.reload();
  await answered(page, "Open Settings > Security.");
  assert.equal(await page.locator(".again").count(), 0, "it goes on");
  await page.getByRole("button", { name: "End conversation" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "End conversation" }).click();
  await page.getByText("How was it?").waitFor();
  await page.locator(".faces label").last().click();
  await page.getByRole("button", { name: "Send rating" }).click();
  await page.getByText("Thank you").waitFor();
  await page.reload();
  const greeting = page.locator(".again").getByText("Hello! Ask anything.");
  await greeting.waitFor();
  await until("the greeting is in sight", () => greeting.evaluate((node) => node.getBoundingClientRect().top > 0 && node.getBoundingClientRect().bottom < innerHeight));
  const order = () => page.locator(".entry, .again").evaluateAll((nodes) => nodes.map((node) => (node.matches(".again") ? "welcome" : node.matches(".own") ? "own" : "other")).join(" "));
  assert.match(await order(), /^own other.* welcome$/);
  await page.locator(".again .rowbutton").first().click();
  await until("the new question stands below", async () => / welcome own/.test(await order()));
  await until("and its answer", async () => / welcome own other/.test(await order()));
  // Whoever does not want to rate is not asked again.
  await page.getByRole("button", { name: "End conversation" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "End conversation" }).click();
  await page.getByRole("button", { name: "Ask a new question" }).click();
  await page.reload();
  await greeting.waitFor();
  assert.equal(await page.getByText("How was it?").count(), 0);
  await page.done();
});

test("until the script has come the page says that it loads", async () => {
  const page = await open(browser, "about:blank");
  let go;
  const held = new Promise((resolve) => (go = resolve));
  await page.route("**/assets/desk-*.js", async (route) => (await held, route.continue()));
  await page.goto(server.chat, { waitUntil: "commit" });
  await page.getByText("Loading …").waitFor();
  go();
  await page.locator(".human:enabled").waitFor();
  assert.equal(await page.getByText("Loading …").isVisible(), false);
  await page.done();
});
