// Who works at a help desk, when, and for which tickets: what owners and administrators do.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { DESK, openAs, PEOPLE, staffed, stage, until } from "./harness.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const { server, browser } = await stage(staffed());

/** The admin API as the owner. */
const admin = (method, path, body) => server.admin(PEOPLE.owner, method, `/desks/${DESK}${path}`, body);

async function agent(name) {
  const { agents } = await admin("GET", "/agents");
  return agents.find((one) => one.name === name);
}

/** Gives Bob these hours and opens his page. */
async function withHours(schedule, person = PEOPLE.owner, options = {}) {
  const { agent_id: id } = await agent("Bob");
  await admin("PATCH", `/agents/${id}`, { schedule });
  const page = await openAs(browser, server, `/admin/desks/${DESK}/agents/${id}`, person, options);
  await page.getByRole("radio", { name: "By the week" }).waitFor();
  return page;
}

const slot = (start, end, weekday) => ({ start_time: start, end_time: end, weekday });
const save = async (page) => {
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved. It counts for the next ticket.").waitFor();
};
const block = (page, name) => page.locator(".week").getByRole("button", { name, exact: true });

/** Where a time of a day is on screen. */
async function spot(page, day, hour) {
  const { x, y, width, height } = await page.locator(".week-grid").boundingBox();
  return [x + ((day - 0.5) / 7) * width, y + (hour / 24) * height];
}

/** Drags from one time of the week to another. */
async function drag(page, from, to) {
  await page.mouse.move(...(await spot(page, ...from)));
  await page.mouse.down();
  await page.mouse.move(...(await spot(page, ...to)), { steps: 8 });
  await page.mouse.up();
}

