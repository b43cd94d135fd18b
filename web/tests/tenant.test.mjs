// Apps and users: what administrators do, and what everybody does with their own account.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DESK, EVE, openAs, PEOPLE, Sink, staffed, stage, subscribe, until } from "./harness.mjs";

const sink = await Sink.start();
const { server, browser } = await stage(staffed(sink.url), sink);

const admin = (path) => server.admin(PEOPLE.admin, "GET", path);

/** Whether id and secret give a token. */
async function opens(id, secret) {
  const body = JSON.stringify({ app_id: id, app_secret: secret });
  const response = await fetch(`${server.url}/open-apis/auth/v3/tenant_access_token/internal`, { method: "POST", headers: { "content-type": "application/json" }, body });
  return (await response.json()).code === 0;
}

test("an app is made, its secret is shown once, renewed, and the app removed", async () => {
  const page = await openAs(browser, server, "/admin/apps", PEOPLE.admin);
  await page.getByRole("button", { name: "New app" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("Robot");
  await dialog.getByRole("button", { name: "Make the app" }).click();
  await dialog.getByText("shown this once", { exact: false }).waitFor();
  const [id, secret] = await dialog.locator("dd code").allInnerTexts();
  assert.ok(await opens(id, secret));
  // The dialog is not left by accident.
  await page.keyboard.press("Escape");
  await dialog.getByRole("button", { name: "I have kept it" }).click();
  await page.getByRole("heading", { level: 1, name: "Robot" }).waitFor();
  assert.ok(!(await page.content()).includes(secret));
  await page.getByLabel("helpdesk:all:readonly", { exact: false }).check();
  await page.locator("form").first().getByRole("button", { name: "Save" }).click();
  await page.getByRole("status").filter({ hasText: "Saved." }).first().waitFor();
  assert.deepEqual((await admin(`/apps/${id}`)).app.scopes, ["helpdesk:all:readonly"]);
  await page.getByRole("button", { name: "Renew the secret" }).click();
  await dialog.getByText("stop working at once", { exact: false }).waitFor();
  assert.ok(await opens(id, secret), "nothing happens before it is confirmed");
  await dialog.getByRole("button", { name: "Renew the secret" }).click();
  const renewed = dialog.locator("dd code");
  await renewed.waitFor();
  const second = await renewed.innerText();
  assert.deepEqual([await opens(id, secret), await opens(id, second)], [false, true]);
  await dialog.getByRole("button", { name: "I have kept it" }).click();
  await page.getByRole("button", { name: "Remove the app" }).click();
  await dialog.getByRole("button", { name: "Remove the app" }).click();
  await page.getByRole("heading", { level: 1, name: "Apps" }).waitFor();
  assert.ok(!(await opens(id, second)));
  await page.done();
});

test("events of an app: address, check, key, types and subscriptions", async () => {
  const app = "cli_a000000000000001";
  const page = await openAs(browser, server, `/admin/apps/${app}`, PEOPLE.admin, { allow: [/400/] });
  const events = page.getByRole("form", { name: "Events" });
  const save = events.getByRole("button", { name: "Save" });
  const saved = events.getByRole("status").filter({ hasText: "Saved." });
  await events.getByLabel("Webhook address").fill("ftp://pages.test");
  await save.click();
  await events.getByText("an http or https URL is", { exact: false }).waitFor();
  await events.getByLabel("Webhook address").fill(sink.url);
  await events.getByLabel("Encrypt key", { exact: true }).fill("a-very-long-key-4321");
  await events.getByLabel("helpdesk.ticket.created_v1").check();
  await save.click();
  await saved.waitFor();
  await events.getByText("…4321", { exact: false }).waitFor();
  assert.ok(!(await page.content()).includes("a-very-long-key"));
  await events.getByLabel("Remove: Encrypt key").check();
  await save.click();
  await until("the key is gone", async () => (await admin(`/apps/${app}`)).app.encrypt_key === undefined);
  await events.getByRole("button", { name: "Check the address now" }).click();
  await events.getByText("Passed:", { exact: false }).waitFor();
  await events.getByText("Address checked", { exact: true }).waitFor();
  const subscriptions = page.getByRole("region", { name: "Subscriptions" });
  await subscriptions.getByLabel("helpdesk.ticket.created_v1").first().check();
  await subscriptions.getByRole("status").filter({ hasText: "Saved." }).waitFor();
  const { subscriptions: all } = await admin(`/apps/${app}`);
  assert.deepEqual(all.find(({ helpdesk_id: id }) => id === DESK).types, ["helpdesk.ticket.created_v1"]);
  const guest = await server.guest({ name: "Eve" });
  await guest.post("/messages", { text: "hello" });
  await until("the app got it", async () => sink.events.length > 0);
  await page.done();
});

test("users are found, made, given a password and deactivated; the last administrator stays", async () => {
  const page = await openAs(browser, server, "/admin/users", PEOPLE.admin, { allow: [/40[03]/] });
  await page.getByText("Owner of", { exact: false }).first().waitFor();
  await page.getByLabel("Search name, address or id").fill("BOB@");
  await until("only Bob is left", async () => (await page.locator(".line").count()) === 1);
  await page.getByRole("button", { name: "New user" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Ivy");
  await page.getByLabel("E-mail address").fill(PEOPLE.agent.email);
  await page.getByLabel("Password").fill("ivy-pages");
  await page.getByLabel("Administrator of the organisation", { exact: false }).check();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("belongs to Bob already", { exact: false }).waitFor();
  await page.getByLabel("E-mail address").fill("ivy@pages.test");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { level: 1, name: "Ivy" }).waitFor();
  const ivy = await openAs(browser, server, "/admin/users", { email: "ivy@pages.test", password: "ivy-pages" });
  await ivy.getByText("Grace").first().waitFor();
  await page.getByLabel("New password").fill("ivy-again");
  await page.getByRole("button", { name: "Set the password" }).click();
  await page.getByText("Set. Their sessions are over.").waitFor();
  // Her session is over at once.
  ivy.faults.length = 0;
  await ivy.reload();
  await ivy.locator("input[name=password]").waitFor();
  await ivy.context().close();
  await page.getByRole("button", { name: "Deactivate" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Deactivate" }).click();
  await page.getByText("It brings the account back.").waitFor();
  // Grace is the last one again.
  await page.goto(`${server.url}/admin/users/u_grace`);
  const rights = page.getByLabel("Administrator of the organisation", { exact: false });
  await rights.uncheck();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("is the last administrator", { exact: false }).waitFor();
  assert.equal((await admin("/users/u_grace")).user.role, "admin");
  await page.done();
});

test("an agent changes their own password and ends their other sessions", async () => {
  const other = await openAs(browser, server, "/agent", PEOPLE.agent, { allow: [/401/] });
  const page = await openAs(browser, server, "/agent", PEOPLE.agent, { allow: [/400/] });
  await page.getByRole("button", { name: "Your account" }).click();
  const dialog = page.getByRole("dialog");
  assert.equal(await dialog.getByText("Here", { exact: true }).count().then(async () => (await dialog.locator(".rows > li").first().waitFor(), dialog.locator(".rows > li").count())), 2);
  await dialog.getByRole("button", { name: "End" }).click();
  await until("one session is left", async () => (await dialog.locator(".rows > li").count()) === 1);
  await other.reload();
  await other.locator("input[name=password]").waitFor();
  await other.context().close();
  await dialog.getByLabel("Password now").fill("wrong");
  await dialog.getByLabel("New password").fill("bob-better");
  await dialog.getByRole("button", { name: "Change the password" }).click();
  await dialog.getByText("this is not your password", { exact: false }).waitFor();
  await dialog.getByLabel("Password now").fill(PEOPLE.agent.password);
  await dialog.getByRole("button", { name: "Change the password" }).click();
  await dialog.getByText("Changed.").waitFor();
  await page.keyboard.press("Escape");
  await page.done();
  const again = await openAs(browser, server, "/agent", { ...PEOPLE.agent, password: "bob-better" });
  await again.done();
});

test("the latest calls are shown masked, with what mends a mistake, and copied without the token", async () => {
  const credentials = { app_id: "cli_a000000000000001", app_secret: "secret" };
  const { tenant_access_token: token } = await server.call("POST", "/open-apis/auth/v3/tenant_access_token/internal", credentials);
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json", "x-lark-helpdesk-authorization": Buffer.from(`${DESK}:ht-pages`).toString("base64") };
  const body = JSON.stringify({ event_id: "none", faqs: [{ id: "1", score: 2, question: "my private words" }] });
  await fetch(`${server.url}/open-apis/helpdesk/v1/tickets/1/answer_user_query`, { method: "POST", headers, body });
  const page = await openAs(browser, server, "/admin/calls", PEOPLE.admin, { permissions: ["clipboard-read", "clipboard-write"] });
  await page.getByLabel("Only failed ones").check();
  await page.getByText("answer_user_query", { exact: false }).first().click();
  const detail = page.getByRole("region", { name: "Call", exact: true });
  await detail.getByText("What mends it:").waitFor();
  await detail.getByText('"question": "…"', { exact: false }).waitFor();
  const html = await page.content();
  for (const hidden of [token, "my private words", "ht-pages"]) assert.ok(!html.includes(hidden), hidden);
  await detail.getByRole("button", { name: "Copy as curl" }).click();
  await detail.getByRole("status").filter({ hasText: "Copied" }).first().waitFor({ state: "attached" });
  const command = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(command, /curl -X POST/);
  assert.match(command, /Bearer \$AUTHORIZATION/);
  assert.ok(!command.includes(token) && !command.includes(token.slice(-4)), command);
  await page.done();
});

test("a call leads to the events that it caused, and to all of its ticket", async () => {
  await subscribe(server);
  const { ticket_id: ticketId } = await server.openApi("POST", "/start_service", { open_id: EVE, human_service: true });
  const page = await openAs(browser, server, "/admin/calls", PEOPLE.admin);
  await page.locator(".line", { hasText: "start_service" }).first().click();
  const caused = page.getByRole("region", { name: "Its events" });
  await caused.locator(".line", { hasText: "ticket.created_v1" }).click();
  await page.getByRole("region", { name: "Event, as the app reads it" }).waitFor();
  await page.goBack();
  await caused.getByRole("link", { name: "All events of its ticket" }).click();
  await page.getByRole("heading", { name: "Events", level: 1 }).waitFor();
  assert.equal(await page.getByRole("textbox", { name: "Ticket" }).inputValue(), ticketId);
  await page.locator(".line", { hasText: "ticket.created_v1" }).first().waitFor();
  // What was found stays in the address.
  await page.reload();
  await page.locator(".line", { hasText: "ticket.created_v1" }).first().waitFor();
  assert.equal(await page.getByRole("textbox", { name: "Ticket" }).inputValue(), ticketId);
  // A call about no ticket has none.
  await server.openApi("GET", "/faqs");
  await page.goto(`${server.url}/admin/calls`);
  await page.locator(".line", { hasText: "/helpdesk/v1/faqs" }).first().click();
  await page.getByRole("region", { name: "Call", exact: true }).getByText("/helpdesk/v1/faqs").first().waitFor();
  assert.equal(await caused.count(), 0);
  await page.done();
});

test("an owner is not offered apps and users, and the audit log tells what was done in words", async () => {
  const owner = await openAs(browser, server, "/admin", PEOPLE.owner, { allow: [/403/] });
  await owner.locator(".figures").first().waitFor();
  assert.equal(await owner.getByRole("link", { name: "Users", exact: true }).count(), 0);
  await owner.goto(`${server.url}/admin/users`);
  await owner.getByText("administrators of the tenant may do this", { exact: false }).waitFor();
  await owner.done();
  const page = await openAs(browser, server, "/admin/audit", PEOPLE.admin);
  for (const words of ["App made", "App secret renewed", "User made", "User deactivated", "Own password changed"]) await page.getByText(words, { exact: false }).first().waitFor();
  await page.getByRole("button", { name: "切换到中文" }).click();
  await page.getByText("更换了应用密钥", { exact: false }).first().waitFor();
  await page.done();
});
