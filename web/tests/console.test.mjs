// What agents do in the console, and what guests see of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { consoleOf, staff, waiting, withAgents } from "./console-desk.mjs";
import { ask, DESK, open, stage, until } from "./harness.mjs";

const { server, browser } = await stage(withAgents());
// Whoever asks for a human gets Ada, then.
await (await staff(server, "bob@pages.test"))("PUT", "/me", { status: "offline" });

const row = (page, name) => page.locator(".row-link", { hasText: name });
const field = (page) => page.locator(".composer textarea");
const entry = (page, text) => page.locator(".entry", { hasText: text }).last();

test("a guest asks for a human, an agent sees it at once, replies and closes, and the guest rates", async (t) => {
  const agent = await consoleOf(browser, server);
  await agent.getByText("You have no open tickets").waitFor();
  const guest = await open(browser, server.chat);
  await ask(guest, "My screen is black");
  await guest.locator(".human:enabled").first().click();
  // Without a reload. How long it took is told, not asserted: other work on the machine counts too.
  const clicked = performance.now();
  await agent.locator(".row-link").waitFor();
  t.diagnostic(`the agent's list has the ticket ${Math.round(performance.now() - clicked)} ms after the guest's click`);
  await agent.locator(".row-link").click();
  await entry(agent, "My screen is black").waitFor();
  await field(agent).fill("Is it plugged in?");
  await agent.getByRole("button", { name: "Send to guest" }).click();
  await guest.locator(".entry.agent", { hasText: "Is it plugged in?" }).waitFor();
  await ask(guest, "Yes it is");
  await entry(agent, "Yes it is").waitFor();
  await agent.getByRole("button", { name: "Close ticket" }).click();
  await agent.getByRole("dialog").getByRole("button", { name: "Close ticket" }).click();
  await guest.locator("label", { hasText: "Good" }).last().click();
  await guest.getByRole("button", { name: "Send rating" }).click();
  await guest.getByText("Thank you for the rating.").waitFor();
  await agent.locator(".ticket-facts", { hasText: "Closed" }).waitFor();
  await agent.locator(".pairs", { hasText: "Satisfied" }).waitFor();
  await agent.getByRole("tab", { name: "Timeline" }).click();
  await agent.locator(".step", { hasText: "Rated by the guest" }).waitFor();
  await agent.getByRole("tab", { name: "Ticket" }).click();
  await agent.getByRole("link", { name: "Closed" }).click();
  await row(agent, "Yes it is").waitFor();
  await guest.done();
  await agent.done();
});

test("a private note looks like none of the replies, and the guest never gets it", async () => {
  const { guest, id } = await waiting(server, "Nora", "The printer smokes");
  const agent = await consoleOf(browser, server, `?ticket=${id}`);
  await agent.getByRole("button", { name: "Private note", exact: true }).click();
  await agent.getByText("Only colleagues see this", { exact: true }).waitFor();
  assert.equal(await agent.getByRole("button", { name: "Send to guest" }).count(), 0, "nothing here sends to the guest");
  const colour = (selector) => agent.locator(selector).evaluate((node) => getComputedStyle(node).backgroundColor);
  const noted = await colour(".composer");
  await field(agent).fill("She set it on fire herself");
  await agent.getByRole("button", { name: "Add private note" }).click();
  await agent.locator(".entry-note", { hasText: "on fire" }).waitFor();
  await agent.getByRole("button", { name: "Send to guest" }).waitFor();
  assert.notEqual(await colour(".composer"), noted, "a reply has another ground than a note");
  await field(agent).fill("We bring a new one");
  await field(agent).press("Enter");
  await until("the guest has the reply", async () => (await guest.get("/messages?after=0&limit=100")).messages.some(({ text }) => text === "We bring a new one"));
  const told = JSON.stringify(await guest.get("/messages?after=0&limit=100"));
  assert.ok(!told.includes("on fire"), told);
  await server.act(id, { action: "close" });
  // A closed ticket takes notes, and nothing else.
  await agent.getByText("This ticket is closed. Private notes can still be added.").waitFor();
  assert.equal(await agent.getByRole("button", { name: "Reply", exact: true }).count(), 0);
  await agent.done();
});