test("an agent is found by name and added, set offline and removed", async () => {
  const page = await openAs(browser, server, `/admin/desks/${DESK}/agents`, PEOPLE.owner, { allow: [/400/] });
  await page.getByText("2 agents", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Add agent" }).click();
  const dialog = page.getByRole("dialog");
  const field = dialog.getByRole("combobox", { name: "User" });
  await field.fill("nobody@pages.test");
  await dialog.getByText("Nobody here is called so.").waitFor();
  await dialog.getByRole("button", { name: "Add agent" }).click();
  await dialog.getByText("Choose somebody from the list.").waitFor();
  // A name, and one that is taken already: the field says what the server says.
  await field.fill("bo");
  await dialog.getByRole("option", { name: "Bob", exact: false }).click();
  assert.equal(await field.inputValue(), "Bob");
  await dialog.getByRole("button", { name: "Add agent" }).click();
  await dialog.getByText("Bob is an agent of this help desk already").waitFor();
  // By keyboard, after what was chosen is written over.
  await field.fill("EV");
  await dialog.getByRole("option", { name: "Eve", exact: false }).waitFor();
  assert.equal(await field.getAttribute("aria-expanded"), "true");
  await field.press("Escape");
  await dialog.getByRole("option").waitFor({ state: "detached" });
  await field.press("ArrowDown");
  await dialog.getByRole("option", { name: "Eve", exact: false }).waitFor();
  await field.press("Enter");
  assert.equal(await field.inputValue(), "Eve");
  await dialog.getByRole("button", { name: "Add agent" }).click();
  await page.getByText("3 agents", { exact: true }).waitFor();
  await page.getByRole("combobox", { name: "Status of Eve" }).selectOption({ label: "Offline" });
  await until("Eve is offline", async () => (await agent("Eve")).status === "offline");
  await page.locator(".agent-line", { hasText: "Eve" }).locator(".badge", { hasText: "Offline" }).waitFor();
  assert.ok(await page.getByRole("button", { name: "Remove Ada" }).isDisabled(), "the owner stays");
  await page.getByRole("button", { name: "Remove Eve" }).click();
  await dialog.getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByText("2 agents", { exact: true }).waitFor();
  assert.equal(await agent("Eve"), undefined);
  await page.done();
});

test("hours are drawn, moved and stretched by mouse", async () => {
  const page = await withHours([], PEOPLE.owner, { viewport: { width: 1280, height: 1200 } });
  await page.getByRole("radio", { name: "By the week" }).check();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Without hours an agent would always be on duty.", { exact: false }).waitFor();
  // On an empty place a drag makes a range.
  await drag(page, [1, 9], [1, 12]);
  await block(page, "Monday, 09:00 to 12:00").waitFor();
  // Its body moves it, also to another day.
  await drag(page, [1, 10], [3, 14]);
  await block(page, "Wednesday, 13:00 to 16:00").waitFor();
  // Its edges make it longer and shorter, to a quarter of an hour.
  await drag(page, [3, 15.95], [3, 18.25]);
  await block(page, "Wednesday, 13:00 to 18:15").waitFor();
  await drag(page, [3, 13.05], [3, 14.5]);
  await block(page, "Wednesday, 14:30 to 18:15").waitFor();
  // A second one can neither be drawn over it nor moved onto it.
  await drag(page, [3, 8], [3, 17]);
  await block(page, "Wednesday, 08:00 to 14:30").waitFor();
  await drag(page, [3, 16], [3, 12]);
  await page.getByText("There are other hours at this time.").waitFor();
  await block(page, "Wednesday, 14:30 to 18:15").waitFor();
  await save(page);
  assert.deepEqual((await agent("Bob")).schedule, [slot("08:00", "14:30", 3), slot("14:30", "18:15", 3)]);
  await page.done();
});

test("a keyboard moves, stretches and removes hours, and says so", async () => {
  const page = await withHours([slot("09:00", "12:00", 1), slot("09:00", "12:00", 2)]);
  const said = page.locator(".week-said");
  await block(page, "Monday, 09:00 to 12:00").focus();
  await page.keyboard.press("ArrowDown");
  await block(page, "Monday, 09:15 to 12:15").waitFor();
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("Alt+ArrowUp");
  await block(page, "Monday, 09:00 to 12:30").waitFor();
  assert.equal(await said.innerText(), "Monday, 09:00 to 12:30");
  await page.keyboard.press("ArrowRight");
  assert.equal(await said.innerText(), "There are other hours at this time.");
  assert.ok(await block(page, "Monday, 09:00 to 12:30").evaluate((node) => node === document.activeElement), "it keeps the focus");
  await block(page, "Tuesday, 09:00 to 12:00").focus();
  await page.keyboard.press("ArrowRight");
  await block(page, "Wednesday, 09:00 to 12:00").waitFor();
  await page.keyboard.press("Delete");
  assert.equal(await said.innerText(), "Removed: Wednesday, 09:00 to 12:00");
  await save(page);
  assert.deepEqual((await agent("Bob")).schedule, [slot("09:00", "12:30", 1)]);
  await page.done();
});

test("hours are written as fields, and those that cannot be are told apart", async () => {
  const page = await withHours([slot("22:00", "06:00", 5), slot("09:00", "12:00", 10)]);
  const list = page.getByRole("region", { name: "Hours as a list" });
  // A night is two ranges, and weekdays are five.
  await list.getByLabel("Beginning of Saturday, 00:00 to 06:00").waitFor();
  assert.equal(await list.locator(".range").count(), 7);
  await page.getByRole("button", { name: "Add hours" }).click();
  const added = list.getByLabel("Beginning of Saturday, 09:00 to 17:00");
  await added.fill("05:30");
  await added.press("Enter");
  await list.getByText("There are other hours at this time.").waitFor();
  await added.fill("25:00");
  await list.getByText("Write a time of day, such as 09:30.").waitFor();
  await added.fill("8");
  await added.press("Enter");
  await list.getByLabel("End of Saturday, 08:00 to 17:00").fill("24:00");
  await page.keyboard.press("Tab");
  await block(page, "Saturday, 08:00 to 24:00").waitFor();
  await list.getByRole("button", { name: "Remove Monday, 09:00 to 12:00", exact: true }).click();
  await list.getByRole("button", { name: "Remove Saturday, 00:00 to 06:00", exact: true }).click();
  await list.getByRole("combobox", { name: "Day of Tuesday, 09:00 to 12:00" }).selectOption({ label: "Monday" });
  await list.getByRole("button", { name: "On every weekday: Monday, 09:00 to 12:00" }).click();
  await save(page);
  assert.deepEqual((await agent("Bob")).schedule, [slot("09:00", "12:00", 10), slot("22:00", "24:00", 5), slot("08:00", "24:00", 6)]);
  await page.getByRole("radio", { name: "Always" }).check();
  await save(page);
  assert.deepEqual((await agent("Bob")).schedule, []);
  await page.done();
});

test("a finger taps hours into the week", async () => {
  const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
  const page = await withHours([slot("09:00", "12:00", 1)], PEOPLE.admin, phone);
  await page.locator(".week-grid").scrollIntoViewIfNeeded();
  await page.touchscreen.tap(...(await spot(page, 4, 10.5)));
  await block(page, "Thursday, 10:00 to 11:00").waitFor();
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0, "the page is no wider than the phone");
  await save(page);
  assert.deepEqual((await agent("Bob")).schedule, [slot("09:00", "12:00", 1), slot("10:00", "11:00", 4)]);
  await page.done();
});

