// FAQ categories and the customized fields of tickets: what owners and administrators do.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DESK, openAs, PEOPLE, staffed, stage, until } from "./harness.mjs";

const { server, browser } = await stage(staffed());

/** The admin API as the owner. */
const admin = (path) => server.admin(PEOPLE.owner, "GET", `/desks/${DESK}${path}`);

const names = (tree) => tree.map(({ name, children }) => (children.length ? `${name}(${names(children)})` : name)).join(" ");
const tree = async () => names((await admin("/categories")).categories);
const fields = async () => (await admin("/fields")).fields;

test("categories are made, renamed, moved and deleted", async () => {
  const page = await openAs(browser, server, `/admin/desks/${DESK}/categories`, PEOPLE.owner, { allow: [/400/] });
  const dialog = page.getByRole("dialog");
  const shut = () => dialog.waitFor({ state: "detached" });
  assert.equal(await tree(), "Accounts(Passwords) Offices");
  await page.getByRole("button", { name: "New category", exact: true }).click();
  await dialog.getByLabel("Name").fill("Offices");
  await page.keyboard.press("Enter");
  await dialog.getByText("under the same parent has this name already", { exact: false }).waitFor();
  await dialog.getByLabel("Name").fill("Network");
  await page.keyboard.press("Enter");
  await shut();
  await page.getByRole("button", { name: "New category below Network" }).click();
  await dialog.getByLabel("Name").fill("VPN");
  await page.keyboard.press("Enter");
  await shut();
  assert.equal(await tree(), "Accounts(Passwords) Offices Network(VPN)");
  await page.getByRole("button", { name: "Change Network" }).click();
  const below = dialog.getByRole("combobox", { name: "Below" });
  // Not below itself or what is below it.
  assert.deepEqual(await below.locator("option").allInnerTexts(), ["None, at the top", "Accounts", "Accounts / Passwords", "Offices"]);
  await below.selectOption({ label: "Accounts" });
  await dialog.getByLabel("Name").fill("Nets");
  await page.keyboard.press("Enter");
  await shut();
  await page.getByText("Nets", { exact: true }).waitFor();
  assert.equal(await tree(), "Accounts(Passwords Nets(VPN)) Offices");
  await page.getByRole("button", { name: "Delete Nets" }).click();
  await dialog.getByRole("button", { name: "Delete" }).click();
  await dialog.getByText("the category still has the subcategory VPN", { exact: false }).waitFor();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  for (const name of ["VPN", "Nets"]) {
    await page.getByRole("button", { name: `Delete ${name}` }).click();
    await dialog.getByRole("button", { name: "Delete" }).click();
    await shut();
  }
  assert.equal(await tree(), "Accounts(Passwords) Offices");
  await page.done();
});

test("a category has scores of its own, or those above it", async () => {
  const page = await openAs(browser, server, `/admin/desks/${DESK}/categories`, PEOPLE.owner, { allow: [/400/] });
  const dialog = page.getByRole("dialog");
  const change = (name) => page.getByRole("button", { name: `Change ${name}` }).click();
  const saved = async () => {
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.waitFor({ state: "detached" });
  };
  const direct = dialog.getByLabel("Direct answer from a score of");
  const list = dialog.getByLabel("List from a score of");
  await change("Accounts");
  await dialog.getByText("Empty: 0.80, as above it.", { exact: false }).waitFor();
  await direct.fill("0.01");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByText("is not in 0..=direct_score", { exact: false }).waitFor();
  await direct.fill("0.9");
  await list.fill("0.4");
  await saved();
  await page.getByText("Answers from 0.90, lists from 0.40").waitFor();
  await change("Passwords");
  // What it inherits is what was just set above it.
  await dialog.getByText("Empty: 0.90, as above it.", { exact: false }).waitFor();
  await list.fill("0.3");
  await saved();
  await page.getByText("Answers from 0.90, lists from 0.30").waitFor();
  const [accounts] = (await admin("/categories")).categories;
  assert.deepEqual([accounts.direct_score, accounts.list_score], [0.9, 0.4]);
  assert.deepEqual([accounts.children[0].direct_score, accounts.children[0].list_score], [undefined, 0.3]);
  for (const name of ["Passwords", "Accounts"]) {
    await change(name);
    await direct.fill("");
    await list.fill("");
    await saved();
    await page.getByRole("button", { name: `Change ${name}` }).waitFor();
  }
  const [again] = (await admin("/categories")).categories;
  assert.deepEqual([again.direct_score, again.list_score, again.children[0].list_score], [undefined, undefined, undefined]);
  await page.done();
});

