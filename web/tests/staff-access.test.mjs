// The staff's pages for people who do not use a mouse, do not see well, or hold a phone.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { ADA, DESK, open, openAs, PEOPLE, Sink, staffed, stage, subscribe } from "./harness.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const sink = await Sink.start();
const { server, browser } = await stage(staffed(sink.url), sink);
await subscribe(server);
const guest = await server.guest({ name: "Eve" });
await guest.post("/messages", { text: "How do I reset my password?" });

/** Each page, and what shows that it is there. */
const PAGES = [
  ["/agent", "h1"],
  ["/admin", ".figures"],
  [`/admin/desks/${DESK}/faqs`, ".line"],
  [`/admin/desks/${DESK}/faqs/6900000000000001006`, ".preview img"],
  [`/admin/desks/${DESK}/faqs/6900000000000001006/history`, ".version"],
  [`/admin/desks/${DESK}/faqs/import`, ".card"],
  [`/admin/desks/${DESK}/agents`, ".agent-line"],
  [`/admin/desks/${DESK}/agents/${ADA}`, "fieldset"],
  [`/admin/desks/${DESK}/skills`, ".line"],
  [`/admin/desks/${DESK}/skills/new`, "fieldset"],
  [`/admin/desks/${DESK}/categories`, ".tree"],
  [`/admin/desks/${DESK}/notifications`, ".state"],
  [`/admin/desks/${DESK}/notifications/new`, ".push-card"],
  [`/admin/desks/${DESK}/settings`, ".look"],
  [`/admin/desks/${DESK}/fields`, ".state"],
  [`/admin/desks/${DESK}/fields/new`, "form"],
  [`/admin/desks/${DESK}/gaps`, ".state"],
  [`/admin/desks/${DESK}/gaps/duplicates`, ".state"],
  [`/admin/desks/${DESK}/gaps/decisions`, ".state"],
  [`/admin/desks/${DESK}/answering`, ".graph-area svg"],
  [`/admin/desks/${DESK}/replay`, ".state"],
  [`/admin/desks/${DESK}/replay/cases`, ".state"],
  [`/admin/desks/${DESK}/reports`, ".tile"],
  [`/admin/desks/${DESK}/reports/tickets?days=1`, ".report-ticket"],
  ["/admin/events", ".line"],
  ["/admin/audit", ".audit-line"],
  ["/admin/users", ".line"],
  ["/admin/users/new", "form"],
  ["/admin/users/u_bob", "form"],
  ["/admin/apps", ".line"],
  ["/admin/calls", ".line"],
  ["/admin/apps/cli_a000000000000001", "form"],
  ["/admin/connections", ".state"],
  ["/dev/calls", ".line"],
  ["/dev/events", ".line"],
  ["/dev/connections", ".state"],
  ["/dev/controls", ".fault-form"],
  ["/dev/try", "textarea"],
  ["/dev/sdk", ".code"],
];

async function violations(page) {
  const { violations: found } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  return found.filter(({ impact }) => impact === "serious" || impact === "critical").map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
}

for (const colorScheme of ["light", "dark"]) {
  test(`axe-core finds nothing serious, ${colorScheme}`, async () => {
    const options = { colorScheme, bypassCSP: true, reducedMotion: "reduce", viewport: { width: 1280, height: 900 } };
    const signIn = await open(browser, "about:blank", { ...options, allow: [/401/] });
    await signIn.addInitScript(axe);
    await signIn.goto(`${server.url}/admin`);
    await signIn.getByRole("button", { name: "Sign in" }).click();
    assert.deepEqual(await violations(signIn), [], "sign-in");
    await signIn.done();
    const page = await openAs(browser, server, "/admin", PEOPLE.admin, options);
    await page.addInitScript(axe);
    for (const [path, there] of PAGES) {
      await page.goto(server.url + path);
      await page.locator(there).first().waitFor();
      assert.deepEqual(await violations(page), [], path);
    }
    await page.goto(`${server.url}/dev/calls`);
    await page.locator(".line").first().click();
    await page.locator(".pane-detail .facts").first().waitFor();
    assert.deepEqual(await violations(page), [], "a call");
    await page.goto(`${server.url}/admin/desks/${DESK}/faqs`);
    await page.getByLabel("A guest's question").fill("password");
    await page.keyboard.press("Enter");
    await page.getByText("Why this score").first().click();
    assert.deepEqual(await violations(page), [], "the test box");
    await page.goto(`${server.url}/admin/desks/${DESK}/settings`);
    await page.getByRole("combobox", { name: "New owner" }).fill("b");
    await page.getByRole("option", { name: "Bob", exact: false }).waitFor();
    assert.deepEqual(await violations(page), [], "people to pick from");
    await page.getByRole("button", { name: "Close the help desk" }).click();
    await page.getByRole("dialog").getByLabel("Write its name to close it").waitFor();
    assert.deepEqual(await violations(page), [], "closing a help desk");
    await page.goto(`${server.url}/admin`);
    await page.getByRole("button", { name: "New help desk" }).click();
    await page.getByRole("combobox", { name: "Owner" }).waitFor();
    assert.deepEqual(await violations(page), [], "a new help desk");
    await page.done();
  });
}

test("on a phone nothing stands out of the page, in either language", async () => {
  const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
  const page = await openAs(browser, server, "/admin", PEOPLE.admin, phone);
  for (const language of ["en", "zh"]) {
    await page.evaluate((chosen) => localStorage.setItem("deskwire.staff.language", chosen), language);
    for (const [path, there] of PAGES) {
      await page.goto(server.url + path);
      await page.locator(there).first().waitFor();
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${path} in ${language} is ${wide} px too wide`);
    }
  }
  await page.done();
});
