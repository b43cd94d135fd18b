// Calls of every resource the server has, through the SDK's generated methods.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { withHelpDeskCredential } from "@larksuiteoapi/node-sdk";
import { asUser, client, ok } from "./bot.js";
import { Guest, Server, agent, owner, plain, plainDesk, test, user } from "./deskwire.js";

const { faqs } = plainDesk;
let server;
let api;
let ownerToken;

before(async () => {
  server = await Server.start();
  api = client(server.url, plain, plainDesk).helpdesk.v1;
  ownerToken = await server.userToken(owner, plain);
});
after(() => server?.stop());

const okAsOwner = (call, payload) => ok(call, payload, asUser(ownerToken));

/** All rows of an iterator of the SDK, which yields pages. */
async function rows(iterator, member) {
  const all = [];
  for await (const page of await iterator) {
    assert.ok(page, "the iterator got a page");
    all.push(...page[member]);
  }
  return all;
}

/** A guest with a ticket no bot answers in. */
async function humanTicket() {
  const guest = await Guest.arrive(server, plainDesk, "Gina 吉娜");
  return { guest, ticket_id: (await guest.post("/human")).ticket_id };
}

const isRecent = (ms) => assert.ok(Math.abs(ms - Date.now()) < 60_000, String(ms));
const ids = (list) => list.map(({ id }) => id);

describe("tickets", () => {
  test("get", async () => {
    const { guest, ticket_id } = await humanTicket();
    const { ticket } = await ok(api.ticket.get, { path: { ticket_id } });
    assert.deepEqual([ticket.ticket_id, ticket.helpdesk_id], [ticket_id, plainDesk.id]);
    assert.deepEqual([ticket.guest.id, ticket.guest.name], [guest.openId, "Gina 吉娜"]);
    assert.equal(ticket.ticket_type, 2);
    assert.ok([1, 2, 3].includes(ticket.status), String(ticket.status));
    isRecent(ticket.created_at);
  });

  test("list by number of page and by filter", async () => {
    const made = [];
    for (let i = 0; i < 3; i += 1) made.push((await humanTicket()).ticket_id);
    const seen = [];
    for (let page = 1; ; page += 1) {
      const params = { type: 2, status_list: [1, 2, 3], page, page_size: 2 };
      const { tickets, total } = await ok(api.ticket.list, { params });
      seen.push(...tickets.map(({ ticket_id }) => ticket_id));
      if (page * 2 >= total) break;
    }
    assert.equal(new Set(seen).size, seen.length);
    assert.ok(made.every((id) => seen.includes(id)));
    assert.equal((await ok(api.ticket.list, { params: { status_list: [50, 51] } })).total, 0);
  });

  test("start_service with a human tells the ticket", async () => {
    const data = { human_service: true, appointed_agents: [agent], open_id: user, customized_info: "from a test" };
    const { chat_id, ticket_id } = await ok(api.ticket.startService, { data });
    assert.match(chat_id, /^oc_/);
    const { ticket } = await ok(api.ticket.get, { path: { ticket_id } });
    assert.deepEqual([ticket.guest.id, ticket.ticket_type], [user, 2]);
  });

  test("start_service with the bot tells only the chat", async () => {
    const started = await ok(api.ticket.startService, { data: { human_service: false, open_id: owner } });
    assert.deepEqual(Object.keys(started), ["chat_id"]);
    const { tickets } = await ok(api.ticket.list, { params: { guest_id: owner } });
    assert.deepEqual(tickets.map(({ ticket_type }) => ticket_type), [1]);
  });

  test("messages", async () => {
    const { guest, ticket_id } = await humanTicket();
    await guest.ask("Is anybody there? 有人吗？");
    const send = (msg_type, content) =>
      ok(api.ticketMessage.create, { path: { ticket_id }, data: { msg_type, content: JSON.stringify(content) } });
    assert.match((await send("text", { text: 'Yes, "here".' })).message_id, /^om_/);
    const line = [{ tag: "text", text: "See " }, { tag: "a", text: "the manual", href: "https://demo.test/manual" }];
    await send("post", { post: { zh_cn: { title: "说明", content: [line] } } });
    assert.equal((await guest.wait("post")).from, "bot");

    const listed = await ok(api.ticketMessage.list, { path: { ticket_id }, params: { page: 1, page_size: 200 } });
    assert.equal(listed.total, listed.messages.length);
    const texts = listed.messages.map(({ content }) => JSON.parse(content).content);
    for (const said of ["Is anybody there? 有人吗？", 'Yes, "here".', "the manual"]) {
      assert.ok(texts.some((text) => text.includes(said)), `${said} in ${texts}`);
    }
    assert.ok(["text", "post"].every((type) => listed.messages.some((m) => m.message_type === type)));
    const question = listed.messages.find(({ content }) => content.includes("Is anybody there?"));
    assert.equal(question.user_name, "Gina 吉娜");
    isRecent(question.created_at);
    const second = await ok(api.ticketMessage.list, { path: { ticket_id }, params: { page: 2, page_size: 1 } });
    assert.deepEqual(second.messages, [listed.messages[1]]);
  });
});

