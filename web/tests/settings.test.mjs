// The help desk itself: what owners and administrators set, and what guests see of it.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { ADA, DESK, EVE, identityToken, open, openAs, PEOPLE, PICTURE, staffed, stage, until } from "./harness.mjs";

const { server, browser } = await stage(staffed());

const PATH = `/admin/desks/${DESK}/settings`;

/** What is set, as the administrator reads it. */
const read = () => server.admin(PEOPLE.admin, "GET", `/desks/${DESK}/settings`);

/** Saves, and waits until it is said. */
async function save(page) {
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Saved. Guests who open the chat", { exact: false }).waitFor();
}

/** The colours of a part of the chat and of its button. */
const inChat = (page) => page.locator("deskwire-chat .human").evaluate((human) => getComputedStyle(human).color);

test("name, texts and colour are set with a preview, and guests have them", async () => {
  const page = await openAs(browser, server, PATH, PEOPLE.owner, { allow: [/400/] });
  await page.getByLabel("Name", { exact: true }).fill(" ");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("1 to 200 characters", { exact: false }).waitFor();
  await page.getByLabel("Name", { exact: true }).fill("Desk of pages");
  await page.getByLabel("Welcome").fill("Good morning!");
  await page.getByLabel("While nobody is on duty").fill("In an emergency call 112.");
  await page.getByLabel("Colour", { exact: true }).fill("purple");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText('"purple" is no colour', { exact: false }).waitFor();
  const sent = (scheme) => page.locator(`.look-${scheme} .look-send`).evaluate((node) => getComputedStyle(node).backgroundColor);
  await page.getByLabel("Colour", { exact: true }).fill("#f2e205");
  await page.getByText("On light pages it is made darker", { exact: false }).waitFor();
  assert.equal(await sent("dark"), "rgb(242, 226, 5)");
  assert.notEqual(await sent("light"), "rgb(242, 226, 5)");
  await page.getByLabel("Pick a colour").fill("#7a3ff2");
  assert.equal(await sent("light"), "rgb(122, 63, 242)");
  await page.locator(".look-light").getByText("Good morning!").waitFor();
  await save(page);
  const { name, welcome, away, accent } = await read();
  assert.deepEqual({ name, welcome, away, accent }, { name: "Desk of pages", welcome: "Good morning!", away: "In an emergency call 112.", accent: "#7a3ff2" });
  const chat = await open(browser, server.chat, { colorScheme: "light" });
  await chat.getByText("Good morning!").waitFor();
  assert.equal(await inChat(chat), "rgb(122, 63, 242)");
  // Somebody is on duty at all times here.
  assert.equal(await chat.getByText("In an emergency", { exact: false }).count(), 0);
  await chat.done();
  const own = await open(browser, `${server.chat}?accent=%23008040`, { colorScheme: "light" });
  await own.getByText("Good morning!").waitFor();
  assert.equal(await inChat(own), "rgb(0, 128, 64)");
  await own.done();
  await page.done();
});

test("what the desk is for and its picture are set, and stand in the chat beside its name", async () => {
  const page = await openAs(browser, server, PATH, PEOPLE.owner);
  await page.getByLabel("What it is for").fill("Laptops, accounts, network");
  await page.locator("input[type=file]").setInputFiles({ name: "no.png", mimeType: "image/png", buffer: Buffer.from("no picture") });
  await page.getByText("This file is no picture that can be read.", { exact: false }).waitFor();
  await page.locator("input[type=file]").setInputFiles({ name: "a.png", mimeType: "image/png", buffer: PICTURE });
  await page.locator(".look-light img.desk-picture").waitFor();
  await page.locator(".look-dark").getByText("Laptops, accounts, network").waitFor();
  assert.equal(await page.getByText("This file is no picture", { exact: false }).count(), 0);
  await save(page);
  const { description, avatar_key: key } = await read();
  assert.equal(description, "Laptops, accounts, network");
  const stored = await fetch(`${server.url}/guest/v1/desks/${DESK}/avatar/${key}`);
  assert.equal(stored.headers.get("content-type"), "image/png");
  const chat = await open(browser, server.chat);
  await chat.locator("header .about").getByText("Laptops, accounts, network").waitFor();
  const picture = chat.locator("header .avatar img");
  assert.equal((await chat.locator("header").boundingBox()).height, 64, "as high as without: what is below does not move");
  await until("the picture is there", () => picture.evaluate((image) => image.complete && image.naturalWidth > 0));
  await chat.done();
  await page.goto(`${server.url}/admin`);
  const card = page.locator(".card", { hasText: "Laptops, accounts, network" });
  await until("it is on the card", () => card.locator("img.desk-picture").evaluate((image) => image.complete && image.naturalWidth > 0));
  await page.goto(server.url + PATH);
  await page.getByRole("button", { name: "No picture" }).click();
  await save(page);
  assert.equal((await read()).avatar_key, undefined);
  await page.done();
});