test("by keyboard alone: find the ticket, reply from a canned reply, note, hold, resume, close", async () => {
  const { id } = await waiting(server, "Kim", "The keyboard is stuck");
  const ada = await staff(server, "ada@pages.test");
  await ada("POST", "/canned-replies", { helpdesk_id: DESK, name: "hello", text: "Hello! How can I help?", mine: true });
  const page = await consoleOf(browser, server);
  await row(page, "Kim").waitFor();
  const keys = page.keyboard;
  await keys.press("?");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
  await keys.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await keys.press("j");
  await page.getByRole("heading", { level: 1, name: "Kim" }).waitFor();
  await keys.press("r");
  await keys.type("/hel");
  await page.getByRole("option", { name: /hello/ }).waitFor();
  await keys.press("Enter");
  await until("the text is there", async () => (await field(page).inputValue()) === "Hello! How can I help?");
  await keys.press("Enter");
  await entry(page, "Hello! How can I help?").locator("time").waitFor();
  await keys.press("Escape");
  await keys.press("n");
  await keys.type("Asked for the model");
  await keys.press("Enter");
  await page.locator(".entry-note", { hasText: "Asked for the model" }).locator("time").waitFor();
  await keys.press("Escape");
  await keys.press("h");
  await page.locator(".ticket-facts", { hasText: "On hold" }).waitFor();
  await keys.press("h");
  await page.locator(".ticket-facts", { hasText: "In progress" }).waitFor();
  await keys.press("Control+k");
  await keys.type("close the");
  await page.getByRole("option", { name: /Close the ticket/ }).waitFor();
  await keys.press("Enter");
  await page.getByRole("dialog", { name: "Close the ticket?" }).waitFor();
  await keys.press("Enter");
  await page.locator(".ticket-facts", { hasText: "Closed" }).waitFor();
  const { ticket } = await ada("GET", `/tickets/${id}`);
  assert.equal(ticket.solve, 2);
  await keys.press("Escape");
  await page.getByText("No ticket open").waitFor();
  await keys.press("g");
  await keys.press("c");
  await page.getByRole("heading", { level: 1, name: "Closed" }).waitFor();
  // The second key before any timer of the first.
  await page.evaluate(() => ["g", "m"].forEach((key) => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }))));
  await page.getByRole("heading", { level: 1, name: "Mine" }).waitFor();
  await page.done();
});

test("two agents in one ticket are told of each other, and one hands it to the other", async () => {
  const { id } = await waiting(server, "Tove", "Two of you?");
  const standing = await staff(server, "bob@pages.test");
  await standing("PUT", "/me", { status: "online" });
  const ada = await consoleOf(browser, server, `?ticket=${id}`);
  await entry(ada, "Two of you?").waitFor();
  const bob = await consoleOf(browser, server, `?ticket=${id}`, { as: "bob@pages.test" });
  await ada.getByText("Also looking at this ticket: Bob").waitFor();
  await bob.getByText("Also looking at this ticket: Ada").waitFor();
  await bob.getByText("Another agent has this ticket.").waitFor();
  await field(ada).pressSequentially("I write");
  await bob.getByText("Ada is writing here right now").waitFor();
  await ada.getByRole("button", { name: "Transfer" }).click();
  await ada.getByRole("dialog").getByRole("option", { name: /Bob/ }).click();
  await bob.getByRole("button", { name: "Send to guest" }).waitFor();
  await row(bob, "Tove").waitFor();
  await field(bob).fill("It is mine now");
  await field(bob).press("Enter");
  await entry(ada, "It is mine now").waitFor();
  await bob.close();
  await ada.getByText("Also looking").waitFor({ state: "detached" });
  await standing("PUT", "/me", { status: "offline" });
  await ada.done();
});

