// The connection is lost and comes back, sessions end, calls fail.

import assert from "node:assert/strict";
import { test } from "node:test";
import { answered, ask, DESK, open, question, stage } from "./harness.mjs";

const UNREACHED = [/ERR_CONNECTION_REFUSED/, /ERR_INCOMPLETE_CHUNKED_ENCODING/, /ERR_INTERNET_DISCONNECTED/, /ERR_CONNECTION_RESET/, /ERR_EMPTY_RESPONSE/, /ERR_FAILED/];
const { server, browser } = await stage();

test("a server that restarts is told of, and nothing is missed or sent twice", async () => {
  const page = await open(browser, server.chat, { allow: UNREACHED });
  await page.locator(".human:enabled").click();
  await page.getByText("A colleague has your conversation.").waitFor();
  const { ticket_id: id } = await server.newestTicket();
  await server.act(id, { action: "reply", text: "before" });
  await page.getByText("before", { exact: true }).waitFor();
  await page.getByText("Connection lost").waitFor({ state: "hidden" });

  await server.halt("SIGKILL");
  await page.getByText("Connection lost. Trying again").waitFor();
  await ask(page, "written while the server was away");
  await page.getByText("Will be sent when the connection is back").waitFor();
  // The page stays off the network until others have written.
  await page.context().setOffline(true);
  await server.run();
  for (const text of ["missed one", "missed two"]) await server.act(id, { action: "reply", text });
  await page.context().setOffline(false);

  await page.getByText("missed two", { exact: true }).waitFor();
  await page.getByText("Connected again.").waitFor();
  await page.locator(".entry.own .foot time").waitFor();
  await page.getByText("Connection lost").waitFor({ state: "hidden" });
  await server.act(id, { action: "reply", text: "after" });
  await page.getByText("after", { exact: true }).waitFor();
  const texts = (await page.locator(".entry .text").allInnerTexts()).filter((text) => !text.includes("请提问"));
  assert.deepEqual([...texts].sort(), ["after", "before", "missed one", "missed two", "written while the server was away"]);
  await page.reload();
  await page.getByText("after", { exact: true }).waitFor();
  const stored = (await page.locator(".entry .text").allInnerTexts()).filter((text) => !text.includes("请提问"));
  assert.equal(stored.filter((text) => text === "written while the server was away").length, 1);
  assert.equal(stored.length, 5);
  await page.getByRole("button", { name: "End conversation" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "End conversation" }).click();
  await page.done();
});

test("an answer whose way back is lost is not asked for twice", async () => {
  const page = await open(browser, server.chat, { allow: UNREACHED });
  let sent = 0;
  await page.route("**/guest/v1/messages", async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    sent += 1;
    if (sent > 1) return route.continue();
    await route.fetch();
    return route.abort("connectionreset");
  });
  await ask(page, "How do I reset my password?");
  await answered(page, "Open Settings > Security.");
  await page.locator(".entry.own .foot time").waitFor();
  assert.equal(await page.locator(".entry.own").count(), 1);
  await page.reload();
  await answered(page, "Open Settings > Security.");
  assert.equal(await page.locator(".entry.own").count(), 1);
  await page.done();
});

test("a refused message says why and can be sent again", async () => {
  const page = await open(browser, server.chat, { allow: [/status of 400/] });
  let refuse = true;
  await page.route("**/guest/v1/messages", (route) => {
    if (route.request().method() !== "POST" || !refuse) return route.continue();
    refuse = false;
    const failure = { code: 154000, msg: "invalid", error: { message: "text: not today", log_id: "" } };
    return route.fulfill({ status: 400, json: failure });
  });
  await ask(page, "forgot password");
  await page.getByRole("alert").getByText("That did not work: text: not today").waitFor();
  await page.locator(".entry.own.failed").getByRole("button", { name: "Try again" }).click();
  await answered(page, "Open Settings > Security.");
  assert.equal(await page.getByRole("alert").innerText(), "");
  await page.done();
});

test("a session that ended begins anew and takes what was being sent along", async () => {
  const page = await open(browser, server.chat, { allow: [/status of 401/] });
  await ask(page, "How do I get a new laptop?");
  await answered(page, "Order one in the catalogue.");
  await page.route("**/guest/v1/messages", (route) =>
    route.fulfill({ status: 401, json: { code: 154001, msg: "unauthorized", error: { message: "expired", log_id: "" } } }), { times: 1 });
  for (const text of ["forgot password", "How do I repair a broken laptop?"]) {
    await question(page).fill(text);
    await question(page).press("Enter");
  }
  await page.getByText("a new one has begun").waitFor();
  await answered(page, "Open Settings > Security.");
  await answered(page, "Bring it to room 2.");
  assert.equal(await page.locator(".entry.own").count(), 2);
  assert.equal(await page.getByText("Order one in the catalogue.").count(), 0);
  await page.done();
});

test("a desk that cannot be reached, is gone or is closed to the guest says so", async () => {
  const page = await open(browser, server.chat, { allow: UNREACHED });
  await page.locator(".human:enabled").waitFor();
  await page.route("**/guest/v1/**", (route) => route.abort());
  await page.reload();
  await page.getByText("The chat could not be started. The help desk cannot be reached.").waitFor();
  await question(page).fill("typed already");
  await page.unroute("**/guest/v1/**");
  // It tries again by itself.
  await page.getByText("Hello! Ask anything.").waitFor();
  assert.equal(await page.getByRole("alert").innerText(), "");
  assert.equal(await question(page).inputValue(), "typed already");
  for (const [status, code, words] of [[404, 154004, "does not exist"], [401, 154402, "not open to you"], [500, 154005, "has a problem right now"]]) {
    const other = await open(browser, "about:blank", { allow: [/status of/] });
    await other.route(`**/desks/${DESK}/sessions`, (route) => route.fulfill({ status, json: { code, msg: "", error: { message: "no", log_id: "" } } }));
    await other.goto(server.chat);
    await other.getByText(words).waitFor();
    await ask(other, "forgot password");
    await other.getByText("Will be sent when the connection is back").waitFor();
    await other.unroute(`**/desks/${DESK}/sessions`);
    // What may pass is tried again by itself.
    if (status < 500) await other.getByRole("button", { name: "Try again" }).click();
    await answered(other, "Open Settings > Security.");
    await other.done();
  }
  const nowhere = await fetch(`${server.url}/desk/1`);
  assert.equal(nowhere.status, 404);
  await page.done();
});

test("where event streams do not get through, messages come by polling", async () => {
  const page = await open(browser, "about:blank", { allow: [/ERR_FAILED/, /status of 502/] });
  await page.route("**/guest/v1/stream", (route) => route.fulfill({ status: 502, body: "" }));
  await page.goto(server.chat);
  await ask(page, "forgot password");
  await answered(page, "Open Settings > Security.");
  await page.getByText("Connection lost").waitFor({ state: "hidden" });
  await page.done();
});
