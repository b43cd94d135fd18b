// Parts of the console that need no browser: what a change means for a list, the order of a conversation, names behind a slash.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createServer } from "vite";

const root = fileURLToPath(new URL("..", import.meta.url));
let vite;
const load = (path) => vite.ssrLoadModule(`/src/staff/agent/${path}`);
before(async () => {
  vite = await createServer({ root, configFile: false, logLevel: "error", appType: "custom", server: { middlewareMode: true, hmr: false, ws: false, watch: null }, optimizeDeps: { noDiscovery: true } });
});
after(() => vite.close());

const ME = "ou_me";
const ticket = (id, other = {}) => ({ ticket_id: String(id), helpdesk_id: "1", stage: 2, status: 2, guest: { open_id: "ou_g", name: "G" }, owner: { open_id: ME, name: "Me" }, created_at: 0, tags: [], unanswered: 0, ...other });
const pages = (...lists) => ({ pages: lists.map((tickets, at) => ({ now: 0, tickets, has_more: at < lists.length - 1 })), pageParams: lists.map(String) });
const ids = (data) => data.pages.flatMap(({ tickets }) => tickets.map(({ ticket_id }) => ticket_id)).join(" ");

test("a ticket that changed goes where it belongs now, by who waits longest", async () => {
  const { patched } = await load("live/lists.ts");
  const listed = { inbox: "mine" };
  const data = pages([ticket(3, { waiting_since: 100 }), ticket(1, { waiting_since: 200 }), ticket(2)]);
  const seen = (change) => ids(patched(data, change, listed, ME));
  assert.equal(seen(ticket(4, { waiting_since: 150 })), "3 4 1 2");
  assert.equal(seen(ticket(4, { waiting_since: 100 })), "3 4 1 2", "the same wait: the older ticket first");
  assert.equal(seen(ticket(1)), "3 1 2", "it waits no longer");
  assert.equal(seen(ticket(10)), "3 1 2 10", "ids are longer numbers, not words");
  assert.equal(seen(ticket(3, { owner: { open_id: "ou_b", name: "B" } })), "1 2", "it is another's");
  assert.equal(seen(ticket(3, { status: 51 })), "1 2", "it is closed");
  assert.equal(patched(data, ticket(9, { status: 51 }), listed, ME), data, "nothing to do with it");
  assert.equal(ids(data), "3 1 2", "what was there is not touched");
});

test("each inbox takes its own", async () => {
  const { belongs } = await load("live/lists.ts");
  const where = (one, desk) => ["mine", "unassigned", "queue", "on_hold", "open", "closed"].filter((inbox) => belongs(one, { inbox, desk }, ME)).join(" ");
  assert.equal(where(ticket(1)), "mine open");
  assert.equal(where(ticket(1, { owner: undefined, status: 3 })), "unassigned queue open");
  assert.equal(where(ticket(1, { status: 4 })), "mine on_hold open");
  assert.equal(where(ticket(1, { status: 52 })), "closed");
  assert.equal(where(ticket(1, { stage: 1, owner: undefined })), "");
  assert.equal(where(ticket(1), "2"), "", "of another help desk");
  assert.equal(belongs(ticket(1), { inbox: "shared" }, ME), null, "only the server knows");
});

test("a saved view takes what fits all of its filter", async () => {
  const { belongs } = await load("live/lists.ts");
  const fits = (filter, one) => belongs(one, { inbox: "mine", view: "v" }, ME, filter);
  assert.equal(fits({ statuses: [4], tag: "vip" }, ticket(1, { status: 4, tags: ["vip"] })), true);
  assert.equal(fits({ statuses: [4], tag: "vip" }, ticket(1, { status: 4 })), false);
  assert.equal(fits({ owner: "none" }, ticket(1, { owner: undefined })), true);
  assert.equal(fits({ owner: "me" }, ticket(1)), true);
  assert.equal(fits({ owner: "ou_b" }, ticket(1)), false);
  assert.equal(fits({ helpdesk_id: "2" }, ticket(1)), false);
  assert.equal(fits(undefined, ticket(1)), null, "a view that is not known");
  assert.equal(fits({}, ticket(1, { status: 51 })), false, "a closed ticket is in no view");
  assert.equal(fits({}, ticket(1, { stage: 1, owner: undefined })), false, "nor one that the bot still answers");
});

