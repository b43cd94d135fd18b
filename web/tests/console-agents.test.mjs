// Agents are found by the server while one types, on a help desk with more of them than a page holds.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BOB, consoleOf, staff, waiting, withAgents } from "./console-desk.mjs";
import { ADA, stage, until } from "./harness.mjs";

const openId = (n) => `ou_${String(n).padStart(32, "a")}`;

/** Ada, Bob and a hundred others: most are off duty and come first by name; two have a skill. */
function crowded() {
  const file = withAgents();
  const [tenant] = file.tenants;
  const [helpdesk] = tenant.helpdesks;
  helpdesk.skills = [{ name: "Printers", rules: [] }];
  const add = (id, name, more) => {
    tenant.users.push({ id, name, email: `${id}@pages.test`, open_id: openId(helpdesk.agents.length) });
    helpdesk.agents.push({ user: id, ...more });
  };
  for (let i = 0; i < 100; i += 1) add(`n${i}`, `Agent ${String(i).padStart(3, "0")}`, { status: "offline" });
  add("zora", "Zora", { skills: ["Printers"] });
  add("zhang", "张小明", { status: "offline", skills: ["Printers"] });
  return file;
}

const { server, browser } = await stage(crowded());
const options = (page) => page.getByRole("dialog").getByRole("option");

test("a ticket is handed to an agent far down the list, by keyboard alone", async () => {
  const { id } = await waiting(server, "Gina", "It does not print");
  const ada = await staff(server, "ada@pages.test");
  const { ticket } = await ada("GET", `/tickets/${id}`);
  const page = await consoleOf(browser, server, `?ticket=${id}`);
  if (ticket.owner?.name !== "Ada") await ada("POST", `/tickets/${id}/actions`, { action: "transfer", to: ADA });
  await page.getByText("with Ada").waitFor();
  await page.getByRole("button", { name: "Transfer" }).focus();
  await page.keyboard.press("Enter");
  const field = page.getByRole("combobox", { name: "Find an agent" });
  await field.waitFor();
  await page.getByText("The first 20, those on duty first.").waitFor();
  assert.deepEqual((await options(page).locator(".duty").allTextContents()).slice(0, 4), ["Online", "Online", "Online", "Offline"]);
  const taken = page.getByRole("option", { name: /Ada/ });
  assert.deepEqual([await taken.getAttribute("aria-disabled"), await taken.getAttribute("aria-selected")], ["true", "false"]);
  // By a skill: who is off duty stands behind who is on, and cannot be picked.
  await page.keyboard.type("printers");
  await page.getByText("2 agents, those on duty first").waitFor();
  assert.deepEqual(await options(page).locator(".pick-name").allTextContents(), ["Zora", "张小明"]);
  await page.keyboard.press("ArrowDown");
  const off = page.getByRole("option", { name: /张小明/ });
  assert.equal(await off.getAttribute("aria-selected"), "true");
  assert.equal(await off.getAttribute("aria-disabled"), "true");
  assert.equal(await field.getAttribute("aria-activedescendant"), await off.getAttribute("id"));
  await page.keyboard.press("Enter");
  await off.getByText("takes no tickets now").waitFor();
  // By an address that was pasted, before the list has come.
  await field.fill("zora@pages.test");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.getByText("with Zora").waitFor();
  await page.done();
});

test("a collaborator is found by a Chinese name; who is there already cannot be added again", async () => {
  const { id } = await waiting(server, "Hugo", "Two heads are better");
  const ada = await staff(server, "ada@pages.test");
  const page = await consoleOf(browser, server, `?ticket=${id}`);
  await page.getByRole("button", { name: "切换到中文" }).click();
  await page.getByRole("button", { name: "添加协作者" }).click();
  const field = page.getByRole("combobox", { name: "查找客服" });
  await field.fill("小明");
  await page.getByRole("option", { name: /张小明/ }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await until("he is a collaborator", async () => (await ada("GET", `/tickets/${id}`)).ticket.collaborators.some(({ name }) => name === "张小明"));
  await page.getByRole("button", { name: "添加协作者" }).click();
  await field.fill("小明");
  await page.getByRole("option", { name: /张小明.*已是协作者/ }).waitFor();
  await field.fill("没有这个人");
  await page.getByText("没有客服的姓名、邮箱或技能包含此内容。").waitFor();
  assert.equal(await options(page).count(), 0);
  await page.done();
});

test("a saved view is of an agent who was looked for, and the timeline knows everybody by name", async () => {
  const page = await consoleOf(browser, server);
  await page.getByRole("button", { name: "New view" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Bob's");
  await page.getByLabel("Agent", { exact: true }).selectOption("An agent …");
  await page.getByRole("combobox", { name: "Find an agent" }).fill("bob@");
  await page.getByRole("option", { name: /Bob/ }).click();
  await page.getByRole("combobox", { name: "Find an agent" }).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { level: 1, name: "Bob's" }).waitFor();
  const ada = await staff(server, "ada@pages.test");
  const { views } = await ada("GET", "/views");
  assert.equal(views.find(({ name }) => name === "Bob's").filter.owner, BOB);
  const { id } = await waiting(server, "Ines", "Who was it?");
  await ada("POST", `/tickets/${id}/actions`, { action: "add_collaborator", to: openId(9) });
  await ada("POST", `/tickets/${id}/actions`, { action: "remove_collaborator", to: openId(9) });
  await page.goto(`${server.url}/agent?ticket=${id}`);
  await page.getByRole("tab", { name: "Timeline" }).click();
  await page.locator(".step", { hasText: "Collaborator removed · Agent 007" }).waitFor();
  await page.done();
});

test("keys that are typed before a dialog has come do nothing else, and it comes later when it could not", async () => {
  const { id } = await waiting(server, "Jane", "Slow today?");
  let held = true;
  const page = await consoleOf(browser, server, `?ticket=${id}`, {
    allow: [/Failed to load resource/],
    before: (page) => page.route("**/assets/Palette-*.js", (route) => (held ? route.abort() : route.continue())),
  });
  await page.getByRole("heading", { level: 1, name: "Jane" }).waitFor();
  // All in one go, so that nothing comes between them.
  await page.evaluate(() => [["k", true], ["j", false], ["Escape", false]].forEach(([key, ctrlKey]) => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, ctrlKey, bubbles: true }))));
  await page.locator(".toast p").waitFor();
  held = false;
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Commands" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.done();
});

test("a dialog of a ticket goes with it", async () => {
  const { id } = await waiting(server, "Karl", "One");
  await waiting(server, "Lena", "Two");
  const page = await consoleOf(browser, server, `?inbox=open&ticket=${id}`);
  await page.locator(".row-link", { hasText: "Lena" }).click();
  await page.getByRole("heading", { level: 1, name: "Lena" }).waitFor();
  await page.getByRole("button", { name: "Transfer" }).click();
  await page.getByRole("dialog", { name: "Transfer to" }).waitFor();
  await page.goBack();
  await page.getByRole("heading", { level: 1, name: "Karl" }).waitFor();
  assert.equal(await page.getByRole("dialog").count(), 0);
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
  await page.done();
});
