// Notifications from draft to recall, and messages of the bot outside of tickets, through the SDK's generated methods.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { EventDispatcher, LoggerLevel } from "@larksuiteoapi/node-sdk";
import { asUser, client, ok } from "./bot.js";
import { Guest, Server, owner, plain, plainDesk, test, user } from "./deskwire.js";
import { receive } from "./receiver.js";

const EVENT = { type: "helpdesk.notification", subtype: "notification.approve_v1" };
const CARD = {
  header: { title: { tag: "plain_text", content: "搬家 Office move" } },
  elements: [{ tag: "div", text: { tag: "lark_md", content: "We move on **Friday**." } }],
};

let server;
let receiver;
let api;
let ownerToken;
const decided = [];

before(async () => {
  const { verification_token: verificationToken } = plain.events;
  const dispatcher = new EventDispatcher({ verificationToken, loggerLevel: LoggerLevel.warn }).register({
    "helpdesk.notification.approve_v1": (data) => void decided.push(data),
  });
  receiver = await receive(dispatcher);
  server = await Server.start({ [plain.app_id]: receiver.url });
  api = client(server.url, plain, plainDesk).helpdesk.v1;
  ownerToken = await server.userToken(owner, plain);
});
after(async () => {
  receiver?.stop();
  await server?.stop();
});

const okAsOwner = (call, payload) => ok(call, payload, asUser(ownerToken));

async function eventually(find) {
  for (let i = 0; i < 200; i += 1) {
    const found = await find();
    if (found) return found;
    await sleep(50);
  }
  throw new Error("it did not come to pass");
}

const draft = (more) => ({
  job_name: "Move",
  push_content: JSON.stringify(CARD),
  push_type: 0,
  push_scope_type: 2,
  user_list: [{ user_id: user }],
  ...more,
});

describe("notifications", () => {
  test("from draft to recall", async () => {
    await ok(api.event.subscribe, { data: { events: [EVENT] } });
    const guest = await Guest.arrive(server, plainDesk);
    const lists = { chat_list: [{ chat_id: guest.chatId, name: "Gina" }] };
    const params = { user_id_type: "open_id" };
    const created = await okAsOwner(api.notification.create, { data: draft(lists), params });
    assert.equal(created.status, 0);
    const path = { notification_id: created.notification_id };
    const get = async () => (await okAsOwner(api.notification.get, { path, params })).notification;

    const patched = draft({ ...lists, job_name: "Office move" });
    assert.deepEqual(await okAsOwner(api.notification.patch, { path, params, data: patched }), {});
    const data = await okAsOwner(api.notification.get, { path, params });
    assert.ok(data.approval_app_link.startsWith(`${server.url}/approval/`), data.approval_app_link);
    const { notification } = data;
    assert.deepEqual([notification.id, notification.job_name, notification.status], [path.notification_id, "Office move", 0]);
    assert.deepEqual(notification.create_user, { user_id: owner, name: "Ada" });
    assert.deepEqual(notification.user_list, [{ user_id: user, name: "Eve" }]);
    assert.deepEqual(notification.chat_list, lists.chat_list);
    assert.deepEqual(JSON.parse(notification.push_content), CARD);
    assert.match(notification.created_at, /^\d{13}$/);

    await okAsOwner(api.notification.preview, { path });
    const submit = () => okAsOwner(api.notification.submitApprove, { path, data: { reason: "news" } });
    assert.deepEqual(await submit(), { has_access: true });
    await okAsOwner(api.notification.cancelApprove, { path });
    await submit();
    const execute = (at) => okAsOwner(api.notification.executeSend, { path, data: { send_at: String(at) } });
    const cancel = (is_recall) => okAsOwner(api.notification.cancelSend, { path, data: { is_recall } });
    await execute(Date.now() + 3_600_000);
    assert.equal((await get()).status, 3);
    await cancel(false);
    await execute(Date.now());
    const sent = await eventually(async () => {
      const now = await get();
      return now.status === 5 ? now : null;
    });
    assert.deepEqual([sent.target_user_count, sent.sent_user_count, sent.read_user_count], [2, 2, 0]);
    assert.deepEqual((await guest.wait("card")).card, CARD);
    assert.equal((await get()).read_user_count, 1);
    await cancel(true);
    assert.equal((await guest.wait("notice")).notice, "recall");
    assert.equal((await get()).status, 7);

    await eventually(() => decided.length >= 3);
    const told = decided.map(({ notification_id, helpdesk_id, approve_status }) => {
      assert.deepEqual([notification_id, helpdesk_id], [path.notification_id, plainDesk.id]);
      return approve_status;
    });
    assert.deepEqual(told.sort(), ["APPROVED", "APPROVED", "CANCELED"]);
  });
});

describe("bot messages", () => {
  test("text, post and card", async () => {
    const guest = await Guest.arrive(server, plainDesk);
    const line = [{ tag: "text", text: "See " }, { tag: "a", text: "this", href: "https://demo.test" }];
    for (const [msg_type, content, kind] of [
      ["text", { text: "hello 你好" }, "text"],
      ["post", { post: { zh_cn: { title: "T", content: [line] } } }, "post"],
      ["interactive", CARD, "card"],
    ]) {
      const data = { msg_type, content: JSON.stringify(content), receiver_id: guest.openId, receive_type: "chat" };
      const { message_id } = await ok(api.botMessage.create, { data, params: { user_id_type: "open_id" } });
      const shown = await guest.wait(kind);
      assert.deepEqual([shown.message_id, shown.from, "ticket_id" in shown], [message_id, "bot", false]);
    }
  });
});