/** Makes a field of this kind. */
async function make(page, name, kind, fill) {
  await page.getByRole("button", { name: "New field" }).click();
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Key", { exact: true }).fill(name.toLowerCase());
  await page.getByRole("combobox", { name: "Kind" }).selectOption({ label: kind });
  await fill?.();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { name, exact: true }).waitFor();
  await page.getByRole("link", { name: "← Ticket fields" }).click();
}

test("fields of all kinds are made, changed, put in order and deleted", async () => {
  const page = await openAs(browser, server, `/admin/desks/${DESK}/fields`, PEOPLE.admin, { allow: [/400/] });
  await page.getByText("No fields yet").waitFor();
  const option = async (number, name, tag) => {
    await page.getByRole("button", { name: "Add option" }).click();
    await page.getByLabel(`Name of option ${number}`).fill(name);
    if (tag) await page.getByLabel(`Tag of option ${number}`).fill(tag);
  };
  await make(page, "Room", "One line of text");
  await make(page, "Story", "Several lines of text", () => page.getByRole("checkbox", { name: "Agents have to fill it in" }).check());
  await make(page, "Device", "Drop-down", async () => {
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("a drop-down needs at least one option").waitFor();
    await option(1, "Laptop", "laptop");
    await option(2, "Phone");
    await page.getByRole("checkbox", { name: "Several options may be picked" }).check();
  });
  await make(page, "Place", "Nested drop-down", async () => {
    await option(1, "Berlin", "ber");
    await option(2, "Mitte", "mitte");
    await page.getByRole("button", { name: "Move option 2 in" }).click();
    await option(3, "Paris", "par");
    await page.getByRole("button", { name: "Move option 3 out" }).click();
  });
  const made = await fields();
  assert.deepEqual(made.map(({ key_name: key, field_type: type }) => `${key} ${type}`), ["room string", "story multiline", "device dropdown", "place dropdown_nested"]);
  assert.deepEqual([made[1].required, made[2].dropdown_allow_multiple], [true, true]);
  assert.deepEqual(made[2].dropdown_options.children, [{ tag: "laptop", display_name: "Laptop" }, { tag: "Phone", display_name: "Phone" }]);
  assert.deepEqual(made[3].dropdown_options.children, [
    { tag: "ber", display_name: "Berlin", children: [{ tag: "mitte", display_name: "Mitte" }] },
    { tag: "par", display_name: "Paris" },
  ]);
  const keys = async () => (await fields()).map(({ key_name: key }) => key).join(" ");
  await page.getByRole("button", { name: "Move Place up" }).click();
  await until("Place is third", async () => (await keys()) === "room story place device");
  await page.getByRole("button", { name: "Move Room down" }).click();
  await until("Room is second", async () => (await keys()) === "story room place device");
  await page.getByRole("link", { name: "Device" }).click();
  await page.getByLabel("Description").fill("Which device is it about?");
  await page.getByLabel("Name of option 2").fill("Mobile phone");
  await page.getByRole("checkbox", { name: "Agents see it" }).uncheck();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();
  const changed = (await fields())[3];
  assert.deepEqual([changed.description, changed.visible, changed.dropdown_options.children[1]], ["Which device is it about?", false, { tag: "Phone", display_name: "Mobile phone" }]);
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByRole("heading", { name: "Ticket fields" }).waitFor();
  await until("Device is gone", async () => (await keys()) === "story room place");
  await page.done();
});
