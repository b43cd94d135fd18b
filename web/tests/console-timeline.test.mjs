// The timeline of a ticket in the console: what people did, and how its events reach an app.

import assert from "node:assert/strict";
import { test } from "node:test";
import { consoleOf, staff, waiting, withAgents } from "./console-desk.mjs";
import { Sink, staffed, stage, subscribe, until } from "./harness.mjs";

const sink = await Sink.start();
const file = withAgents();
file.tenants[0].apps = staffed(sink.url).tenants[0].apps;
const { server, browser } = await stage(file, sink);
await subscribe(server);

const events = (page) => page.locator(".step-event");
const timeline = (page) => page.getByRole("tab", { name: "Timeline" }).click();

test("each event says to which app it goes, what was tried and whether it was acknowledged", async () => {
  const { guest, id } = await waiting(server, "Dana", "Does the app hear this?");
  const page = await consoleOf(browser, server, `?ticket=${id}`);
  await timeline(page);
  await events(page).filter({ hasText: "ticket.created_v1 → " }).filter({ hasText: "Acknowledged" }).waitFor();
  await page.locator(".step", { hasText: "Handed over to humans" }).waitFor();
  sink.works = false;
  await guest.post("/messages", { text: "And this?" });
  const failed = events(page).filter({ hasText: "attempt failed" }).last();
  await failed.getByText(/next at/).waitFor();
  assert.match(await failed.innerText(), /ticket_message\.created_v1 → .*\n1 attempt failed · next at .*\d:\d\d:\d\d.* · HTTP 500/);
  // What the app answered: Ada owns the help desk.
  assert.ok((await failed.locator(".event-outcome").innerText()) !== "");
  const order = await page.locator(".timeline .step").evaluateAll((steps) => steps.map((step) => step.querySelector(":scope > time").dateTime));
  assert.deepEqual(order, order.toSorted(), "by time");
  sink.works = true;
  await page.done();
});

test("events of a long ticket are read part by part, the newest first", async () => {
  const { guest, id } = await waiting(server, "Lars", "0");
  for (let at = 1; at <= 120; at += 1) await guest.post("/messages", { text: String(at) });
  const page = await consoleOf(browser, server, `?ticket=${id}`);
  const sizes = [];
  page.on("response", async (response) => {
    if (response.url().includes("/deliveries")) sizes.push((await response.json()).deliveries.length);
  });
  await timeline(page);
  await events(page).first().waitFor();
  assert.equal(await events(page).count(), 100);
  assert.equal(await events(page).filter({ hasText: "ticket.created_v1" }).count(), 0, "the oldest is not among them");
  await page.getByRole("button", { name: "Show earlier steps" }).click();
  await events(page).filter({ hasText: "ticket.created_v1" }).waitFor();
  await page.getByRole("button", { name: "Show earlier steps" }).waitFor({ state: "detached" });
  assert.ok(sizes.every((size) => size <= 100), String(sizes));
  await page.done();
});

test("steps of a long ticket are read part by part, and what happens comes at the end", async () => {
  const { guest, id } = await waiting(server, "Nora", "First of all");
  const ada = await staff(server, "ada@pages.test");
  for (let at = 0; at < 206; at += 1) await ada("POST", `/tickets/${id}/actions`, { action: at % 2 ? "resume" : "hold" });
  const page = await consoleOf(browser, server, `?ticket=${id}`);
  const sizes = [];
  page.on("response", async (response) => {
    if (response.url().includes("/timeline")) sizes.push((await response.json()).steps.length);
  });
  await timeline(page);
  const changed = page.locator(".step", { hasText: /^(Put on hold|Taken off hold)/ });
  const earlier = page.getByRole("button", { name: "Show earlier steps" });
  const beginning = page.locator(".step", { hasText: "Handed over to humans" });
  await changed.first().waitFor();
  assert.equal(await beginning.count(), 0, "the beginning is not among them");
  const before = await changed.count();
  assert.ok(before <= 100, `${before}`);
  // Events that are older than the steps that are known wait for them.
  assert.equal(await events(page).filter({ hasText: "ticket.created_v1" }).count(), 0);
  await guest.post("/close");
  await page.locator(".timeline .step:not(.step-event)").last().filter({ hasText: "Closed" }).waitFor();
  while (!(await beginning.count())) {
    const shown = await page.locator(".timeline .step").count();
    await earlier.click();
    await until("more is shown", async () => (await page.locator(".timeline .step").count()) > shown);
  }
  await until("all is there once", async () => (await changed.count()) === 206);
  await earlier.waitFor({ state: "detached" });
  await page.locator(".timeline .step:not(.step-event)").last().filter({ hasText: "Closed" }).waitFor();
  assert.ok(sizes.length > 3 && sizes.every((size) => size <= 100), String(sizes));
  const order = await page.locator(".timeline .step").evaluateAll((steps) => steps.map((step) => step.querySelector(":scope > time").dateTime));
  assert.deepEqual(order, order.toSorted(), "by time");
  await page.done();
});
