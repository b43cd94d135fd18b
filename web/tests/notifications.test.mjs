// Notifications: written, shown to oneself, approved, sent, taken back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DESK, EVE, openAs, PEOPLE, staffed, stage, until } from "./harness.mjs";

const file = staffed();
// Bob handles notifications with an app and has to ask the owner.
file.tenants[0].helpdesks[0].agents.at(-1).role = "admin";
const { server, browser } = await stage(file);

const PATH = `/admin/desks/${DESK}/notifications`;

/** The cards that somebody has, by what they say. */
async function cards(openId) {
  const guest = await server.guest({ open_id: openId });
  const { messages } = await guest.get("/messages?after=0&limit=100");
  return messages.filter(({ kind }) => kind === "card").map(({ text }) => text);
}

/** The admin API as the administrator. */
const admin = (method, path, body) => server.admin(PEOPLE.admin, method, `/desks/${DESK}${path}`, body);

/** Presses a step, fills in its dialog and confirms. */
async function step(page, name, fill) {
  await page.getByRole("button", { name, exact: true }).click();
  const dialog = page.getByRole("dialog");
  await fill?.(dialog);
  await dialog.getByRole("button", { name, exact: true }).click();
  await dialog.waitFor({ state: "detached" });
}

const state = (page, words) => page.locator(".facts .badge", { hasText: words }).waitFor();

