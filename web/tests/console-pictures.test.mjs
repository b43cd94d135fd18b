// Pictures that agents send: picked, pasted and dropped, taken away again, refused, and sent once the server is back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { consoleOf, waiting, withAgents } from "./console-desk.mjs";
import { PICTURE, stage, until } from "./harness.mjs";

const file = withAgents();
file.tenants[0].helpdesks[0].agents[1].status = "offline";
const { server, browser } = await stage(file);

const field = (page) => page.locator(".composer textarea");
const attached = (page) => page.locator(".attached li");
const png = (name) => ({ name, mimeType: "image/png", buffer: PICTURE });
const picturesOf = async (guest) => (await guest.get("/messages?after=0&limit=100")).messages.filter(({ kind }) => kind === "image");

/** Pastes or drops a picture, and words beside it if any. */
function give(page, kind, text) {
  return page.evaluate(
    ([kind, text, bytes]) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], "pasted.png", { type: "image/png" }));
      if (text) data.setData("text/plain", text);
      const event = kind === "paste" ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }) : new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
      document.querySelector(kind === "paste" ? ".composer textarea" : ".log").dispatchEvent(event);
      return event.defaultPrevented;
    },
    [kind, text, [...PICTURE]],
  );
}

test("pictures go with the reply, in their order, and the guest sees them", async () => {
  const guest = await server.guest({ name: "Gina" });
  await guest.post("/messages", { text: "Qwerty zxcvb?" });
  await until("the bot has answered", async () => (await guest.get("/messages?after=0&limit=100")).messages.some(({ from }) => from === "bot"));
  const { ticket_id: id } = await guest.post("/human");
  const page = await consoleOf(browser, server, `?ticket=${id}`);
  await field(page).waitFor();
  const bot = page.locator(".entry-bot", { hasText: "Sorry" });
  await bot.waitFor();
  assert.ok(!(await bot.innerText()).includes("["), "the bot's button is none here");
  await page.locator(".composer input[type=file]").setInputFiles([png("one.png"), png("two.png")]);
  assert.equal(await attached(page).count(), 2);
  await page.getByRole("button", { name: "Remove one.png" }).click();
  assert.equal(await give(page, "paste"), true);
  assert.equal(await give(page, "drop"), true);
  await until("three are there", async () => (await attached(page).count()) === 3);
  assert.equal(await give(page, "paste", "cells of a sheet"), false, "the words are what was copied");
  await page.locator(".composer input[type=file]").setInputFiles([{ name: "a.pdf", mimeType: "application/pdf", buffer: Buffer.from("x") }]);
  await page.getByText("a.pdf: only PNG, JPEG, GIF and WebP pictures can be sent.").waitFor();
  await field(page).pressSequentially("/");
  await page.getByText("No canned replies yet").waitFor();
  // Whoever goes elsewhere is done with it.
  await page.getByRole("searchbox", { name: "Search in tickets" }).click();
  await page.getByText("No canned replies yet").waitFor({ state: "detached" });
  // A note takes none, and does not send those of the reply.
  await page.getByRole("button", { name: "Private note", exact: true }).click();
  assert.equal(await attached(page).count(), 0);
  assert.equal(await page.getByRole("button", { name: "Add a picture" }).count(), 0);
  await page.getByRole("button", { name: "Reply", exact: true }).click();
  assert.equal((await picturesOf(guest)).length, 0, "nothing is sent before the button");
  await field(page).fill("Like this");
  await field(page).press("Enter");
  await page.locator(".entry-agent", { hasText: "Like this" }).locator("time").waitFor();
  assert.equal(await attached(page).count(), 0);
  const { messages } = await guest.get("/messages?after=0&limit=100");
  assert.deepEqual(messages.filter(({ from }) => from === "agent").map(({ kind }) => kind), ["image", "image", "image", "text"]);
  const [first] = await picturesOf(guest);
  const seen = await fetch(`${server.url}/guest/v1/images/${first.image_key}`, { headers: { authorization: `Bearer ${guest.session_token}` } });
  assert.deepEqual(Buffer.from(await seen.arrayBuffer()), PICTURE);
  await page.locator(".entry-agent .picture img").first().evaluate((img) => img.decode());
  await page.done();
});

test("a picture that does not get through is tried again and arrives once", async () => {
  const { id, guest } = await waiting(server, "Hugo", "And the other?");
  const page = await consoleOf(browser, server, `?ticket=${id}`, { allow: [/Failed to load resource/] });
  await field(page).waitFor();
  // The server has it, but its answer is lost.
  let lost = 0;
  await page.route("**/images", async (route) => {
    if (route.request().method() !== "POST" || lost > 0) return route.continue();
    lost += 1;
    await route.fetch();
    return route.abort();
  });
  await page.locator(".composer input[type=file]").setInputFiles([png("one.png")]);
  await page.getByRole("button", { name: "Send to guest" }).click();
  await page.locator(".entry-agent:not(.entry-going) .picture").waitFor();
  await page.locator(".entry-going").waitFor({ state: "detached" });
  assert.equal(lost, 1);
  assert.equal((await picturesOf(guest)).length, 1);
  await page.done();
});
