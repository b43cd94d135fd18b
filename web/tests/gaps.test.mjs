// What guests ask in vain: shown, closed by a similar question or a new FAQ, put away, and measured; duplicates.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { DESK, openAs, PEOPLE, staffed, stage, until } from "./harness.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const GAPS = `/admin/desks/${DESK}/gaps`;
const MINUTE = 60_000;
const { server, browser } = await stage(staffed());

/** A guest's question with its answer. */
async function asked(text) {
  const guest = await server.guest();
  const { message } = await guest.post("/messages", { text });
  const answer = await until(`an answer to ${text}`, async () => {
    const { messages } = await guest.get(`/messages?after=${message.position}&wait_ms=2000`);
    return messages.find(({ kind }) => kind === "answer");
  });
  return { guest, answer };
}

/** A question whose guest goes to a human. */
async function inVain(text) {
  const { guest, answer } = await asked(text);
  assert.notEqual(answer.mode, "direct");
  await guest.post("/human");
  return answer.ticket_id;
}

/** A question whose guest picks from a list what does not help, and says so. */
async function notSolved(text) {
  const { guest, answer } = await asked(text);
  assert.equal(answer.mode, "list");
  const { message } = await guest.post(`/messages/${answer.message_id}/choose`, { faq_id: answer.faqs[0].id });
  await guest.post(`/messages/${message?.message_id ?? answer.message_id}/feedback`, { solved: false });
  return answer.ticket_id;
}

/** What was worked out is kept for a minute of the desk's time. */
const later = () => server.call("POST", "/dev/v1/clock", { advance_ms: 2 * MINUTE });

const gap = (page, text) => page.getByRole("article").filter({ has: page.getByRole("heading", { name: text }) });

test("an empty page says what will come here", async () => {
  const page = await openAs(browser, server, GAPS, PEOPLE.owner);
  await page.getByText("No unanswered questions").waitFor();
  await page.getByText("will be gathered here").waitFor();
  await page.getByRole("link", { name: "Duplicates" }).click();
  await page.getByText("No duplicates").waitFor();
  await page.getByRole("link", { name: "Decisions" }).click();
  await page.getByText("Nothing was decided yet").waitFor();
  await page.done();
});

test("a question that was not solved is added as a similar question, and is answered at once", async () => {
  const text = "bluetooth headset crackles";
  const ticket = await notSolved(text);
  await later();
  const page = await openAs(browser, server, GAPS, PEOPLE.owner);
  const one = gap(page, text);
  await one.getByText("1 guest", { exact: true }).waitFor();
  await one.getByText("1 not solved", { exact: true }).waitFor();
  const link = one.getByRole("link", { name: "Ticket" });
  await one.getByRole("button", { name: "See why" }).click();
  const tried = page.getByRole("complementary", { name: "Try a question" });
  await tried.locator(".scored > li, p", { hasText: /0\.\d\d|No FAQ/ }).first().waitFor();
  assert.equal(await tried.getByLabel("A guest's question").inputValue(), text);
  assert.equal(await link.getAttribute("href"), `/agent?ticket=${ticket}`);
  await one.getByRole("button", { name: "Add to a FAQ" }).click();
  const add = one.getByRole("button", { name: /^Add 1 similar question/ });
  assert.ok(await add.isDisabled());
  await one.getByRole("searchbox", { name: "Search for a FAQ" }).fill("laptop");
  await one.getByRole("radio", { name: "How do I get a new laptop?" }).check();
  await one.getByLabel("Text 1").fill("my bluetooth headset crackles");
  await add.click();
  await page.getByText("Added. It is answered from now on:").waitFor();
  await page.getByText("No unanswered questions").waitFor();
  // The test box has asked it by itself.
  const box = page.getByRole("complementary", { name: "Try a question" });
  await until("it is in the box", async () => (await box.getByLabel("A guest's question").inputValue()) === "my bluetooth headset crackles");
  await box.locator(".scored > li").first().getByText("Fits similar question 1 best:", { exact: false }).waitFor({ state: "attached" });
  await box.getByText("Answered directly").waitFor();
  const { answer } = await asked("my bluetooth headset crackles");
  assert.deepEqual([answer.mode, answer.faqs[0].question], ["direct", "How do I get a new laptop?"]);
  await page.getByRole("link", { name: "Open the FAQ" }).click();
  await page.getByLabel("Similar question 1", { exact: true }).waitFor();
  assert.equal(await page.getByLabel("Similar question 1", { exact: true }).inputValue(), "my bluetooth headset crackles");
  await page.getByRole("complementary").getByText("Answered directly").waitFor();
  await page.done();
});

