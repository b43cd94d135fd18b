// What owners and administrators do: write FAQs, try questions, move scores, look after events.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DESK, openAs, PEOPLE, PICTURE, Sink, staffed, stage, subscribe, until } from "./harness.mjs";

const sink = await Sink.start();
const { server, browser } = await stage(staffed(sink.url), sink);
await subscribe(server);

/** What the help desk says to a new guest's question. */
async function answerTo(text) {
  const guest = await server.guest();
  const { message } = await guest.post("/messages", { text });
  return until(`an answer to ${text}`, async () => {
    const { messages } = await guest.get(`/messages?after=${message.position}&wait_ms=2000`);
    return messages.find(({ kind }) => kind === "answer");
  });
}

test("a FAQ that is added is answered at once, and no longer when it is deleted, and again when it is restored", async () => {
  const page = await openAs(browser, server, `/admin/desks/${DESK}/faqs`, PEOPLE.owner);
  const asked = "Where do I leave my umbrella?";
  assert.notEqual((await answerTo(asked)).mode, "direct");
  await page.getByRole("button", { name: "New FAQ" }).click();
  await page.getByLabel("Question", { exact: true }).fill(asked);
  await page.getByRole("button", { name: "Add similar question" }).click();
  await page.getByLabel("Similar question 1", { exact: true }).fill("umbrella stand");
  await page.getByLabel("Answer", { exact: true }).fill("In the stand by the door, see [the map](https://map.test/1).");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved. Guests get it").waitFor();
  const shown = await answerTo(asked);
  assert.equal(shown.mode, "direct");
  assert.deepEqual(shown.faqs[0].answer_richtext.map(({ type }) => type), ["text", "hyperlink", "text"]);
  assert.match(shown.faqs[0].answer, /the map \(https:\/\/map\.test\/1\)/);

  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByRole("heading", { name: "FAQs" }).waitFor();
  assert.notEqual((await answerTo(asked)).mode, "direct");
  await page.getByRole("combobox", { name: "Which FAQs" }).selectOption({ label: "Recycle bin" });
  await page.getByRole("button", { name: `Restore: ${asked}` }).click();
  await page.getByText("The recycle bin is empty").waitFor();
  assert.equal((await answerTo(asked)).mode, "direct");
  await page.done();
});

test("the test box tells how a question would be answered, and follows what is saved", async () => {
  const page = await openAs(browser, server, `/admin/desks/${DESK}/faqs`, PEOPLE.admin);
  await page.getByLabel("Search questions").fill("office map");
  await page.getByText("1 FAQ", { exact: true }).waitFor();
  await page.getByLabel("A guest's question").fill("chart of the building");
  await page.keyboard.press("Enter");
  const box = page.getByRole("complementary", { name: "Try a question" });
  await box.getByText(/No answer|A list/).waitFor();
  await page.locator(".line", { hasText: "Where is the office map?" }).click();
  await page.getByRole("button", { name: "Add similar question" }).click();
  await page.getByLabel("Similar question 1", { exact: true }).fill("chart of the building");
  await page.getByRole("button", { name: "Save" }).click();
  await box.getByText("Answered directly").waitFor();
  await box.getByText("Why this score").first().click();
  await box.getByText("Fits similar question 1 best:", { exact: false }).first().waitFor();
  const own = box.locator("li[aria-current]");
  assert.match(await own.innerText(), /Where is the office map\?/);
  await page.done();
});

test("the test box answers while somebody types, with the words that decide and how far ahead the best is", async () => {
  const page = await openAs(browser, server, `/admin/desks/${DESK}/faqs`, PEOPLE.owner);
  const box = page.getByRole("complementary", { name: "Try a question" });
  const field = page.getByLabel("A guest's question");
  await field.pressSequentially("where is the office ");
  const best = box.locator(".scored > li").first();
  await best.getByRole("link", { name: "Where is the office map?" }).waitFor();
  await best.getByText(/^Shared words:.*office.* ahead of the runner-up$|^Shared words:.*office.*No other FAQ/).waitFor();
  assert.equal(await field.inputValue(), "where is the office ", "what is typed stays as it is typed");
  await field.fill("");
  await box.locator(".scored").waitFor({ state: "detached" });
  await page.done();
});

test("a FAQ that is there already is pointed out while its like is written", async () => {
  const page = await openAs(browser, server, `/admin/desks/${DESK}/faqs/new`, PEOPLE.owner);
  const question = page.getByLabel("Question", { exact: true });
  await question.fill("Where is the office map?");
  const hint = page.locator(".alike");
  await hint.getByText("There may be a FAQ for this already:").waitFor();
  const there = hint.getByRole("link", { name: "Where is the office map?" });
  assert.equal(await there.getAttribute("target"), "_blank", "what is written is not lost");
  await question.fill("How tall is the Eiffel tower?");
  await hint.waitFor({ state: "detached" });
  // Its own page says nothing of itself.
  await page.goto(server.url + (await page.evaluate(() => location.pathname)).replace(/new$/, "6900000000000001001"));
  const own = await question.inputValue();
  await question.fill(`${own} `);
  await page.getByLabel("A guest's question").fill(own);
  await page.locator(".scored > li[aria-current]").waitFor();
  assert.equal(await hint.count(), 0);
  await page.done();
});

