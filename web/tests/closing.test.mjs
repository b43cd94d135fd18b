// Help desks that administrators make, close and open again.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, DESK, open, openAs, PEOPLE, staffed, stage, until } from "./harness.mjs";

const { server, browser } = await stage(staffed());

const desks = async () => (await server.admin(PEOPLE.admin, "GET", "/desks")).desks;

test("a help desk is made, its secrets are shown once, and its owner looks after it", async () => {
  const page = await openAs(browser, server, "/admin", PEOPLE.admin, { allow: [/400/] });
  await page.getByRole("button", { name: "New help desk" }).click();
  const dialog = page.getByRole("dialog");
  const [{ name: taken }] = await desks();
  await dialog.getByLabel("Name", { exact: true }).fill(taken);
  await dialog.getByLabel("Time zone").fill("Europe/Berlin");
  const make = dialog.getByRole("button", { name: "Make the help desk" });
  await make.click();
  await dialog.getByText("Choose somebody from the list.").waitFor();
  const owner = dialog.getByRole("combobox", { name: "Owner" });
  await owner.fill("bo");
  await dialog.getByRole("option", { name: "Bob", exact: false }).click();
  await make.click();
  await dialog.getByText("give another name", { exact: false }).waitFor();
  await dialog.getByLabel("Name", { exact: true }).fill("Shop 商店");
  await make.click();
  await dialog.getByText("shown this once", { exact: false }).waitFor();
  const [id, token, secret] = await dialog.locator("dd code").allInnerTexts();
  assert.match(token, /^ht-/);
  await dialog.getByRole("button", { name: "I have kept it" }).click();
  await page.getByRole("heading", { level: 1, name: "Help desk" }).waitFor();
  await until("its settings are shown", async () => (await page.getByLabel("Name", { exact: true }).inputValue()) === "Shop 商店");
  for (const kept of [token, secret]) assert.ok(!(await page.content()).includes(kept));
  const settings = await server.admin(PEOPLE.agent, "GET", `/desks/${id}/settings`);
  assert.deepEqual([settings.timezone, settings.owner.name], ["Europe/Berlin", "Bob"]);
  const chat = await open(browser, `${server.url}/desk/${id}`);
  await chat.getByText("Hello! How can we help you?").waitFor();
  await chat.done();
  await page.done();
  // Whoever only looks after a help desk makes none.
  const other = await openAs(browser, server, "/admin", PEOPLE.owner);
  await other.locator(".figures").first().waitFor();
  assert.equal(await other.getByRole("button", { name: "New help desk" }).count(), 0);
  await other.done();
});

test("a help desk is closed by whoever writes its name, and opened again", async () => {
  const before = await open(browser, server.chat, { allow: [/403/] });
  await before.getByText("How do I reset my password?").first().waitFor();
  const page = await openAs(browser, server, `/admin/desks/${DESK}/settings`, PEOPLE.admin, { allow: [/400/] });
  const name = await page.getByLabel("Name", { exact: true }).inputValue();
  await page.getByRole("button", { name: "Close the help desk" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("It takes no new guests", { exact: false }).waitFor();
  await dialog.getByLabel("Write its name to close it").fill("Another");
  await dialog.getByRole("button", { name: "Close the help desk" }).click();
  await dialog.getByText("This is not its name.").waitFor();
  assert.equal((await desks()).find(({ id }) => id === DESK).closed_at, undefined);
  await dialog.getByLabel("Write its name to close it").fill(name);
  await dialog.getByRole("button", { name: "Close the help desk" }).click();
  await page.getByRole("heading", { name: "This help desk is closed" }).waitFor();
  assert.ok((await desks()).find(({ id }) => id === DESK).closed_at);

  // Nobody new comes in; who was there is told before they write, and why it was not taken after.
  const late = await open(browser, server.chat, { allow: [/403/] });
  await late.getByText("This help desk is closed and takes no new questions.", { exact: false }).waitFor();
  assert.equal(await late.getByText("Connecting", { exact: false }).count(), 0);
  await late.done();
  await before.reload();
  await before.getByRole("status").getByText("This help desk is closed and takes no new questions.").waitFor();
  await ask(before, "Anybody there?");
  await before.getByRole("alert").getByText("This help desk is closed and takes no new questions.").waitFor();

  const owner = await openAs(browser, server, `/admin/desks/${DESK}/settings`, PEOPLE.owner);
  await owner.getByText("An administrator of the organisation can open it again.").waitFor();
  assert.equal(await owner.getByRole("button", { name: "Open it again" }).count(), 0);
  await owner.goto(`${server.url}/admin`);
  await owner.locator(".card", { hasText: name }).getByText("Closed", { exact: true }).waitFor();
  await owner.done();

  await page.getByRole("button", { name: "Open it again" }).click();
  await dialog.getByRole("button", { name: "Open it again" }).click();
  await page.getByRole("button", { name: "Close the help desk" }).waitFor();
  assert.equal((await desks()).find(({ id }) => id === DESK).closed_at, undefined);
  await page.done();
  await before.reload();
  await before.locator("textarea").waitFor();
  await until("it is open for who was there", async () => (await before.getByText("This help desk is closed", { exact: false }).count()) === 0);
  await before.done();
  await server.guest({ name: "New" });
});
