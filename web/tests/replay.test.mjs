// Past questions under other scores: in words, as a graph, as a table; replay, and kept cases.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { DESK, openAs, PEOPLE, staffed, stage, until } from "./harness.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const ANSWERING = `/admin/desks/${DESK}/answering`;
const REPLAY = `/admin/desks/${DESK}/replay`;
const ASKED = [
  ["How do I get a new laptop?", true],
  ["How do I reset my password?", true],
  ["Where is the office map?", false],
];
const STRANGE = "zebra crossing paint";
const { server, browser } = await stage(staffed());

async function asked(text, solved) {
  const guest = await server.guest();
  const { message } = await guest.post("/messages", { text });
  const answer = await until(`an answer to ${text}`, async () => {
    const { messages } = await guest.get(`/messages?after=${message.position}&wait_ms=2000`);
    return messages.find(({ kind }) => kind === "answer");
  });
  if (solved !== undefined) await guest.post(`/messages/${answer.message_id}/feedback`, { solved });
  return answer.mode;
}

test("without questions the pages say what will come here", async () => {
  const page = await openAs(browser, server, ANSWERING, PEOPLE.owner);
  await page.getByText("No questions in this time").waitFor();
  await page.goto(server.url + REPLAY);
  await page.getByText("Nothing was replayed yet").waitFor();
  await page.getByRole("button", { name: "Replay" }).click();
  await page.getByText("No questions in this time").waitFor();
  await page.getByRole("link", { name: "Kept cases" }).click();
  await page.getByText("No kept cases").waitFor();
  await page.done();
});

test("a score that is moved moves its line, and the words tell what would change", async () => {
  for (const [text, solved] of ASKED) assert.equal(await asked(text, solved), "direct", text);
  assert.equal(await asked(STRANGE), "none");
  const page = await openAs(browser, server, ANSWERING, PEOPLE.owner);
  await page.getByText("Of 4 questions, with the scores in use: 3 answered directly, 2 of them rightly and 1 wrongly; 0 with a list; 1 handed to a human.").waitFor();
  await page.getByText("Too few to tell how good the answers would be: only of 3 questions").waitFor();
  const line = page.locator(".graph-of-direct .graph-draft line");
  // A line that stands upright has no width, which is "hidden" here.
  await line.waitFor({ state: "attached" });
  const place = async () => Number(await line.getAttribute("x1"));
  const begin = await place();
  await page.locator("input[type=number]").nth(0).fill("1");
  await page.getByText("Of 4 questions 3 fewer would be answered directly: 2 right and 1 wrong answers less; of 0 nothing is known. 3 more would get a list.").waitFor();
  await until("the line has moved", async () => (await place()) > begin);
  await page.locator(".graph-of-direct .graph-saved line").waitFor({ state: "attached" });
  // By keyboard, and back to where it was.
  await page.getByRole("slider", { name: "Direct answer from" }).focus();
  await page.keyboard.press("Home");
  await page.getByText("Of 4 questions 0 more would be answered directly").waitFor({ state: "detached" });
  await until("the line is at the left", async () => (await place()) < begin);
  await page.locator("input[type=number]").nth(0).fill("0.8");
  await page.locator("input[type=number]").nth(1).fill("0.02");
  await page.locator(".graph-change p").waitFor({ state: "detached" });
  // The same as a table.
  await page.getByRole("button", { name: "Show as a table" }).click();
  const table = page.getByRole("table", { name: "If direct answers began from …" });
  await table.waitFor();
  assert.deepEqual(await table.getByRole("row", { name: /^0\.80/ }).getByRole("cell").allInnerTexts(), ["2", "0", "1", "0", "0", "1"]);
  assert.deepEqual(await table.getByRole("row", { name: /^1\.00/ }).getByRole("cell").allInnerTexts(), ["0", "0", "0", "2", "1", "1"]);
  await page.getByRole("combobox", { name: "Questions of" }).selectOption({ label: "the last 3 months" });
  await page.getByText("Of 4 questions, with the scores in use").waitFor();
  await page.done();
});