test("what a FAQ was good for stands in the list and on its page", async () => {
  const { faq } = await server.admin(PEOPLE.owner, "POST", `/desks/${DESK}/faqs`, { faq: { question: "Where do I find the swimming pool?", answer: "On the roof." } });
  for (const solved of [true, false, false]) {
    const guest = await server.guest();
    const { message } = await guest.post("/messages", { text: faq.question });
    const shown = await until("an answer", async () => (await guest.get(`/messages?after=${message.position}&wait_ms=2000`)).messages.find(({ kind }) => kind === "answer"));
    await guest.post(`/messages/${shown.message_id}/feedback`, { solved });
  }
  const page = await openAs(browser, server, `/admin/desks/${DESK}/faqs`, PEOPLE.owner);
  await page.getByLabel("Search questions").fill("swimming pool");
  const line = page.locator(".line", { hasText: faq.question });
  await line.getByText("3 answers").waitFor();
  await line.getByText("67 % not solved").waitFor();
  await line.click();
  await page.getByText(/In the last 30 days it answered 3 of \d+ questions/).waitFor();
  await page.getByText("3 guests said whether it helped: 1 solved, 2 not solved (67 %).", { exact: false }).waitFor();
  await page.done();
});

test("what is written into a FAQ stays when it cannot be saved, and when it is", async () => {
  const page = await openAs(browser, server, `/admin/desks/${DESK}/faqs/6900000000000001001`, PEOPLE.owner, { allow: [/400/] });
  const question = page.getByLabel("Question", { exact: true });
  const save = page.getByRole("button", { name: "Save" });
  const before = await question.inputValue();
  const refuse = (route) => (route.request().method() === "PATCH" ? route.fulfill({ status: 400, json: { error: { message: "Not today." } } }) : route.continue());
  await page.route("**/admin/v1/desks/*/faqs/*", refuse);
  await question.fill(`${before} Really?`);
  await save.click();
  await page.getByRole("alert").waitFor();
  assert.equal(await question.inputValue(), `${before} Really?`);
  await page.unroute("**/admin/v1/desks/*/faqs/*", refuse);
  await save.click();
  await page.getByText("Saved. Guests get it").waitFor();
  assert.equal(await question.inputValue(), `${before} Really?`);
  await question.press("End");
  await question.pressSequentially(" Yes");
  assert.equal(await question.inputValue(), `${before} Really? Yes`);
  await question.fill(before);
  await save.click();
  await page.getByText("Saved. Guests get it").waitFor();
  assert.equal(await question.inputValue(), before);
  await page.done();
});

test("a picture of a rich answer is shown, kept and can be added", async () => {
  const page = await openAs(browser, server, `/admin/desks/${DESK}/faqs/6900000000000001006`, PEOPLE.owner);
  const answer = page.getByLabel("Answer", { exact: true });
  await page.locator(".preview img").waitFor();
  const natural = () => page.locator(".preview img").evaluateAll((images) => images.map(({ complete, naturalWidth }) => complete && naturalWidth));
  await until("the stored picture is there", async () => (await natural())[0] === 40);
  assert.match(await answer.inputValue(), /!\[1\]/);
  await page.locator("input[type=file]").setInputFiles({ name: "b.png", mimeType: "image/png", buffer: PICTURE });
  await until("both are shown", async () => (await natural()).length === 2);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved. Guests get it").waitFor();
  await page.reload();
  await until("both are stored", async () => (await natural()).filter((width) => width === 40).length === 2);
  await page.done();
});

test("the preview shows an answer as guests see it", async () => {
  const page = await openAs(browser, server, `/admin/desks/${DESK}/faqs/6900000000000001006`, PEOPLE.owner);
  // A picture of another server, as a FAQ that was copied may have.
  await page.route("**/admin/v1/desks/*/faqs/6900000000000001006", async (route) => {
    const response = await route.fetch();
    const json = await response.json();
    json.faq.answer_richtext = [{ type: "text", content: "See https://plain.test/a." }, { type: "img", src: "https://foreign.test/a.png" }];
    await route.fulfill({ response, json });
  });
  await page.reload();
  const preview = page.locator(".preview");
  await preview.getByRole("link", { name: "[Picture]" }).waitFor();
  assert.deepEqual(await preview.getByRole("link").evaluateAll((links) => links.map(({ href }) => href)), ["https://plain.test/a", "https://foreign.test/a.png"]);
  assert.equal(await preview.locator("img").count(), 0);
  await page.done();
});