test("a guest sees that an agent writes to them, not that one writes a note, and no longer than that", async () => {
  const guest = await open(browser, server.chat);
  await ask(guest, "Who is there?");
  await guest.locator(".human:enabled").first().click();
  await guest.getByText("A colleague has your conversation.").waitFor();
  const { ticket_id: id } = await server.newestTicket();
  const page = await consoleOf(browser, server, `?ticket=${id}`);
  await entry(page, "Who is there?").waitFor();
  const told = [];
  page.on("request", (request) => request.url().endsWith("/presence") && told.push(request.postDataJSON().typing));
  await page.getByRole("button", { name: "Private note", exact: true }).click();
  await field(page).pressSequentially("Not for them");
  await field(page).press("Enter");
  await page.locator(".entry-note", { hasText: "Not for them" }).locator("time").waitFor();
  assert.ok(told.every((typing) => !typing), String(told));
  await field(page).pressSequentially("It is me");
  const writing = guest.locator(".entry.writing");
  await writing.getByText("Ada is writing …").waitFor({ state: "attached" });
  assert.equal(told.filter((typing) => typing).length, 1, "eight keys are told once");
  await field(page).press("Enter");
  await guest.locator(".entry.agent", { hasText: "It is me" }).locator("time").waitFor();
  await writing.waitFor({ state: "detached" });
  await until("it is told that nothing is typed any more", () => told.at(-1) === false);
  await guest.done();
  await page.done();
});

test("a draft is there on another computer, with its purpose, and gone when it was sent", async () => {
  const { id } = await waiting(server, "Dora", "Write me later");
  const first = await consoleOf(browser, server, `?ticket=${id}`);
  await first.getByRole("button", { name: "Private note", exact: true }).click();
  await field(first).fill("half a thought");
  await first.getByText("Draft saved").waitFor();
  const second = await consoleOf(browser, server, `?ticket=${id}`);
  await until("the draft is there", async () => (await field(second).inputValue()) === "half a thought");
  await second.getByText("Only colleagues see this", { exact: true }).waitFor();
  await field(second).press("Enter");
  await second.locator(".entry-note", { hasText: "half a thought" }).locator("time").waitFor();
  const ada = await staff(server, "ada@pages.test");
  await until("the draft is gone", async () => (await ada("GET", `/tickets/${id}`)).draft === undefined);
  await first.locator(".entry-note", { hasText: "half a thought" }).waitFor();
  await first.done();
  await second.done();
});

test("what was not sent goes back behind what is written meanwhile, but not among other words", async () => {
  const { id } = await waiting(server, "Fred", "Hello?");
  const page = await consoleOf(browser, server, `?ticket=${id}`, { allow: [/status of 400/] });
  await page.route(`**/console/v1/tickets/${id}/messages`, (route) => (route.request().method() === "POST" ? route.fulfill({ status: 400, json: { error: { message: "Not today." } } }) : route.continue()));
  await field(page).fill("The first");
  await page.getByRole("button", { name: "Send to guest" }).click();
  const back = page.getByRole("button", { name: "Back to the composer" });
  await back.waitFor();
  await page.getByRole("button", { name: "Private note", exact: true }).click();
  await field(page).fill("A note");
  await back.click();
  await page.getByText("A private note is begun.").waitFor();
  assert.equal(await field(page).inputValue(), "A note");
  await field(page).fill("");
  await page.getByRole("button", { name: "Reply", exact: true }).click();
  await field(page).fill("The second");
  await back.click();
  await back.waitFor({ state: "detached" });
  assert.equal(await field(page).inputValue(), "The second\nThe first");
  await page.done();
});