test("the owner writes one for some people, sends it and takes it back", async () => {
  const page = await openAs(browser, server, PATH, PEOPLE.owner, { allow: [/400/] });
  await page.getByText("No notifications yet").waitFor();
  await page.getByRole("button", { name: "New notification" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Office move");
  await page.getByLabel("Title").fill("We move");
  await page.getByLabel("Text", { exact: true }).fill("On Friday to https://office.test/new");
  await page.getByRole("radio", { name: "Some people and departments" }).check();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("must name somebody", { exact: false }).waitFor();
  const people = page.getByLabel("People", { exact: true }).and(page.locator("input"));
  await people.fill(PEOPLE.guest.email);
  await people.press("Enter");
  await page.getByRole("list", { name: "People" }).getByText("Eve").first().waitFor();
  await page.locator(".push-card").getByRole("link", { name: "https://office.test/new" }).waitFor();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await state(page, "Draft");
  await page.getByLabel("Button", { exact: true }).fill("Map");
  await page.getByLabel("Address that the button leads to").fill("https://office.test/map");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Saved.", { exact: true }).waitFor();
  await until("the button is saved", async () => {
    const [{ id }] = (await admin("GET", "/notifications")).notifications;
    return (await admin("GET", `/notifications/${id}`)).notification.push_content.includes("office.test/map");
  });
  await page.getByRole("button", { name: "Show it to me" }).click();
  await page.getByText("It is in your chat").waitFor();
  await page.getByRole("button", { name: "Ask for approval" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Ask for approval" }).click();
  await dialog.getByText("1 to 1000 characters", { exact: false }).waitFor();
  await dialog.getByLabel("Reason").fill("Everybody has to know");
  await dialog.getByRole("button", { name: "Ask for approval" }).click();
  await state(page, "Approved");
  await step(page, "Send");
  await state(page, "Sent");
  assert.equal((await cards(EVE)).length, 1);
  assert.match((await cards(EVE))[0], /^We move\nOn Friday/);
  await page.locator(".facts > div", { hasText: "Have read it" }).getByText("1", { exact: true }).waitFor();
  await page.getByRole("link", { name: "← Notifications" }).click();
  await page.getByText("1 of 1 have it").waitFor();
  await page.getByRole("link", { name: "Office move" }).click();
  await step(page, "Take back");
  await state(page, "Taken back");
  await until("Eve has it no more", async () => !(await cards(EVE)).some((text) => text.startsWith("We move")));
  assert.equal(await page.getByRole("button", { name: "Send", exact: true }).count(), 0);
  await page.done();
});

test("one that waits for its time can be stopped, and a card of somebody's own is edited as JSON", async () => {
  const card = JSON.stringify({ elements: [{ tag: "hr" }, { tag: "div", text: { tag: "plain_text", content: "Lunch" } }] });
  const { notification } = await admin("POST", "/notifications", { job_name: "Lunch", push_content: card, push_type: 0, push_scope_type: 0 });
  const page = await openAs(browser, server, `${PATH}/${notification.id}`, PEOPLE.admin, { allow: [/400/] });
  const json = page.getByLabel("Card (JSON)");
  await json.fill("{");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("must be a message card's JSON", { exact: false }).waitFor();
  await json.fill(card.replace("Lunch", "Dinner"));
  await page.getByRole("radio", { name: "Everybody who joins, from its time on" }).check();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await until("it is saved", async () => {
    const { notification: now, text } = await admin("GET", `/notifications/${notification.id}`);
    return text === "Dinner" && now.push_type === 1 && now.push_scope_type === 3;
  });
  await step(page, "Ask for approval", (dialog) => dialog.getByLabel("Reason").fill("Hungry"));
  await state(page, "Approved");
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 16);
  await step(page, "Send", async (dialog) => {
    await dialog.getByRole("radio", { name: "At a time" }).check();
    await dialog.getByLabel("Goes out").fill(tomorrow);
  });
  await state(page, "Waiting for its time");
  assert.equal((await admin("GET", `/notifications/${notification.id}`)).notification.send_at, String(new Date(tomorrow).getTime()));
  await page.getByRole("button", { name: "Stop" }).click();
  await state(page, "Approved");
  await page.getByRole("button", { name: "Back to draft" }).click();
  await state(page, "Draft");
  await page.done();
});

test("what an admin of the help desk asks for is decided on the page", async () => {
  const { people } = await admin("GET", "/people?key=u_bob");
  const bob = people[0].open_id;
  const { user_access_token: token } = await server.call("POST", "/dev/v1/user_tokens", { open_id: bob, app_id: "cli_a000000000000001" });
  const header = Buffer.from(`${DESK}:${server.keys.desk_token}`).toString("base64");
  const asBob = async (path, body) => (await server.call("POST", `/open-apis/helpdesk/v1/notifications${path}`, body, { authorization: `Bearer ${token}`, "x-lark-helpdesk-authorization": header })).data;
  const content = JSON.stringify({ elements: [{ tag: "div", text: { tag: "lark_md", content: "Party at six" } }] });
  const { notification_id: id } = await asBob("", { job_name: "Party", push_content: content, push_type: 0, push_scope_type: 0 });
  await asBob(`/${id}/submit_approve`, { reason: "Fun" });
  const page = await openAs(browser, server, PATH, PEOPLE.owner);
  await page.getByRole("link", { name: /Party.*Under review/s }).click();
  await page.getByText("Party at six").waitFor();
  await page.locator(".facts").getByText("Fun", { exact: true }).waitFor();
  await step(page, "Reject", (dialog) => dialog.getByLabel("Reason").fill("Not on a Monday"));
  await state(page, "Draft");
  await page.getByText("Rejected", { exact: true }).waitFor();
  const fact = (name) => page.locator(".facts > div", { has: page.getByText(name, { exact: true }) }).locator("dd");
  assert.match(await fact("Rejected by").textContent(), /^Ada, /);
  assert.equal(await fact("What they said").textContent(), "Not on a Monday");
  await asBob(`/${id}/submit_approve`, { reason: "On Friday then" });
  await page.reload();
  assert.equal(await page.getByText("Not on a Monday").count(), 0, "it is asked for anew");
  await step(page, "Approve");
  await state(page, "Approved");
  assert.match(await fact("Approved by").textContent(), /^Ada, /);
  assert.equal(await fact("What they said").textContent(), "No reason given");
  const told = await server.guest({ open_id: bob }).then((guest) => guest.get("/messages?after=0&limit=100"));
  assert.deepEqual(told.messages.map(({ text }) => text), ['Your push "Party" was rejected and is a draft again.\nNot on a Monday', 'Your push "Party" was approved and can be sent.']);
  await page.done();
});