test("the widget has the desk's colour, and the words for closed hours are there in them", async () => {
  const owner = (method, path, body) => server.admin(PEOPLE.owner, method, `/desks/${DESK}${path}`, body);
  const change = (path, body) => owner("PATCH", path, body);
  const [{ open_id: bob }] = (await owner("GET", "/people?key=u_bob")).people;
  await change("/settings", { accent: "#b00020", away: "Call 112." });
  for (const agent of [ADA, bob]) await change(`/agents/${agent}`, { status: "offline" });
  const other = createServer((request, response) => {
    response.setHeader("content-type", "text/html");
    response.end(`<!doctype html><html lang="en"><title>Site</title><script src="${server.url}/widget.js" data-desk="${DESK}" async></script></html>`);
  });
  await new Promise((resolve) => other.listen(0, "127.0.0.1", resolve));
  const site = await open(browser, `http://127.0.0.1:${other.address().port}/`, { colorScheme: "light" });
  const button = site.locator("deskwire-widget .launcher");
  await until("the button is red", async () => (await button.evaluate((node) => getComputedStyle(node).backgroundColor)) === "rgb(176, 0, 32)");
  await button.click();
  await site.getByText("Call 112.").waitFor();
  assert.equal(await inChat(site), "rgb(176, 0, 32)");
  await site.done();
  other.closeAllConnections();
  await new Promise((resolve) => other.close(resolve));
  for (const agent of [ADA, bob]) await change(`/agents/${agent}`, { status: "online" });
});

test("who may ask is named by people and departments", async () => {
  const page = await openAs(browser, server, PATH, PEOPLE.admin);
  await page.getByRole("radio", { name: "Only some people and departments" }).check();
  const people = page.getByLabel("People", { exact: true }).and(page.locator("input"));
  await people.fill("nobody@pages.test");
  await people.press("Enter");
  await page.getByText("Nobody here is called so.").waitFor();
  await people.fill("EVE@pages.test");
  await people.press("Enter");
  const listed = page.getByRole("list", { name: "People" });
  await listed.getByText("Eve", { exact: false }).first().waitFor();
  await people.fill("gra");
  await page.getByRole("option", { name: "Grace", exact: false }).click();
  await listed.getByText("Grace", { exact: false }).first().waitFor();
  assert.equal(await people.inputValue(), "");
  await page.getByRole("button", { name: "Remove Grace" }).click();
  const departments = page.getByLabel("Departments", { exact: true }).and(page.locator("input"));
  await departments.fill("od_it");
  await departments.press("Enter");
  await page.getByLabel("Time zone").fill("Europe/Berlin");
  await save(page);
  const { visibility, timezone } = await read();
  assert.deepEqual([visibility.all, visibility.users.map(({ open_id: id }) => id), visibility.departments, timezone], [false, [EVE], ["od_it"], "Europe/Berlin"]);
  await page.getByRole("radio", { name: "Everybody", exact: false }).check();
  await save(page);
  assert.deepEqual((await read()).visibility, { all: true, users: [], departments: [] });
  await page.done();
});

test("secrets are made anew and shown once", async () => {
  const page = await openAs(browser, server, PATH, PEOPLE.owner);
  const snippet = page.getByRole("region", { name: "Snippet", exact: true });
  assert.equal(await snippet.innerText(), `<script src="${server.url}/widget.js" data-desk="${DESK}" async></script>`);
  const dialog = page.getByRole("dialog");
  await page.getByRole("button", { name: "Make a new widget secret" }).click();
  await dialog.getByText("void at once", { exact: false }).waitFor();
  await dialog.getByRole("button", { name: "Make a new widget secret" }).click();
  const secret = await page.locator('pre[aria-label="Widget secret"]').innerText();
  await page.getByRole("region", { name: "Snippet for people you know" }).waitFor();
  const arrive = (signed) => server.guest({ identity_token: identityToken(EVE, signed) });
  assert.equal((await arrive(secret)).guest.open_id, EVE);
  await assert.rejects(arrive(undefined), /not signed/);
  await page.getByRole("button", { name: "Make a new token" }).click();
  await dialog.getByRole("button", { name: "Make a new token" }).click();
  const token = await page.locator('pre[aria-label="Help desk token"]').innerText();
  assert.match(token, /^ht-/);
  await assert.rejects(server.openApi("GET", "/faqs"));
  server.keys.desk_token = token;
  await server.openApi("GET", "/faqs");
  await page.reload();
  await page.getByRole("button", { name: "Make a new token" }).waitFor();
  assert.equal(await page.getByText(token).count(), 0);
  await page.done();
});

test("a help desk is handed over to an agent", async () => {
  const page = await openAs(browser, server, PATH, PEOPLE.owner, { allow: [/403/] });
  // The agents are there before anything is written; others are not.
  const owner = page.getByRole("combobox", { name: "New owner" });
  await owner.click();
  await page.getByRole("option", { name: "Bob", exact: false }).waitFor();
  await owner.fill("eve");
  await page.getByText("Nobody here is called so.").waitFor();
  await owner.fill("b");
  await page.getByRole("option", { name: "Bob", exact: false }).click();
  await page.getByRole("button", { name: "Hand over" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Bob owns it then.", { exact: false }).waitFor();
  await dialog.getByRole("button", { name: "Hand over" }).click();
  await until("Bob owns it", async () => (await read()).owner.name === "Bob");
  await page.getByText("This is not for you").waitFor();
  await page.done();
  const back = await openAs(browser, server, PATH, PEOPLE.admin);
  await back.getByRole("combobox", { name: "New owner" }).fill("ada");
  await back.getByRole("option", { name: "Ada", exact: false }).click();
  await back.getByRole("button", { name: "Hand over" }).click();
  await dialogOf(back).getByRole("button", { name: "Hand over" }).click();
  await until("Ada owns it again", async () => (await read()).owner.name === "Ada");
  await back.done();
});

const dialogOf = (page) => page.getByRole("dialog");