test("tags that are added in a row are all kept", async () => {
  const { id } = await waiting(server, "Tess", "Two things");
  const page = await consoleOf(browser, server, `?ticket=${id}`);
  const tag = page.getByLabel("Tags");
  await tag.waitFor();
  // The first is still on its way when the second is added.
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route(`**/console/v1/tickets/${id}`, async (route) => {
    if (route.request().method() === "PATCH") await held;
    await route.continue();
  });
  for (const name of ["one", "two"]) {
    await tag.fill(name);
    await tag.press("Enter");
  }
  release();
  await until("both are kept", async () => (await page.locator(".tags .tag").allInnerTexts()).join() === "one,two");
  const ada = await staff(server, "ada@pages.test");
  assert.deepEqual((await ada("GET", `/tickets/${id}`)).ticket.tags.sort(), ["one", "two"]);
  await page.done();
});

test("what fails behind a closed palette is said, and no dialog shows what failed before it", async () => {
  const { id } = await waiting(server, "Paul", "Hold on");
  const page = await consoleOf(browser, server, `?ticket=${id}`, { allow: [/status of 400/] });
  await entry(page, "Hold on").waitFor();
  const refuse = (route) => route.fulfill({ status: 400, json: { error: { message: "Not today." } } });
  await page.route(`**/console/v1/tickets/${id}/actions`, refuse);
  await page.route("**/console/v1/me", (route) => (route.request().method() === "PUT" ? refuse(route) : route.continue()));
  const toast = page.locator(".toast");
  for (const command of ["hold", "go offline"]) {
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Commands" }).fill(command === "hold" ? "hold" : "offline");
    await page.keyboard.press("Enter");
    await toast.getByText("Not today.").waitFor();
    await toast.getByText("Not today.").waitFor({ state: "detached" });
  }
  await page.locator(".conversation").focus();
  await page.keyboard.press("h");
  await page.getByRole("alert").getByText("Not today.").waitFor();
  await page.keyboard.press("e");
  await page.getByRole("dialog", { name: "Close the ticket?" }).waitFor();
  assert.equal(await page.getByRole("alert").count(), 0);
  await page.done();
});

test("FAQs are found beside the composer and sent, tags, fields and a remark are kept", async () => {
  const { guest, id } = await waiting(server, "Fred", "I forgot my password");
  const page = await consoleOf(browser, server, `?ticket=${id}`);
  await entry(page, "I forgot my password").waitFor();
  await page.getByRole("tab", { name: "FAQs" }).click();
  assert.equal(await page.getByRole("searchbox", { name: "Search FAQs" }).inputValue(), "I forgot my password");
  const faq = page.locator(".faq", { hasText: "How do I reset my password?" });
  await faq.getByRole("button", { name: "Send this FAQ" }).click();
  await until("the guest has the answer", async () => (await guest.get("/messages?after=0&limit=100")).messages.some(({ from, text }) => from === "agent" && text.includes("Open Settings > Security.")));
  await page.getByRole("tab", { name: "Ticket" }).click();
  await page.getByLabel("Tags").fill("vip");
  await page.getByLabel("Tags").press("Enter");
  await page.locator(".tags", { hasText: "vip" }).waitFor();
  await row(page, "Fred").locator(".tag", { hasText: "vip" }).waitFor();
  await page.getByLabel("Remark").fill("Third time");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "Save" }).waitFor({ state: "detached" });
  await page.getByLabel("Room").fill("12");
  await page.getByLabel("Room").blur();
  await page.getByLabel("Floor").selectOption({ label: "Ground" });
  const ada = await staff(server, "ada@pages.test");
  const kept = await until("all is kept", async () => {
    const { ticket } = await ada("GET", `/tickets/${id}`);
    return ticket.fields.length === 2 && ticket;
  });
  assert.deepEqual(kept.tags, ["vip"]);
  assert.equal(kept.remark.text, "Third time");
  assert.deepEqual(kept.fields.map(({ key_name, value }) => [key_name, value]).sort(), [["floor", "Ground"], ["room", "12"]]);
  await page.getByRole("tab", { name: "Timeline" }).click();
  await page.locator(".step", { hasText: "Handed over to humans" }).waitFor();
  await page.locator(".step", { hasText: "FAQ sent" }).waitFor();
  await page.done();
});

