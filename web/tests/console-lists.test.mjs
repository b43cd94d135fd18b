// The console's lists: many tickets, saved views, search; and what is hostile or over.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BOB, consoleOf, signIn, staff, waiting, withAgents } from "./console-desk.mjs";
import { ADA, DESK, stage, until } from "./harness.mjs";

const { server, browser } = await stage(withAgents());
await (await staff(server, "bob@pages.test"))("PUT", "/me", { status: "offline" });

const row = (page, name) => page.locator(".row-link", { hasText: name });
const field = (page) => page.locator(".composer textarea");
const entry = (page, text) => page.locator(".entry", { hasText: text }).last();

test("the list holds few rows however many tickets there are, and reads them as one comes to them", async () => {
  const page = await consoleOf(browser, server, "", { before: (page) => manyTickets(page) });
  await row(page, "Guest 0").first().waitFor();
  const sizes = [];
  page.on("request", (request) => {
    const query = new URL(request.url()).searchParams;
    if (query.has("page_size")) sizes.push(Number(query.get("page_size")));
  });
  const rows = page.locator(".row-scroll");
  for (let times = 0; times < 30; times += 1) {
    await rows.evaluate((node) => node.scrollTo({ top: node.scrollHeight }));
    await page.waitForTimeout(30);
  }
  await until("later tickets are there", async () => (await rows.evaluate((node) => node.scrollTop)) > 20_000);
  assert.ok((await page.locator(".row-link").count()) < 60);
  assert.ok(sizes.length >= 5 && sizes.every((size) => size <= 200), String(sizes));
  await page.done();
});

/** As if there were 100,000 tickets: pages of them that the server did not have to make. */
async function manyTickets(page) {
  const many = 100_000;
  await page.route("**/console/v1/tickets?**", (route) => {
    const query = new URL(route.request().url()).searchParams;
    const [from, size] = [Number(query.get("page_token") ?? 0), Number(query.get("page_size"))];
    const tickets = Array.from({ length: size }, (_, at) => ({
      ticket_id: String(7_000_000_000_000_000_000n + BigInt(from + at)),
      helpdesk_id: DESK,
      stage: 2,
      status: 2,
      guest: { open_id: `ou_${from + at}`, name: `Guest ${from + at}` },
      owner: { open_id: ADA, name: "Ada" },
      created_at: 1,
      tags: [],
      unanswered: 0,
    }));
    return route.fulfill({ json: { now: Date.now(), tickets, has_more: from + size < many, page_token: String(from + size) } });
  });
}

test("the person who is signed in takes tickets or does not", async () => {
  const page = await consoleOf(browser, server, "", { as: "bob@pages.test" });
  const standing = page.getByRole("switch", { name: /Take tickets/ });
  const status = async () => (await (await staff(server, "ada@pages.test"))("GET", `/desks/${DESK}/agents`)).agents.find(({ open_id }) => open_id === BOB).status;
  assert.equal(await standing.getAttribute("aria-checked"), "false");
  await standing.click();
  await page.getByText("You take tickets now.").waitFor();
  assert.equal(await status(), "online");
  await standing.click();
  await page.getByText("You take no more tickets.").waitFor();
  assert.equal(await status(), "offline");
  await page.done();
});

test("somebody whose session ends signs in again and loses nothing that was typed", async () => {
  const { id } = await waiting(server, "Sven", "Are you there?");
  const page = await consoleOf(browser, server, `?ticket=${id}`, { allow: [/status of 401/] });
  await field(page).fill("unsaved words");
  await page.context().clearCookies();
  await field(page).press("Enter");
  await page.getByText("Your session is over.").waitFor();
  await signIn(page, "ada@pages.test", page.getByRole("dialog"));
  await page.getByRole("dialog").waitFor({ state: "detached" });
  const sent = entry(page, "unsaved words");
  if (await sent.getByRole("button", { name: "Try again" }).count()) await sent.getByRole("button", { name: "Try again" }).click();
  await sent.locator("time").waitFor();
  await page.done();
});

