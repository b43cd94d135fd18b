// The chat for people who do not use a mouse, or do not see it: axe-core in both themes, and a run by keyboard alone.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { answered, ask, open, PICTURE, question, stage } from "./harness.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const { server, browser } = await stage();

/** Everything that axe-core finds, by what it is; its own inline styles would break the page's policy, so they are off. */
async function violations(page) {
  const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  return violations.filter(({ impact }) => impact === "serious" || impact === "critical").map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
}

for (const colorScheme of ["light", "dark"]) {
  test(`axe-core finds nothing serious, ${colorScheme}`, async () => {
    // bypassCSP lets axe-core in; the page itself is held to its policy by all other tests.
    const page = await open(browser, "about:blank", { colorScheme, bypassCSP: true, reducedMotion: "reduce" });
    await page.addInitScript(axe);
    await page.goto(server.chat);
    await page.locator(".human:enabled").waitFor();
    await page.getByRole("button", { name: "Accounts" }).click();
    assert.deepEqual(await violations(page), [], "welcome");
    await question(page).fill("forgot pass");
    await page.locator(".typed").waitFor();
    assert.deepEqual(await violations(page), [], "suggestions");
    await ask(page, "laptop");
    await answered(page, "You may want to ask");
    await ask(page, "Where is the office map?");
    await answered(page, "Here:");
    await page.locator("input[type=file]").setInputFiles({ name: "b.png", mimeType: "image/png", buffer: PICTURE });
    await page.locator(".entry.own .picture").waitFor();
    await page.locator("input[type=file]").setInputFiles({ name: "c.pdf", mimeType: "application/pdf", buffer: PICTURE });
    await page.getByRole("alert").getByText("Only PNG").waitFor();
    assert.deepEqual(await violations(page), [], "answers");
    await page.getByRole("button", { name: "Talk to a human" }).first().click();
    await page.getByText("A colleague has your conversation.").waitFor();
    const { ticket_id: id } = await server.newestTicket();
    await server.act(id, { action: "reply", text: "Hello" });
    await page.locator(".entry.agent").waitFor();
    assert.deepEqual(await violations(page), [], "agent");
    await page.getByRole("button", { name: "End conversation" }).click();
    assert.deepEqual(await violations(page), [], "dialog");
    await page.getByRole("alertdialog").getByRole("button", { name: "End conversation" }).click();
    await page.locator("label", { hasText: "Good" }).last().click();
    await page.getByText("What was it about?").waitFor();
    assert.deepEqual(await violations(page), [], "rating");
    await page.done();
  });
}

/** What has the focus, as a screen reader would name it. */
function focused(page) {
  return page.evaluate(() => {
    let node = document.activeElement;
    while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
    return node?.getAttribute("aria-label") || node?.closest("label")?.innerText || node?.innerText || node?.value || "";
  });
}

/** Presses Tab, or Shift+Tab, until this has the focus, and sees to it that the focus can be seen. */
async function tabTo(page, name, key = "Tab") {
  for (let presses = 0; presses < 40; presses += 1) {
    if ((await focused(page)).includes(name)) return;
    await page.keyboard.press(key);
  }
  assert.fail(`${name} was not reached; the focus is on ${await focused(page)}`);
}

test("by keyboard alone: ask, pick, judge, get a human, end, rate", async () => {
  const page = await open(browser, server.chat);
  await page.locator(".human:enabled").waitFor();
  const keys = page.keyboard;
  await keys.press("Tab");
  assert.equal(await focused(page), "Skip to the question field");
  await keys.press("Enter");
  assert.equal(await focused(page), "Your question");
  await tabTo(page, "切换到中文", "Shift+Tab");
  const ring = await page.evaluate(() => {
    const node = document.querySelector("deskwire-chat").shadowRoot.activeElement;
    return getComputedStyle(node).outlineStyle;
  });
  assert.equal(ring, "solid", "the focus can be seen");
  await tabTo(page, "Your question");
  await keys.type("laptop");
  await page.locator(".typed").waitFor();
  await keys.press("ArrowUp");
  assert.match(await focused(page), /laptop/);
  await keys.press("ArrowUp");
  await keys.press("Escape");
  assert.equal(await focused(page), "Your question");
  await page.locator(".typed").waitFor({ state: "detached" });
  await keys.press("Enter");
  await answered(page, "You may want to ask");
  await tabTo(page, "How do I get a new laptop?", "Shift+Tab");
  await keys.press("Enter");
  await answered(page, "Order one in the catalogue.");
  await tabTo(page, "Your question");
  await tabTo(page, "Yes", "Shift+Tab");
  await keys.press("Space");
  await page.getByText("Glad that helped.").first().waitFor();
  assert.equal(await focused(page), "Your question");
  await tabTo(page, "Talk to a human", "Shift+Tab");
  await keys.press("Enter");
  await page.getByText("A colleague has your conversation.").waitFor();
  assert.equal(await focused(page), "Your question");
  await tabTo(page, "End conversation", "Shift+Tab");
  await keys.press("Enter");
  await page.getByRole("alertdialog").waitFor();
  await keys.press("Escape");
  await page.getByRole("alertdialog").waitFor({ state: "detached" });
  await tabTo(page, "End conversation", "Shift+Tab");
  await keys.press("Enter");
  await page.getByRole("alertdialog").waitFor();
  assert.equal(await focused(page), "End conversation");
  await keys.press("Enter");
  await page.locator("label", { hasText: "Not good" }).waitFor();
  await keys.press("Tab");
  await keys.press("Space");
  await keys.press("ArrowRight");
  await keys.press("ArrowRight");
  assert.equal(await focused(page), "Good");
  await tabTo(page, "Quick");
  await keys.press("Space");
  await tabTo(page, "Send rating");
  await keys.press("Enter");
  await page.getByText("Thank you for the rating.").waitFor();
  assert.equal(await focused(page), "Your question");
  await page.done();
});

test("a screen reader hears answers, but neither the history nor the guest's own words", async () => {
  const page = await open(browser, server.chat);
  await ask(page, "forgot password");
  await answered(page, "Open Settings > Security.");
  const log = page.getByRole("log");
  await page.locator('[role="log"][aria-live="polite"]').waitFor();
  assert.equal(await page.locator(".entry.own").first().getAttribute("aria-live"), "off");
  // The page's time stands still, so that it stays at its beginning for as long as this takes.
  const now = Date.now();
  await page.clock.install({ time: now });
  await page.clock.pauseAt(now + 1_000);
  await page.reload();
  await answered(page, "Open Settings > Security.");
  assert.equal(await log.getAttribute("aria-live"), "off", "as it is read from the history");
  await page.clock.runFor(1_000);
  await page.locator('[role="log"][aria-live="polite"]').waitFor();
  await page.done();
});