test("what others wrote is text, whatever it looks like", async () => {
  const evil = '<img src=x onerror="window.broken=1"><script>window.broken=1</script>';
  const page = await openAs(browser, server, `/admin/desks/${DESK}/faqs/new`, PEOPLE.owner);
  await page.getByLabel("Question", { exact: true }).fill(evil);
  await page.getByLabel("Answer", { exact: true }).fill(`${evil} [press](javascript:window.broken=1) [fine](https://fine.test)`);
  const preview = page.locator(".preview");
  await preview.getByRole("link", { name: "fine" }).waitFor();
  assert.equal(await preview.getByRole("link").count(), 1);
  assert.equal(await preview.locator("img, script").count(), 0);
  await page.getByRole("button", { name: "Save" }).click();
  // The server has the same opinion of that link.
  await page.getByText(/only http, https/).first().waitFor();
  await page.getByLabel("Answer", { exact: true }).fill(evil);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved. Guests get it").waitFor();
  await page.getByRole("link", { name: "← FAQs" }).click();
  await page.getByLabel("Search questions").fill("onerror");
  await page.locator(".line", { hasText: evil }).waitFor();
  assert.equal(await page.evaluate(() => window.broken), undefined);
  page.faults.splice(0, page.faults.length, ...page.faults.filter((fault) => !/400/.test(fault)));
  await page.done();
});

test("a score that is moved changes the form of the answer", async () => {
  const page = await openAs(browser, server, `/admin/desks/${DESK}/answering`, PEOPLE.owner);
  const asked = "How do I get a new laptop?";
  assert.equal((await answerTo(asked)).mode, "direct");
  await page.getByLabel("A guest's question").fill(asked);
  await page.keyboard.press("Enter");
  await page.getByText("Answered directly", { exact: true }).waitFor();
  await page.locator("input[type=number]").nth(0).fill("1");
  await page.getByRole("slider", { name: "List from" }).focus();
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.locator("input[type=number]").nth(1).inputValue(), "0.03");
  await page.getByText("0.03 to 1.00: a list").waitFor();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved. It counts").waitFor();
  await page.getByText("A list to choose from").waitFor();
  assert.equal((await answerTo("How do I get a laptop that is new")).mode, "list");
  await page.locator("input[type=number]").nth(0).fill("0.8");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Answered directly", { exact: true }).waitFor();
  await page.done();
});

test("who saves how the help desk answers changes only what they changed", async () => {
  const page = await openAs(browser, server, `/admin/desks/${DESK}/answering`, PEOPLE.owner);
  const other = await openAs(browser, server, `/admin/desks/${DESK}/answering`, PEOPLE.admin);
  const size = (one) => one.getByLabel("Questions in a list");
  const idle = (one) => one.getByLabel("after minutes");
  await idle(page).waitFor();
  await size(other).fill("7");
  await other.getByRole("button", { name: "Save" }).click();
  await other.getByText("Saved. It counts").waitFor();
  await idle(page).fill("45");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved. It counts").waitFor();
  assert.equal(await size(page).inputValue(), "7");
  await other.reload();
  await idle(other).waitFor();
  assert.deepEqual([await size(other).inputValue(), await idle(other).inputValue()], ["7", "45"]);
  await page.done();
  await other.done();
});

test("events come by themselves, tell what went wrong, and are sent again", async () => {
  sink.works = false;
  const page = await openAs(browser, server, "/admin/events", PEOPLE.owner);
  await page.getByRole("heading", { name: "Events" }).waitFor();
  const guest = await server.guest();
  const { ticket_id: ticketId } = await guest.post("/messages", { text: "Is anybody there?" });
  await page.getByRole("textbox", { name: "Ticket" }).fill(ticketId);
  const line = page.locator(".line", { hasText: "ticket.created_v1" });
  await line.getByText("500").waitFor();
  await line.click();
  await page.getByText("Event, as the app reads it").waitFor();
  await page.getByText("The last of 1 attempt failed", { exact: false }).waitFor();
  sink.works = true;
  const before = sink.events.length;
  await page.getByRole("button", { name: "Send again" }).click();
  await page.getByText("It is sent again now.").waitFor();
  await page.getByText("The app acknowledged this event").waitFor();
  assert.ok(sink.events.length > before);
  await page.done();
});

test("while the connection is lost a banner says so, and nothing is missed afterwards", async () => {
  const page = await openAs(browser, server, "/admin/events", PEOPLE.admin, { allow: [/ERR_|Failed to load/] });
  await page.locator(".line").first().waitFor();
  const count = await page.locator(".line").count();
  await page.context().setOffline(true);
  await page.getByText("The connection is lost.").waitFor();
  const guest = await server.guest();
  const { ticket_id: ticketId } = await guest.post("/messages", { text: "Written meanwhile" });
  await page.context().setOffline(false);
  await page.getByText("Connected again.").waitFor();
  await until("what came meanwhile is there", async () => (await page.locator(".line").count()) > count);
  await page.getByRole("textbox", { name: "Ticket" }).fill(ticketId);
  await until("only that ticket's are shown", async () => (await page.locator(".line", { hasText: "ticket.created_v1" }).count()) === 1);
  await page.done();
});
