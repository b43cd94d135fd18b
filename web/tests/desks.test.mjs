// Desks that differ: one that an app answers, one with opening hours, one that is closed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { answered, ask, DESK, desk, open, stage, until } from "./harness.mjs";

const HOURS = "6900000000000000002";
const CLOSED = "6900000000000000003";
const EVENT = { type: "helpdesk.ticket_message", subtype: "ticket_message.created_v1" };
const DAY_MS = 86_400_000;

const file = structuredClone(desk);
const [tenant] = file.tenants;
const [asked] = tenant.helpdesks;
const [app] = tenant.apps;
app.events = { delivery: "webhook", verification_token: "v", types: ["helpdesk.ticket_message.created_v1"] };
asked.answering = { ...asked.answering, by: "app" };
asked.subscriptions = [{ app: app.app_id, ...EVENT }];
// The day after tomorrow, an hour from 03:00 UTC.
const opens = Math.floor(Date.now() / DAY_MS) * DAY_MS + 2 * DAY_MS + 3 * 3_600_000;
const weekday = new Date(opens).getUTCDay() || 7;
const schedule = [{ start_time: "03:00", end_time: "04:00", weekday }];
const common = { owner: "u_ada", visibility: "all", answering: { by: "builtin" } };
tenant.helpdesks.push(
  { ...common, id: HOURS, token: "ht-hours", name: "Hours", agents: [{ user: "u_ada", schedule }] },
  { ...common, id: CLOSED, token: "ht-closed", name: "Closed", agents: [{ user: "u_ada", status: "offline" }] },
);
const { server, browser } = await stage(file);

test("while an app is at it the assistant is seen writing, also after a reload, and its answer says whose it is", async () => {
  const page = await open(browser, server.chat);
  await ask(page, "anything");
  await page.locator(".dots").waitFor();
  await page.reload();
  await page.locator(".dots").waitFor();
  const { deliveries } = await server.call("GET", "/dev/v1/deliveries?limit=1");
  const [{ event_id, ticket_id }] = deliveries;
  await server.openApi("POST", `/tickets/${ticket_id}/answer_user_query`, { event_id, faqs: [{ id: "6900000000000001001", score: 0.95 }] });
  await answered(page, "Open Settings > Security.");
  await page.getByText("Answered by an app").waitFor();
  assert.equal(await page.locator(".dots").count(), 0);
  await page.done();
});

test("a guest sees when colleagues are back, before asking for one and after", async () => {
  const page = await open(browser, `${server.url}/desk/${HOURS}`, { timezoneId: "UTC" });
  const when = new Intl.DateTimeFormat("en-US", { timeZone: "UTC", weekday: "long", hour: "numeric", minute: "2-digit" }).format(opens);
  const said = async (words) => {
    const spaces = (text) => text.replaceAll(/\s/g, " ");
    await until(words, async () => spaces(await page.locator(".chat").innerText()).includes(spaces(words)));
  };
  await said(`Colleagues are back ${when}`);
  await page.getByRole("button", { name: "Talk to a human" }).click();
  await said(`You are next in line. Nobody is on duty right now. Leave your message; colleagues are back ${when}.`);
  await page.done();
  const chinese = await open(browser, `${server.url}/desk/${CLOSED}`, { locale: "zh-CN" });
  await chinese.getByText("目前没有客服在线").waitFor();
  await chinese.getByRole("button", { name: "转人工" }).click();
  await chinese.getByText("您是下一位。目前没有客服在线。请留言，我们会在这里回复您。").waitFor();
  await chinese.done();
});

test("the page of a desk has that desk's own conversation", async () => {
  const page = await open(browser, `${server.url}/desk/${HOURS}`);
  await ask(page, "one for this desk");
  await page.locator(".entry.own .foot time").waitFor();
  await page.goto(`${server.url}/desk/${DESK}`);
  await page.locator(".human:enabled").waitFor();
  assert.equal(await page.locator(".entry.own").count(), 0);
  await page.goto(`${server.url}/desk/${HOURS}`);
  await page.getByText("one for this desk").waitFor();
  await page.done();
});
