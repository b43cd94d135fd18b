// Reports: what people do shows as figures, each leads to its tickets, and tables are files.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { DESK, openAs, PEOPLE, Sink, staffed, stage } from "./harness.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const sink = await Sink.start();
const file = staffed(sink.url);
// One agent, who gets all tickets.
const [helpdesk] = file.tenants[0].helpdesks;
helpdesk.agents = helpdesk.agents.filter(({ user }) => user !== "u_bob");
const { server, browser } = await stage(file, sink);

const REPORTS = `/admin/desks/${DESK}/reports`;

/** A guest asks for a human, an agent answers and closes, the guest rates; the ticket's id. */
async function served(name) {
  const guest = await server.guest({ name });
  await guest.post("/messages", { text: "Where is the printer?" });
  const { ticket_id: id } = await guest.post("/human");
  await server.act(id, { action: "take" });
  await server.act(id, { action: "reply", text: "Second floor." });
  await server.act(id, { action: "close" });
  await guest.post("/rating", { score: 3 });
  return id;
}

test("what people do shows as figures that lead to its tickets, and what is new comes by itself", async () => {
  const id = await served("=Gina");
  const page = await openAs(browser, server, REPORTS, PEOPLE.owner);
  const tile = (name) => page.locator(".tile", { has: page.getByRole("heading", { name, exact: true }) });
  await tile("Tickets").locator(".tile-value", { hasText: /^1$/ }).waitFor();
  await tile("Satisfaction").locator(".tile-value", { hasText: /^3$/ }).waitFor();
  await served("Hugo");
  await tile("Tickets").locator(".tile-value", { hasText: /^2$/ }).waitFor();

  await tile("Satisfaction").getByRole("link", { name: "Satisfied: 2", exact: true }).click();
  await page.getByRole("heading", { name: "Tickets: Satisfied" }).waitFor();
  assert.equal(await page.getByRole("link", { name: "=Gina" }).getAttribute("href"), `/agent?ticket=${id}`);
  const [tickets] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "CSV: Tickets: Satisfied" }).click()]);
  const text = readFileSync(await tickets.path(), "utf8");
  assert.ok(text.startsWith("\ufeffticket_id,guest,"), text);
  assert.match(text, /,'=Gina,/, "no formula");

  await page.getByRole("link", { name: "Back to the report" }).click();
  const [days] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "CSV: By day" }).click()]);
  assert.match(days.suggestedFilename(), /^day-.*\.csv$/);
  await page.getByLabel("Days").selectOption({ label: "Yesterday" });
  await page.waitForURL(/from=(\d{4}-\d\d-\d\d)&to=\1$/);
  await tile("Tickets").locator(".tile-value", { hasText: /^0$/ }).waitFor();
  assert.equal(await page.getByLabel("Days").inputValue(), "yesterday");
  await page.getByLabel("Days").selectOption("1");
  await page.waitForURL(/days=1/);
  await page.locator(".heat td a").first().click();
  await page.locator(".report-ticket").nth(1).waitFor();
  await page.done();
});

for (const colorScheme of ["light", "dark"]) {
  test(`a report is for everybody, ${colorScheme}, also on a phone`, async () => {
    await served("Ida");
    const page = await openAs(browser, server, REPORTS, PEOPLE.owner, { colorScheme, bypassCSP: true, reducedMotion: "reduce", viewport: { width: 390, height: 844 } });
    await page.addInitScript(axe);
    for (const [path, there] of [[REPORTS, ".heat"], [`${REPORTS}/tickets?days=1`, ".report-ticket"]]) {
      await page.goto(server.url + path);
      await page.locator(there).first().waitFor();
      const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
      const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
      assert.deepEqual(serious.map(({ id: rule, nodes }) => `${rule}: ${nodes.map((node) => node.html).join(" ")}`), [], path);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${path} is ${wide} px too wide`);
    }
    await page.done();
  });
}