describe("FAQs", () => {
  test("the list, by page and by iterator", async () => {
    const params = { status: "1", page_size: 2 };
    const first = await ok(api.faq.list, { params });
    assert.deepEqual([first.items.length, first.page_size, first.has_more], [2, 2, true]);
    const all = await rows(api.faq.listWithIterator({ params }, withHelpDeskCredential()), "items");
    assert.equal(new Set(ids(all)).size, first.total);
    assert.ok(faqs.every(({ id }) => ids(all).includes(id)));
  });

  test("get", async () => {
    const { faq } = await ok(api.faq.get, { path: { id: faqs[0].id } });
    assert.deepEqual([faq.faq_id, faq.id, faq.helpdesk_id], [faqs[0].id, faqs[0].id, plainDesk.id]);
    assert.deepEqual([faq.question, faq.answer, faq.tags], [faqs[0].question, faqs[0].answer, faqs[0].similar]);
    assert.deepEqual(faq.categories.map(({ name }) => name), ["Passwords"]);
    assert.ok(faq.answer_richtext.every(({ type }) => type === "text"));
    isRecent(faq.create_time * 1000);
  });

  test("search, by call and by iterator", async () => {
    for (const [i, query] of ["忘记密码怎么办", "怎么申请新电脑", "VPN & more"].entries()) {
      const found = await ok(api.faq.search, { params: { query } });
      assert.equal(found.items[0].id, faqs[i].id, query);
      const pages = api.faq.searchWithIterator({ params: { query, page_size: 1 } }, withHelpDeskCredential());
      assert.deepEqual(ids(await rows(pages, "items")), ids(found.items));
    }
    const params = { query: Buffer.from("忘记密码怎么办").toString("base64"), base64: "true" };
    assert.equal((await ok(api.faq.search, { params })).items[0].id, faqs[0].id);
  });

  test("create, patch, delete", async () => {
    const rich = (content) => [{ type: "text", content }];
    const question = "Where is the lost property?";
    const answer_richtext = JSON.stringify(rich("Room 101"));
    const info = { question, answer: "Room 101", answer_richtext, tags: ["失物招领"] };
    const { faq } = await okAsOwner(api.faq.create, { data: { faq: info } });
    assert.deepEqual([faq.question, faq.tags, faq.create_user.id], [question, ["失物招领"], owner]);
    assert.deepEqual(faq.answer_richtext, rich("Room 101"));

    const path = { id: faq.id };
    const changed = { question: "Where is lost property now?", answer: "Room 102", answer_richtext: rich("Room 102") };
    await okAsOwner(api.faq.patch, { path, data: { faq: changed } });
    const patched = (await ok(api.faq.get, { path })).faq;
    assert.deepEqual([patched.question, patched.answer], [changed.question, "Room 102"]);
    assert.deepEqual(patched.answer_richtext, rich("Room 102"));

    await okAsOwner(api.faq.delete, { path });
    const { items } = await ok(api.faq.list, { params: { status: "1" } });
    assert.ok(!ids(items).includes(faq.id));
  });
});

describe("categories", () => {
  test("create, get, patch, list, delete", async () => {
    const create = async (name, parent_id) =>
      (await okAsOwner(api.category.create, { data: { name, parent_id, language: "zh_cn" } })).category;
    const top = await create("办公室", "0");
    const below = await create("会议室", top.category_id);
    assert.deepEqual([top.id, top.parent_id, below.parent_id], [top.category_id, "0", top.category_id]);

    const path = { id: below.id };
    await okAsOwner(api.category.patch, { path, data: { name: "会议室和电话亭" } });
    const got = await ok(api.category.get, { path });
    assert.deepEqual([got.category_id, got.name, got.language], [below.id, "会议室和电话亭", "zh_cn"]);

    const { categories } = await ok(api.category.list, {});
    assert.ok(["Accounts", "Hardware", "办公室"].every((name) => categories.some((c) => c.name === name)));
    assert.deepEqual(ids(categories.find(({ id }) => id === top.id).children), [below.id]);

    for (const { id } of [below, top]) await okAsOwner(api.category.delete, { path: { id } });
    const left = (await ok(api.category.list, {})).categories;
    assert.ok(!ids(left).includes(top.id));
  });
});
