// What administrators and owners look after: who did what.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DESK, openAs, PEOPLE, Sink, staffed, stage } from "./harness.mjs";

const sink = await Sink.start();
const { server, browser } = await stage(staffed(sink.url), sink);

test("the audit log tells who changed a FAQ, and is filtered and downloaded", async () => {
  const page = await openAs(browser, server, `/admin/desks/${DESK}/faqs`, PEOPLE.admin);
  await page.getByRole("button", { name: "New FAQ" }).click();
  await page.getByLabel("Question", { exact: true }).fill("Where is the sauna?");
  await page.getByLabel("Answer", { exact: true }).fill("In the basement.");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved. Guests get it").waitFor();
  await page.goto(`${server.url}/admin/audit`);
  const made = page.locator(".audit-line", { hasText: "admin_faq.create" });
  await made.getByText("What changed").click();
  await made.getByText("Where is the sauna?").waitFor();
  await page.locator(".audit-line", { hasText: "deskfile.apply" }).waitFor();
  await page.getByLabel("Action begins with").fill("admin_faq");
  await page.locator(".audit-line", { hasText: "deskfile.apply" }).waitFor({ state: "detached" });
  assert.equal(await made.count(), 1);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download as CSV" }).click()]);
  assert.equal(download.suggestedFilename(), "audit.csv");
  await page.getByLabel("Person or app").fill("nobody of this name");
  await page.getByText("Nothing here").waitFor();
  await page.done();
});