test("a skill is made with rules, given, changed and deleted", async () => {
  const page = await openAs(browser, server, `/admin/desks/${DESK}/skills`, PEOPLE.admin, { allow: [/400/] });
  await page.getByRole("button", { name: "New skill" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Chinese");
  await page.getByRole("button", { name: "Add rule" }).click();
  const first = page.getByRole("group", { name: "Rule 1" });
  await first.getByRole("checkbox", { name: "Chinese" }).check();
  await page.getByRole("button", { name: "Add rule" }).click();
  const second = page.getByRole("group", { name: "Rule 2" });
  await second.getByRole("combobox", { name: "What it looks at" }).selectOption({ label: "City of the guest" });
  await second.getByRole("combobox", { name: "How it compares" }).selectOption({ label: "is none of" });
  await page.getByRole("checkbox", { name: "Bob" }).check();
  await page.getByRole("button", { name: "Save" }).click();
  await second.getByText("must hold 1 to 100 values", { exact: false }).waitFor();
  await second.getByLabel("With").fill("Berlin\nHamburg");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { name: "Chinese" }).waitFor();
  const made = async () => (await admin("GET", "/skills")).skills[1];
  const { agent_id: bob } = await agent("Bob");
  const { name, rules, agent_ids: ids } = await made();
  assert.deepEqual([name, ids], ["Chinese", [bob]]);
  assert.deepEqual(rules, [
    { id: "10", selected_operator: 5, operand: { selected_languages: ["zh_cn"] } },
    { id: "3", selected_operator: 6, operand: { selected_cities: ["Berlin", "Hamburg"] } },
  ]);
  await page.getByRole("button", { name: "Remove rule 2" }).click();
  await page.getByRole("checkbox", { name: "Ada" }).check();
  await save(page);
  assert.equal((await made()).rules.length, 1);
  assert.equal((await made()).agent_ids.length, 2);
  await page.getByRole("link", { name: "Agents", exact: true }).click();
  await page.getByRole("combobox", { name: "Skill", exact: true }).selectOption({ label: "Chinese" });
  await page.getByText("2 agents", { exact: true }).waitFor();
  await page.getByRole("link", { name: "Skills", exact: true }).click();
  await page.locator(".line", { hasText: "Chinese" }).click();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.locator(".line", { hasText: "Default skill" }).waitFor();
  assert.equal(await made(), undefined);
  await page.done();
});

test("what an agent can and takes is written on their page", async () => {
  await admin("POST", "/skills", { name: "Laptops" });
  const page = await withHours([]);
  await page.getByLabel("Tickets at a time").fill("3");
  await page.getByRole("checkbox", { name: "Laptops" }).check();
  await save(page);
  const bob = await agent("Bob");
  assert.deepEqual([bob.capacity, bob.skills.map(({ name }) => name), bob.schedule], [3, ["Laptops"], []]);
  await page.done();
});

for (const colorScheme of ["light", "dark"]) {
  test(`these pages have no serious accessibility violations (${colorScheme})`, async () => {
    const page = await withHours([slot("09:00", "12:00", 10)], PEOPLE.owner, { colorScheme, bypassCSP: true, reducedMotion: "reduce" });
    await page.addInitScript(axe);
    const { agent_id: bob } = await agent("Bob");
    for (const [path, there] of [["agents", ".agent-line"], [`agents/${bob}`, ".week-block"], ["skills", ".line"], ["skills/new", ".plain"]]) {
      await page.goto(`${server.url}/admin/desks/${DESK}/${path}`);
      await page.locator(there).first().waitFor();
      const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
      const found = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
      assert.deepEqual(found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`), [], path);
    }
    await page.done();
  });
}
