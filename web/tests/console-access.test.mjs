// The console for people who do not use a mouse, or do not see it; notices for those who look elsewhere.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { consoleOf, staff, waiting, withAgents } from "./console-desk.mjs";
import { stage, until } from "./harness.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const { server, browser } = await stage(withAgents());
await (await staff(server, "bob@pages.test"))("PUT", "/me", { status: "offline" });

async function violations(page) {
  const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  return violations.filter(({ impact }) => impact === "serious" || impact === "critical").map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
}

for (const colorScheme of ["light", "dark"]) {
  test(`axe-core finds nothing serious, ${colorScheme}`, async () => {
    const { id } = await waiting(server, `Ann ${colorScheme}`, "I forgot my password");
    const ada = await staff(server, "ada@pages.test");
    await ada("POST", `/tickets/${id}/notes`, { text: "A note" });
    await ada("PATCH", `/tickets/${id}`, { tag_names: ["vip"], remark: "Loud" });
    // bypassCSP lets axe-core in; the page itself is held to its policy by all other tests.
    const inject = (page) => page.addInitScript(axe);
    const page = await consoleOf(browser, server, `?ticket=${id}`, { colorScheme, bypassCSP: true, reducedMotion: "reduce", before: inject });
    await page.locator(".entry-note").waitFor();
    assert.deepEqual(await violations(page), [], "ticket");
    await page.getByRole("button", { name: "Private note", exact: true }).click();
    await page.locator(".composer textarea").fill("a note");
    await page.getByText("Draft saved").waitFor();
    assert.deepEqual(await violations(page), [], "note");
    await page.locator(".composer textarea").fill("");
    await page.getByRole("tab", { name: "FAQs" }).click();
    await page.locator(".faq").first().waitFor();
    assert.deepEqual(await violations(page), [], "FAQs");
    await page.getByRole("tab", { name: "Timeline" }).click();
    await page.locator(".step").first().waitFor();
    assert.deepEqual(await violations(page), [], "timeline");
    await page.locator(".composer textarea").press("Escape");
    for (const [key, title] of [["?", "Keyboard shortcuts"], ["a", "Transfer to"], ["c", "Add a collaborator"], ["e", "Close the ticket?"], ["Control+k", "Commands"]]) {
      await page.keyboard.press(key);
      await page.getByRole("dialog", { name: title }).waitFor();
      assert.deepEqual(await violations(page), [], title);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    }
    await page.getByRole("button", { name: "New view" }).click();
    assert.deepEqual(await violations(page), [], "new view");
    await page.done();
    const small = await consoleOf(browser, server, "", { ...phone, colorScheme, bypassCSP: true, reducedMotion: "reduce", before: inject });
    await small.locator(".row-link").first().waitFor();
    assert.deepEqual(await violations(small), [], "list on a phone");
    await small.done();
  });
}

test("on a phone one goes from the list to the conversation, to what lies beside it, and back", async () => {
  const { id, guest } = await waiting(server, "Pia", "From my phone");
  const page = await consoleOf(browser, server, "", phone);
  const row = page.locator(".row-link", { hasText: "Pia" });
  await row.tap();
  await page.locator(".entry", { hasText: "From my phone" }).waitFor();
  assert.equal(await row.isVisible(), false);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 390, `nothing is wider than the phone: ${width}`);
  await page.locator(".composer textarea").fill("And from mine");
  await page.getByRole("button", { name: "Send to guest" }).tap();
  await until("the guest has it", async () => (await guest.get("/messages?after=0&limit=100")).messages.some(({ text }) => text === "And from mine"));
  await page.getByRole("button", { name: "Ticket, FAQs and timeline" }).tap();
  await page.getByText(id, { exact: true }).waitFor();
  assert.equal(await page.locator(".composer").isVisible(), false);
  await page.getByRole("button", { name: "Back to the conversation" }).tap();
  await page.locator(".composer").waitFor();
  await page.getByRole("button", { name: "Back to the list" }).tap();
  await row.waitFor();
  await page.done();
});

test("on a tablet the list and a conversation wide enough to read stand side by side", async () => {
  const { id } = await waiting(server, "Tara", "From my tablet");
  const page = await consoleOf(browser, server, `?ticket=${id}`, { viewport: { width: 800, height: 1000 } });
  await page.locator(".entry", { hasText: "From my tablet" }).waitFor();
  const widthOf = async (what) => (await page.locator(what).boundingBox()).width;
  assert.ok((await widthOf(".inbox")) >= 240);
  assert.ok((await widthOf(".conversation")) >= 480);
  await page.getByRole("link", { name: /^Closed/ }).click();
  await page.getByRole("heading", { level: 2, name: "Closed" }).or(page.getByRole("heading", { level: 1, name: "Closed" })).waitFor();
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 800);
  await page.done();
});

test("everything is there in Chinese too", async () => {
  const { id } = await waiting(server, "冯磊", "打印机坏了");
  const page = await consoleOf(browser, server, `?ticket=${id}`);
  await page.locator(".entry", { hasText: "打印机坏了" }).waitFor();
  await page.getByRole("button", { name: "切换到中文" }).click();
  await page.getByRole("button", { name: "发送给访客" }).waitFor();
  const shown = await page.locator("body").innerText();
  for (const english of ["Mine", "Transfer", "Private note", "Tags", "Waiting"]) assert.ok(!shown.includes(english), english);
  await page.getByRole("button", { name: "内部备注", exact: true }).click();
  await page.getByRole("button", { name: "添加内部备注" }).waitFor();
  await page.done();
});

test("a notice comes only while nobody looks, and once for each word", async () => {
  const { guest } = await waiting(server, "Nils", "First");
  const page = await consoleOf(browser, server, "", {
    permissions: ["notifications"],
    before: (page) =>
      page.addInitScript(() => {
        window.noticed = [];
        window.Notification = class {
          static permission = "granted";
          static requestPermission = async () => "granted";
          constructor(title, { body }) {
            window.noticed.push(`${title}: ${body}`);
          }
          close() {}
        };
        window.away = false;
        Object.defineProperty(document, "hidden", { get: () => window.away });
      }),
  });
  await page.getByRole("switch", { name: "Desktop notices" }).click();
  await page.getByText("Notices are on.").waitFor();
  await guest.post("/messages", { text: "While you look" });
  await page.locator(".row-link", { hasText: "While you look" }).waitFor();
  assert.deepEqual(await page.evaluate(() => window.noticed), []);
  await page.evaluate(() => (window.away = true));
  await guest.post("/messages", { text: "While you are away" });
  await until("the notice", async () => (await page.evaluate(() => window.noticed.length)) === 1);
  assert.deepEqual(await page.evaluate(() => window.noticed), ["Nils writes to you: While you are away"]);
  const ada = await staff(server, "ada@pages.test");
  const id = (await guest.get("/ticket")).ticket.ticket_id;
  await ada("PATCH", `/tickets/${id}`, { tag_names: ["tagged"] });
  await page.locator(".row-link .tag", { hasText: "tagged" }).waitFor();
  assert.equal(await page.evaluate(() => window.noticed.length), 1, "a tag is nothing to call for");
  await page.done();
});