test("a replay tells numbers, and the questions behind each of them, which are kept as cases", async () => {
  const page = await openAs(browser, server, REPLAY, PEOPLE.owner);
  await page.getByRole("button", { name: "Replay" }).click();
  await page.getByText("4 questions. Of 3 is known which FAQ is right or wrong. 0 are answered otherwise than then").waitFor();
  await page.getByText("All would be answered as before.").waitFor();
  const now = page.getByRole("row", { name: /^Now/ });
  assert.deepEqual(await now.getByRole("cell").allInnerTexts(), ["3", "0", "1", "2", "1", "1", "0"]);
  await page.getByRole("button", { name: "Solved (2)" }).click();
  const laptop = page.getByRole("article", { name: "How do I get a new laptop?" });
  await laptop.getByText("said the guest").waitFor();
  assert.match(await laptop.getByRole("link", { name: "Ticket" }).getAttribute("href"), /^\/agent\?ticket=\d+$/);
  await laptop.getByRole("button", { name: /Keep as a case/ }).click();
  const dialog = page.getByRole("dialog");
  assert.ok(await dialog.getByRole("radio", { name: "How do I get a new laptop?" }).isChecked());
  await dialog.getByLabel("Note").fill("asked every Monday");
  await dialog.getByRole("button", { name: "Keep", exact: true }).click();
  await laptop.getByText("Kept. It is tried").waitFor();
  await page.getByRole("button", { name: "Wrong (1)" }).click();
  await page.getByRole("article", { name: "Where is the office map?" }).waitFor();
  await page.getByRole("button", { name: "Missed (1)" }).click();
  const strange = page.getByRole("article", { name: STRANGE });
  await strange.getByRole("button", { name: /Keep as a case/ }).click();
  await dialog.getByRole("radio", { name: /^Nothing/ }).check();
  await dialog.getByRole("button", { name: "Keep", exact: true }).click();
  await strange.getByText("Kept. It is tried").waitFor();
  // With other scores.
  await page.getByRole("combobox", { name: "With" }).selectOption({ label: "other scores" });
  await page.locator("input[type=number]").nth(0).fill("1");
  await page.getByRole("button", { name: "Replay" }).click();
  await page.getByText("3 would be answered otherwise than now: 1 better, 0 worse.").waitFor();
  await page.getByRole("button", { name: "Better (1)" }).click();
  await page.getByRole("article", { name: "Where is the office map?" }).getByText("With these scores").waitFor();
  await page.done();
});

test("kept cases are listed, tried, written by hand and deleted", async () => {
  const page = await openAs(browser, server, `${REPLAY}/cases`, PEOPLE.owner);
  await page.getByText("2 kept cases").waitFor();
  await page.getByText("asked every Monday").waitFor();
  await page.getByRole("button", { name: "Try all" }).click();
  await page.getByText("All 2 cases passed.").waitFor();
  await page.getByRole("button", { name: "New case" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Question", { exact: true }).fill("giraffe feeding times");
  await dialog.getByRole("searchbox").fill("office map");
  await dialog.getByRole("radio", { name: "Where is the office map?" }).check();
  await dialog.getByRole("button", { name: "Keep", exact: true }).click();
  await page.getByText("3 kept cases").waitFor();
  await page.getByRole("button", { name: "Try all" }).click();
  await page.getByText("1 of 3 cases failed.").waitFor();
  await page.getByText("Nothing is shown. Wanted:").waitFor();
  await page.getByRole("button", { name: "Delete: giraffe feeding times" }).click();
  await dialog.getByRole("button", { name: "Delete" }).click();
  await page.getByText("2 kept cases").waitFor();
  await page.done();
});

for (const colorScheme of ["light", "dark"]) {
  test(`axe-core finds nothing serious, and nothing stands out of a phone, ${colorScheme}`, async () => {
    const options = { colorScheme, bypassCSP: true, reducedMotion: "reduce" };
    const page = await openAs(browser, server, REPLAY, PEOPLE.owner, options);
    await page.addInitScript(axe);
    const run = async () => {
      await page.getByRole("button", { name: "Replay" }).click();
      await page.getByRole("button", { name: "All (4)" }).click();
      await page.locator(".replayed").first().waitFor();
    };
    const table = () => page.getByRole("button", { name: "Show as a table" }).click();
    for (const [path, there, first] of [[ANSWERING, ".graph-area svg", table], [REPLAY, ".state", run], [`${REPLAY}/cases`, ".line"]]) {
      await page.setViewportSize({ width: 1280, height: 900 });
      await page.goto(server.url + path);
      await page.locator(there).first().waitFor();
      await first?.();
      const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
      const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
      assert.deepEqual(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`), [], path);
      await page.setViewportSize({ width: 360, height: 740 });
      await until(`${path} fits on a phone`, () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    }
    await page.done();
  });
}
