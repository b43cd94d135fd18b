// Who gets into the staff's pages, and how they look to them: sign-in, roles, CSRF, a session that is over, language,
// appearance.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DESK, open, openAs, PEOPLE, staffed, stage } from "./harness.mjs";

const { admin, owner, agent, guest } = PEOPLE;
const { server, browser } = await stage(staffed());

/** Fills in the form and sends it. */
async function signIn(page, { email, password }) {
  await page.locator("input[name=email]").fill(email);
  await page.locator("input[name=password]").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

test("signing in: what is missing and wrong is said, what is right stays, signing out ends it", async () => {
  const page = await open(browser, `${server.url}/admin`, { allow: [/401/, /403/] });
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.getByRole("button", { name: "Sign in" }).click();
  assert.equal(await page.getByText("Fill this in.").count(), 2);
  await signIn(page, { ...owner, password: "wrong" });
  await page.getByRole("alert").getByText("do not belong together").waitFor();
  await signIn(page, guest);
  await page.getByRole("alert").getByText("may not sign in here").waitFor();
  await signIn(page, owner);
  await page.getByRole("heading", { name: "Help desks" }).waitFor();
  await page.getByText("FAQs online").waitFor();
  const [cookie] = (await page.context().cookies()).filter(({ name }) => name === "deskwire_session");
  assert.deepEqual([cookie.httpOnly, cookie.sameSite], [true, "Lax"]);
  await page.reload();
  await page.getByText("FAQs online").waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.done();
});

test("who tries too often is told how long to wait", async () => {
  const page = await open(browser, `${server.url}/agent`, { allow: [/401/, /429/] });
  for (let tries = 0; tries < 10; tries += 1) {
    const answered = page.waitForResponse((response) => response.request().method() === "POST");
    await signIn(page, { email: "nobody@pages.test", password: "wrong" });
    await answered;
    await page.getByText("do not belong together").waitFor();
  }
  await signIn(page, { email: "nobody@pages.test", password: "wrong" });
  await page.getByRole("alert").getByText(/Wait \d+ second/).waitFor();
  assert.ok(await page.getByRole("button", { name: "Sign in" }).isDisabled());
  await page.done();
});

test("everybody is offered what is theirs", async () => {
  for (const [who, apps] of [[admin, ["Console", "Administration", "Inspector"]], [owner, ["Console", "Administration", "Inspector"]], [agent, ["Console", "Inspector"]]]) {
    const page = await openAs(browser, server, "/agent", who);
    assert.deepEqual(await page.getByRole("navigation", { name: "Pages" }).getByRole("link").allInnerTexts(), apps, who.name);
    await page.done();
  }
  const page = await openAs(browser, server, "/admin", agent);
  await page.getByText("This is not for you").waitFor();
  // Nor does the API, whatever a page shows.
  const answer = await page.request.get(`${server.url}/admin/v1/desks/${DESK}/answering`);
  assert.equal(answer.status(), 403);
  await page.done();
});

test("a change needs the header that only the page knows", async () => {
  const page = await openAs(browser, server, "/admin", owner);
  const path = `${server.url}/admin/v1/desks/${DESK}/answering`;
  const bare = await page.request.patch(path, { data: { list_size: 4 } });
  assert.equal(bare.status(), 403);
  await page.goto(`${server.url}/admin/desks/${DESK}/answering`);
  const sent = page.waitForRequest((request) => request.method() === "PATCH");
  await page.getByRole("button", { name: "Save" }).click();
  assert.ok((await sent).headers()["x-csrf-token"]);
  await page.getByText("Saved. It counts").waitFor();
  await page.done();
});

test("a session that is over asks for the password again and keeps what was typed", async () => {
  const page = await openAs(browser, server, `/admin/desks/${DESK}/faqs/new`, owner);
  await page.getByLabel("Question", { exact: true }).fill("Who waters the plants?");
  await page.getByLabel("Answer", { exact: true }).fill("Facilities does.");
  await page.context().clearCookies();
  await page.getByRole("button", { name: "Save" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Your session is over.").waitFor();
  assert.equal(await dialog.locator("input[name=email]").inputValue(), owner.email);
  await dialog.locator("input[name=password]").fill(owner.password);
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await dialog.waitFor({ state: "detached" });
  assert.equal(await page.getByLabel("Question", { exact: true }).inputValue(), "Who waters the plants?");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved. Guests get it").waitFor();
  await page.done();
});

test("language and appearance stay as they were chosen", async () => {
  const page = await openAs(browser, server, "/admin", owner, { colorScheme: "light" });
  await page.getByText("FAQs online").waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  await page.getByRole("button", { name: "切换到中文" }).click();
  await page.getByText("在线知识").waitFor();
  const dark = () => page.evaluate(() => document.body.getAttribute("theme-mode"));
  assert.equal(await dark(), null);
  await page.getByRole("button", { name: "外观: 跟随设备" }).click();
  await page.getByRole("button", { name: "外观: 浅色" }).click();
  assert.equal(await dark(), "dark");
  await page.reload();
  await page.getByText("在线知识").waitFor();
  assert.deepEqual([await dark(), await page.locator("html").getAttribute("lang")], ["dark", "zh-CN"]);
  await page.done();
});

test("by keyboard: the first tab skips to the content, a new page begins at its top", async () => {
  const page = await openAs(browser, server, "/admin", owner);
  await page.getByText("FAQs online").waitFor();
  await page.reload();
  await page.getByText("FAQs online").waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the content");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "content");
  await page.getByRole("link", { name: "Events", exact: true }).press("Enter");
  await page.getByRole("heading", { name: "Events" }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "content");
  assert.equal(await page.title(), "Events · Deskwire");
  await page.done();
});

test("an address that leads nowhere says so", async () => {
  const page = await openAs(browser, server, "/admin/nothing/here", owner);
  await page.getByText("There is nothing here").waitFor();
  await page.goto(`${server.url}/admin/desks/${DESK}/faqs/6900000000000009999`).catch(() => {});
  await page.getByRole("alert").getByText("6900000000000009999").waitFor();
  page.faults.splice(0, page.faults.length, ...page.faults.filter((fault) => !/404/.test(fault)));
  await page.done();
});