test("when the server was away the banner says so, and nothing that came meanwhile is missing", async () => {
  const { guest, id } = await waiting(server, "Lena", "Before the gap");
  const allow = [/ERR_CONNECTION_REFUSED/, /ERR_INCOMPLETE_CHUNKED_ENCODING/, /ERR_INTERNET_DISCONNECTED/, /ERR_CONNECTION_RESET/, /ERR_EMPTY_RESPONSE/, /ERR_FAILED/];
  const page = await consoleOf(browser, server, `?ticket=${id}`, { allow });
  await entry(page, "Before the gap").waitFor();
  await server.halt("SIGKILL");
  await page.getByText("The connection is lost. Trying again…").waitFor();
  await field(page).fill("Written into the gap");
  await field(page).press("Enter");
  await page.context().setOffline(true);
  await server.run();
  await guest.post("/messages", { text: "Said in the gap" });
  const other = await server.guest({ name: "Olaf" });
  await other.post("/messages", { text: "New in the gap" });
  await other.post("/human");
  await page.context().setOffline(false);
  await entry(page, "Said in the gap").waitFor({ timeout: 20_000 });
  await page.getByText("Connected again.").waitFor();
  await row(page, "Olaf").waitFor();
  await entry(page, "Written into the gap").locator("time").waitFor({ timeout: 20_000 });
  const { messages } = await guest.get("/messages?after=0&limit=100");
  assert.equal(messages.filter(({ text }) => text === "Written into the gap").length, 1);
  await page.done();
});

test("whoever leads the help desk takes a ticket of nobody's before they reply, and the administrator hands it on", async () => {
  const ada = await staff(server, "ada@pages.test");
  await ada("PUT", "/me", { status: "offline" });
  const { id, guest } = await waiting(server, "Quinn", "Is nobody there?");
  const page = await consoleOf(browser, server, `?inbox=queue&ticket=${id}`);
  await page.getByText("Take the ticket to reply.").waitFor();
  assert.equal(await page.getByRole("button", { name: "Send to guest" }).count(), 0, "a reply would be refused");
  assert.equal(await page.getByRole("button", { name: "Hold", exact: true }).count(), 0);
  const admin = await consoleOf(browser, server, `?inbox=queue&ticket=${id}`, { as: "grace@pages.test" });
  await admin.getByText("Nobody has this ticket. Transfer it to an agent, who can reply.").waitFor();
  await admin.done();
  await page.keyboard.press("t");
  const said = page.locator(".toast p", { hasText: "The ticket is yours." });
  await said.waitFor();
  const [toast, composer] = [await said.boundingBox(), await page.locator(".composer").boundingBox()];
  assert.ok(toast.y + toast.height < composer.y, "who will see what is written is not covered");
  await field(page).pressSequentially("/nobody-has-this");
  await page.getByText(/^No canned repl/).waitFor();
  await field(page).fill("I am");
  await field(page).press("Enter");
  await entry(page, "I am").locator("time").waitFor();
  // What is said last and then closed waits for nobody.
  await guest.post("/messages", { text: "[Thanks] and bye" });
  // Whose agent is away has waited enough: it is in the queue again.
  await page.goto(`${server.url}/agent?inbox=queue&ticket=${id}`);
  await row(page, "Quinn").locator(".unanswered").waitFor();
  await ada("POST", `/tickets/${id}/actions`, { action: "close" });
  await page.getByRole("link", { name: /^Closed/ }).click();
  await row(page, "[Thanks] and bye").locator(".status-closed").waitFor();
  assert.equal(await row(page, "Quinn").locator(".unanswered").count(), 0);
  await ada("PUT", "/me", { status: "online" });
  await page.done();
});