test("what agents answered becomes a FAQ that is edited before it is saved", async () => {
  const said = "You find a copy of each invoice in the portal under Billing.";
  for (const text of ["please send invoice copy", "invoice copy please"]) {
    const ticket = await inVain(text);
    await server.act(ticket, { action: "reply", text: said });
    await server.act(ticket, { action: "close" });
  }
  await later();
  const page = await openAs(browser, server, GAPS, PEOPLE.owner);
  const one = page.getByRole("article").filter({ hasText: "from what agents answered in 2 tickets" });
  await one.getByText(said).waitFor();
  await one.getByText("2 guests", { exact: true }).waitFor();
  await one.getByRole("button", { name: "Make a FAQ" }).click();
  const question = one.getByLabel("Question", { exact: true });
  assert.match(await question.inputValue(), /invoice copy/);
  assert.equal(await one.getByLabel("Answer", { exact: true }).inputValue(), said);
  await question.fill("Where is a copy of my invoice?");
  await one.getByLabel("Answer", { exact: true }).fill(`${said} Or ask [Billing](https://billing.test).`);
  await one.getByRole("combobox", { name: "Category" }).selectOption({ label: "Offices" });
  await one.getByRole("button", { name: "Save" }).click();
  await page.getByText("The FAQ is online.").waitFor();
  const { answer } = await asked("Where is a copy of my invoice?");
  assert.deepEqual([answer.mode, answer.faqs[0].question], ["direct", "Where is a copy of my invoice?"]);
  await page.getByRole("link", { name: "Decisions" }).click();
  const decision = page.getByRole("article").filter({ hasText: "Made a FAQ" });
  await decision.getByRole("row", { name: /Before/ }).waitFor();
  await decision.getByText("Ada").waitFor();
  await page.done();
});

test("a group that is no gap is put away, and comes back when that is undone", async () => {
  const text = "zebra crossing paint";
  await inVain(text);
  await later();
  const page = await openAs(browser, server, GAPS, PEOPLE.admin);
  await gap(page, text).getByRole("button", { name: "Not a gap" }).click();
  await page.getByText("Put away, until").waitFor();
  await gap(page, text).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Undo" }).click();
  await gap(page, text).waitFor();
  await gap(page, text).getByRole("button", { name: "Not a gap" }).click();
  await gap(page, text).waitFor({ state: "detached" });
  await page.getByRole("link", { name: "Decisions" }).click();
  await page.getByRole("button", { name: `Undo: ${text}` }).click();
  await page.getByRole("button", { name: `Undo: ${text}` }).waitFor({ state: "detached" });
  await page.getByRole("link", { name: "Open", exact: true }).click();
  await page.getByRole("combobox", { name: "Order" }).selectOption({ label: "Newest first" });
  await gap(page, text).waitFor();
  await page.done();
});

test("of two FAQs that ask the same both stay, or one takes over the other's questions", async () => {
  const page = await openAs(browser, server, `/admin/desks/${DESK}/faqs/new`, PEOPLE.owner);
  await page.getByLabel("Question", { exact: true }).fill("How do I get a new laptop");
  await page.getByRole("button", { name: "Add similar question" }).click();
  await page.getByLabel("Similar question 1", { exact: true }).fill("notebook wanted");
  await page.getByLabel("Answer", { exact: true }).fill("Ask your manager.");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved. Guests get it").waitFor();
  await page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: "Unanswered questions" }).click();
  await page.getByRole("link", { name: "Duplicates" }).click();
  const pair = page.getByRole("article").filter({ hasText: "Ask your manager." });
  await pair.getByText("Order one in the catalogue.").waitFor();
  await pair.getByRole("button", { name: "Both stay" }).click();
  await pair.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Undo" }).click();
  await pair.waitFor();
  await pair.getByRole("button", { name: "Keep this one: How do I get a new laptop?" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Keep one" }).click();
  await pair.waitFor({ state: "detached" });
  const { answer } = await asked("notebook wanted");
  assert.deepEqual([answer.mode, answer.faqs[0].question], ["direct", "How do I get a new laptop?"]);
  await page.done();
});

for (const colorScheme of ["light", "dark"]) {
  test(`axe-core finds nothing serious, and nothing stands out of a phone, ${colorScheme}`, async () => {
    const options = { colorScheme, bypassCSP: true, reducedMotion: "reduce", viewport: { width: 1280, height: 900 } };
    const page = await openAs(browser, server, GAPS, PEOPLE.owner, options);
    await page.addInitScript(axe);
    for (const [path, there] of [[GAPS, ".gap"], [`${GAPS}/duplicates`, ".state, .twins"], [`${GAPS}/decisions`, ".gap table"]]) {
      await page.setViewportSize({ width: 1280, height: 900 });
      await page.goto(server.url + path);
      await page.locator(there).first().waitFor();
      if (path === GAPS) await page.getByRole("button", { name: "Add to a FAQ" }).first().click();
      const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
      const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
      assert.deepEqual(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`), [], path);
      await page.setViewportSize({ width: 360, height: 740 });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${path} is ${wide} px too wide`);
    }
    await page.done();
  });
}