test("whoever signs in again finds the dialog that was open, with what was typed", async () => {
  const page = await consoleOf(browser, server, "", { allow: [/status of 401/] });
  await page.getByRole("button", { name: "New view" }).click();
  const dialog = page.getByRole("dialog", { name: "New view" });
  await dialog.getByLabel("Name").fill("Unsaved");
  await page.context().clearCookies();
  await dialog.getByRole("button", { name: "Save" }).click();
  const over = page.getByRole("dialog", { name: "Sign in" });
  await over.getByText("Your session is over.").waitFor();
  for (const _ of [1, 2]) await page.keyboard.press("Escape");
  await signIn(page, "ada@pages.test", over);
  await over.waitFor({ state: "detached" });
  assert.equal(await dialog.getByLabel("Name").inputValue(), "Unsaved");
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { level: 1, name: "Unsaved" }).waitFor();
  await page.getByRole("button", { name: "Delete view Unsaved" }).click({ force: true });
  await page.getByText("View deleted.").waitFor();
  await page.done();
});

test("what a guest writes stays text, and only known kinds of addresses become links", async () => {
  const text = `<img src=x onerror="document.title='gone'"><script>alert(1)</script> javascript:alert(1) https://ok.example/a?b=<c> **bold**`;
  const { id } = await waiting(server, "<b>Mallory</b>", text);
  const page = await consoleOf(browser, server, `?ticket=${id}`);
  await page.locator(".entry-guest").first().waitFor();
  assert.equal(await page.locator(".entry-guest .words").first().innerText(), text);
  assert.equal(await page.locator(".conversation :is(.words img, .words b, .words script, h1 b)").count(), 0);
  assert.deepEqual(await page.locator(".entry-guest a").evaluateAll((links) => links.map(({ href, rel, target }) => [href, rel, target])), [["https://ok.example/a?b=", "noopener noreferrer nofollow", "_blank"]]);
  assert.equal(await page.getByRole("heading", { level: 1 }).innerText(), "<b>Mallory</b>");
  await page.done();
});

test("a word of two Chinese characters is found, in messages and in notes", async () => {
  const { id } = await waiting(server, "Qi", "忘记密码怎么办");
  const ada = await staff(server, "ada@pages.test");
  await ada("POST", `/tickets/${id}/notes`, { text: "She lost her badge as well" });
  const page = await consoleOf(browser, server);
  const find = async (q, name) => {
    // New messages are found within some seconds.
    await until(`${q} is found`, async () => (await ada("GET", `/search?q=${encodeURIComponent(q)}`)).hits.some(({ ticket }) => ticket.ticket_id === id));
    await page.keyboard.press("/");
    await page.getByRole("searchbox", { name: "Search in tickets" }).fill(q);
    await page.locator(".hits .row-link", { hasText: name }).waitFor();
  };
  await find("密码", "Qi");
  assert.equal(await page.locator(".hits mark").first().innerText(), "密码");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await find("badge", "Qi");
  await page.locator(".hits .row-link").first().click();
  await page.locator(".entry-note", { hasText: "badge" }).waitFor();
  await page.done();
});

test("a saved view lists what fits it, and goes on doing so", async () => {
  const { id } = await waiting(server, "Vera", "View me");
  const ada = await staff(server, "ada@pages.test");
  const page = await consoleOf(browser, server);
  await page.getByRole("button", { name: "New view" }).click();
  const dialog = page.getByRole("dialog", { name: "New view" });
  await dialog.getByLabel("Name").fill("Golden");
  await dialog.getByLabel("Tag").fill("gold");
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { level: 1, name: "Golden" }).waitFor();
  await page.getByText("No ticket fits this view").waitFor();
  await ada("PATCH", `/tickets/${id}`, { tag_names: ["gold"] });
  await row(page, "Vera").waitFor();
  await ada("PATCH", `/tickets/${id}`, { tag_names: [] });
  await row(page, "Vera").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Delete view Golden" }).click({ force: true });
  await page.getByText("View deleted.").waitFor();
  await page.getByRole("heading", { level: 1, name: "Mine" }).waitFor();
  await page.done();
});
