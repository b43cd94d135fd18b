// The developer's inspector: what came in, what went out, the clock, faults, and programs to start with.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DESK, open, Sink, staffed, stage, subscribe, until } from "./harness.mjs";

const sink = await Sink.start();
const { server, browser } = await stage(staffed(sink.url), sink);
await subscribe(server);

const visit = (path, options = {}) => open(browser, `${server.url}/dev${path}`, { permissions: ["clipboard-read", "clipboard-write"], ...options, allow: [/401/, ...(options.allow ?? [])] });
const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());

test("calls come by themselves; a failed one says why and what mends it, and is copied as curl", async () => {
  const page = await visit("");
  await page.getByRole("heading", { name: "Calls", level: 1 }).waitFor();
  await server.openApi("GET", "/faqs?page_size=1000").catch(() => {});
  const line = page.locator(".line", { hasText: "/helpdesk/v1/faqs" });
  await line.getByText("400 / 99992402").click();
  await page.getByText("What mends it:").waitFor();
  assert.match(await page.locator(".mistake").innerText(), /page_size/);
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Call", "the detail is read next");
  await page.getByText(/^Headers \(/).first().click();
  const shown = await page.locator(".pane-detail").innerText();
  assert.match(shown, /x-lark-helpdesk-authorization/);
  assert.ok(!shown.includes("aHQtcGFnZXM") && !shown.includes("ht-pages"), "no secret is shown");
  await page.getByRole("button", { name: "Copy as curl" }).click();
  const curl = await until("it is copied", () => clipboard(page));
  assert.match(curl, /^curl -X GET 'http:\/\/127\.0\.0\.1:\d+\/open-apis\/helpdesk\/v1\/faqs\?page_size=1000'/);
  assert.match(curl, /-H "authorization: Bearer \$AUTHORIZATION"/);
  await page.getByLabel("Path contains").fill("no/such/path");
  await page.getByText("No calls").waitFor();
  await page.done();
});

test("why a call failed and where an event stands is said in Chinese on Chinese pages", async () => {
  await server.openApi("GET", "/faqs?page_size=1001").catch(() => {});
  const page = await visit("", { locale: "zh-CN" });
  await page.locator(".line", { hasText: "/helpdesk/v1/faqs" }).first().click();
  await page.locator(".mistake").getByText("缺少字段或参数，或其值超出范围。").waitFor();
  await page.goto(`${server.url}/dev/events`);
  const guest = await server.guest();
  const { ticket_id: ticketId } = await guest.post("/messages", { text: "打印机在哪里？" });
  await page.getByRole("textbox", { name: "工单" }).fill(ticketId);
  const line = page.locator(".line", { hasText: "ticket.created_v1" });
  await line.getByText("已送达").waitFor();
  await line.click();
  await page.getByText("应用已确认收到此事件。").waitFor();
  await page.done();
});

test("an event opens to what the app reads and to each attempt, and is sent again", async () => {
  sink.works = false;
  const page = await visit("/events");
  const guest = await server.guest();
  const { ticket_id: ticketId } = await guest.post("/messages", { text: "Is the printer on fire?" });
  await page.getByRole("textbox", { name: "Ticket" }).fill(ticketId);
  await until("only that ticket's are shown", async () => (await page.locator(".line", { hasText: "ticket.created_v1" }).count()) === 1);
  const line = page.locator(".line", { hasText: "ticket.created_v1" });
  await line.getByText("Waiting").waitFor();
  await line.click();
  await page.locator(".attempts").getByText("500", { exact: true }).waitFor();
  await page.locator(".mistake").getByText("The last of 1 attempt failed. It is tried again by itself.").waitFor();
  await page.locator(".facts").getByText(sink.url).waitFor();
  assert.match(await page.getByRole("region", { name: "Event, as the app reads it" }).innerText(), new RegExp(ticketId));
  await page.getByRole("button", { name: "Copy as curl" }).click();
  assert.match(await until("it is copied", () => clipboard(page)), new RegExp(`^curl -X POST '${sink.url}'.*v-pages`));
  sink.works = true;
  const before = sink.events.length;
  await page.getByRole("button", { name: "Send again" }).click();
  await page.locator(".pane-detail").getByText("Delivered").waitFor();
  assert.ok(sink.events.length > before);
  await line.getByText("Delivered").waitFor();
  await page.done();
});

test("the clock moves, a fault happens and ends, a reset takes all back", async () => {
  const page = await visit("/controls");
  const { now_ms: before } = await server.call("GET", "/dev/v1/clock");
  await page.getByRole("button", { name: "+ 1 hour" }).click();
  await page.getByText("60 minutes ahead").waitFor();
  assert.ok((await server.call("GET", "/dev/v1/clock")).now_ms >= before + 3_600_000);
  await page.getByLabel("Calls", { exact: true }).fill("GET /open-apis/helpdesk/v1/faqs");
  await page.getByRole("button", { name: "Add fault" }).click();
  await page.getByText("answers 429 with code 99991400").waitFor();
  await assert.rejects(server.openApi("GET", "/faqs"), /99991400/);
  await page.getByText("happened 1 time", { exact: true }).waitFor();
  await page.getByRole("button", { name: "End the fault of GET /open-apis/helpdesk/v1/faqs" }).click();
  await page.getByText("No faults.").waitFor();
  await server.openApi("GET", "/faqs");
  await page.getByLabel("Calls", { exact: true }).fill("nonsense");
  await page.getByRole("button", { name: "Add fault" }).click();
  await page.getByText("must be `METHOD /path`").first().waitFor();
  await page.getByRole("button", { name: "Reset everything" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Reset everything" }).click();
  await page.getByText("Everything is as after the start.").waitFor();
  assert.deepEqual((await server.call("GET", "/dev/v1/requests")).requests, []);
  page.faults.splice(0, page.faults.length, ...page.faults.filter((fault) => !/400/.test(fault)));
  await subscribe(server);
  await page.done();
});

test("a guest of either language asks, and the answer is shown with its scores", async () => {
  const page = await visit("/try");
  await page.getByLabel("Question", { exact: true }).fill("How do I reset my password?");
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  await page.locator(".badge", { hasText: "An answer" }).waitFor();
  await page.locator(".said", { hasText: "Open Settings > Security." }).first().waitFor();
  assert.match(await page.locator(".score").first().innerText(), /^(0\.[89]|1\.0)/);
  await page.getByRole("combobox", { name: "The guest's language" }).selectOption({ label: "中文" });
  await page.getByLabel("Question", { exact: true }).fill("忘记密码怎么办？");
  await page.keyboard.press("Enter");
  await page.locator(".said", { hasText: "打开设置里的安全页面。" }).first().waitFor();
  await page.done();
});

test("snippets carry this desk's address and credentials", async () => {
  const { credentials } = await server.call("GET", "/dev/v1/credentials");
  assert.ok(credentials.length > 5 && credentials.every(({ name }) => !name.endsWith("PASSWORD")), "no passwords");
  const page = await visit("/sdk");
  for (const language of ["Python", "Node.js", "Go", "Java", "Rust"]) {
    await page.getByRole("combobox", { name: "Language", exact: true }).selectOption({ label: language });
    for (const kind of ["List FAQs", "Answer questions"]) {
      await page.getByRole("combobox", { name: "What it does" }).selectOption({ label: kind });
      const text = await page.getByRole("region", { name: `${language}: ${kind}` }).innerText();
      for (const part of [server.url, "cli_a000000000000001", DESK, "ht-pages"]) assert.ok(text.includes(part), `${language} ${kind}: ${part}`);
      assert.match(text, /"secret"/);
    }
  }
  await page.done();
});

test("while the server is away a banner says so, and the lists are whole afterwards", async () => {
  const page = await visit("/calls", { allow: [/ERR_|Failed to load|502|503/] });
  await page.locator(".line").first().waitFor();
  await server.halt();
  await page.getByText("The connection is lost.").waitFor();
  await server.run();
  await server.openApi("GET", "/faqs");
  await page.getByText("Connected again.").waitFor({ timeout: 40_000 });
  await page.locator(".line", { hasText: "/helpdesk/v1/faqs" }).waitFor();
  await page.done();
});