test("what lies behind the pages that were read is left to the server", async () => {
  const { patched } = await load("live/lists.ts");
  const data = pages([ticket(1, { waiting_since: 1 })]);
  data.pages[0].has_more = true;
  assert.equal(ids(patched(data, ticket(2, { waiting_since: 2 }), { inbox: "mine" }, ME)), "1");
  assert.equal(ids(patched(data, ticket(2, { waiting_since: 0 }), { inbox: "mine" }, ME)), "2 1");
});

test("the last closed comes first", async () => {
  const { patched } = await load("live/lists.ts");
  const data = pages([ticket(1, { status: 51, closed_at: 20 }), ticket(2, { status: 51, closed_at: 10 })]);
  const seen = (change) => ids(patched(data, change, { inbox: "closed" }, ME));
  assert.equal(seen(ticket(3, { status: 52, closed_at: 30 })), "3 1 2");
  assert.equal(seen(ticket(3, { status: 52, closed_at: 20 })), "3 1 2", "at the same moment: the newer ticket first");
  assert.equal(seen(ticket(10, { status: 52, closed_at: 10 })), "1 10 2");
});

test("a conversation has each entry once, notes behind the message they were written after", async () => {
  const { keyOf, merged } = await load("ticket/entries.ts");
  const message = (position, text = "") => ({ position, message: { message_id: `om_${position}`, position, text } });
  const note = (position, id, created_at) => ({ position, note: { note_id: id, created_at } });
  const all = merged([message(1), message(3), note(1, "b", 20)], [message(2), message(3, "new"), note(1, "a", 10), note(1, "b", 20)]);
  assert.deepEqual(all.map(keyOf), ["om_1", "note a", "note b", "om_2", "om_3"]);
  assert.equal(all.at(-1).message.text, "new");
});

test("what one person says at once has their name once", async () => {
  const { follows } = await load("ticket/entries.ts");
  const said = (from, open_id, created_at, other = {}) => ({ position: created_at, message: { from, kind: "text", created_at, sender: open_id && { open_id }, ...other } });
  const first = said("guest", "ou_g", 0);
  assert.equal(follows(said("guest", "ou_g", 179_999), first), true);
  assert.equal(follows(said("guest", "ou_g", 180_000), first), false, "later");
  assert.equal(follows(said("agent", "ou_a", 1), first), false, "another");
  assert.equal(follows(said("agent", "ou_b", 1), said("agent", "ou_a", 0)), false, "another agent");
  assert.equal(follows(said("bot", undefined, 1), said("bot", undefined, 0)), false, "each answer tells who gave it");
  assert.equal(follows(said("agent", "ou_a", 1), said("agent", "ou_a", 0, { kind: "notice" })), false);
  assert.equal(follows({ position: 0, note: {} }, first), false);
  assert.equal(follows(said("guest", "ou_g", 1), { position: 0, note: {} }), false);
  assert.equal(follows(first, undefined), false);
});

test("a slash begins a canned reply at the start of a word, in any script", async () => {
  const { matching, slashAt } = await load("ticket/slash.ts");
  assert.deepEqual(slashAt("/he", 3), { at: 0, name: "he" });
  assert.deepEqual(slashAt("well, /您", 8), { at: 6, name: "您" });
  assert.deepEqual(slashAt("line\n/", 6), { at: 5, name: "" });
  for (const [text, cursor] of [["and/or", 6], ["https://x", 9], ["/he llo", 7], ["/hello", 0]]) assert.equal(slashAt(text, cursor), null, text);
  const replies = [{ name: "bye", text: "hello and bye" }, { name: "say-hello", text: "" }, { name: "hello", text: "" }];
  assert.deepEqual(matching(replies, "hello").map(({ name }) => name), ["hello", "say-hello", "bye"]);
});

test("names with commas are told apart in a value of several picks", async () => {
  const { leavesOf, picksOf } = await load("side/picks.ts");
  const leaves = leavesOf([{ tag: "a", display_name: "Red" }, { tag: "b", display_name: "Red,green" }, { tag: "c", display_name: "House", children: [{ tag: "d", display_name: "Roof" }] }]);
  assert.deepEqual(leaves.map(({ name }) => name), ["Red", "Red,green", "House/Roof"]);
  const picked = (value) => picksOf(value, leaves).map(({ tag }) => tag).join(" ");
  assert.equal(picked("Red"), "a");
  assert.equal(picked("Red,green"), "b");
  assert.equal(picked("Red,House/Roof"), "a d");
  assert.equal(picked("gone"), "");
  assert.equal(picked(""), "");
});
