// What administrators and owners look after: who did what.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ADA, DESK, openAs, PEOPLE, Sink, staffed, stage } from "./harness.mjs";

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
  await made.locator("summary").getByText("Where is the sauna?").waitFor();
  await made.locator(".audit-text").getByText("Where is the sauna?", { exact: false }).waitFor();
  await page.locator(".audit-line", { hasText: "deskfile.apply" }).waitFor();
  await page.getByRole("combobox", { name: "What it is about" }).selectOption({ label: "FAQs" });
  await page.locator(".audit-line", { hasText: "deskfile.apply" }).waitFor({ state: "detached" });
  assert.equal(await made.count(), 1);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download as CSV" }).click()]);
  assert.equal(download.suggestedFilename(), "audit.csv");
  await page.getByLabel("Person or app").fill("nobody of this name");
  await page.getByText("Nothing here").waitFor();
  await page.done();
});

test("who runs several help desks goes from one to the other on the same page", async () => {
  const { id } = await server.admin(PEOPLE.admin, "POST", "/desks", { name: "Facilities", owner: ADA });
  const page = await openAs(browser, server, `/admin/desks/${DESK}/faqs`, PEOPLE.admin);
  await page.locator(".line").first().waitFor();
  await page.getByRole("combobox", { name: "Help desk that the pages are about" }).selectOption({ label: "Facilities" });
  await page.waitForURL(new RegExp(`/admin/desks/${id}/faqs$`));
  await page.getByText("No FAQs yet").waitFor();
  await page.locator(".page-head").getByText("Facilities").waitFor();
  // On a page about all of them it is kept for the next one.
  await page.getByRole("link", { name: "Audit log" }).click();
  await page.getByRole("heading", { name: "Audit log" }).waitFor();
  await page.getByRole("link", { name: "Agents" }).click();
  await page.waitForURL(new RegExp(`/admin/desks/${id}/agents$`));
  await page.done();
});

test("an address of a help desk that is not there leads back, in the reader's language", async () => {
  const page = await openAs(browser, server, "/admin/desks/6900000000000009999/faqs", PEOPLE.admin, { locale: "zh-CN" });
  await page.getByText("内容已被删除，或者地址有误。").waitFor();
  await page.locator("main").getByRole("link", { name: "服务台" }).click();
  await page.getByRole("heading", { name: "服务台", level: 1 }).waitFor();
  await page.done();
});

test("the audit log leads to the FAQ that was changed, and is narrowed to one by its address", async () => {
  const { faq } = await server.admin(PEOPLE.owner, "POST", `/desks/${DESK}/faqs`, { faq: { question: "Where is the terrace?", answer: "On the roof." } });
  const page = await openAs(browser, server, `/admin/audit?object=${faq.faq_id}`, PEOPLE.admin);
  const line = page.locator(".audit-line");
  await line.getByRole("link", { name: faq.faq_id }).waitFor();
  assert.equal(await line.count(), 1);
  await page.getByRole("link", { name: "Show all" }).click();
  await page.locator(".audit-line", { hasText: "deskfile.apply" }).waitFor();
  await page.goBack();
  await line.getByRole("link", { name: faq.faq_id }).click();
  await page.getByRole("heading", { name: "FAQ", exact: true }).waitFor();
  await page.done();
});
