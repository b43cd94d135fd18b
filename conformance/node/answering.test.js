// A guest asks, the bot is told by webhook, answers through the SDK, and the guest sees the FAQ.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Bot, client, ok } from "./bot.js";
import { Guest, Server, encrypted, encryptedDesk, plain, plainDesk, test } from "./deskwire.js";
import { receive } from "./receiver.js";

const BOT = 1; // sender_type
const GUEST = 2;
const EITHER = "laptop or VPN / 会议室还是访客";

let server;
const modes = [
  { name: "plain webhook", app: plain, desk: plainDesk },
  { name: "encrypted webhook", app: encrypted, desk: encryptedDesk },
];

before(async () => {
  const urls = {};
  for (const mode of modes) {
    const [first, second, third] = mode.desk.faqs;
    const found = [{ id: third.id, score: 0.4 }, { id: second.id, score: 0.5 }];
    mode.bot = new Bot({ [first.question]: [{ id: first.id, score: 0.9 }], [EITHER]: found });
    const { verification_token, encrypt_key } = mode.app.events;
    mode.receiver = await receive(mode.bot.dispatcher(verification_token, encrypt_key));
    mode.seen = watch(mode.receiver.server);
    urls[mode.app.app_id] = mode.receiver.url;
  }
  server = await Server.start(urls);
  for (const { bot, app, desk } of modes) {
    const { code, msg } = await bot.connect(client(server.url, app, desk));
    assert.deepEqual([code, msg], [0, "success"]);
  }
});

after(async () => {
  for (const { bot, receiver } of modes) {
    if (bot?.api) assert.equal((await bot.disconnect()).code, 0);
    receiver?.stop();
  }
  await server?.stop();
});

/** Looks on at a receiver's HTTP server: whether bodies were encrypted, and what was answered. */
function watch(http) {
  const seen = { kinds: new Set(), answers: [] };
  http.prependListener("request", (request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => seen.kinds.add("encrypt" in JSON.parse(body) ? "encrypted" : "plain"));
    const end = response.end.bind(response);
    response.end = (content = "") => {
      seen.answers.push(content);
      return end(content);
    };
  });
  return seen;
}

/** The first of `list` that satisfies `which`, as soon as there is one. */
async function eventually(list, which) {
  for (let i = 0; i < 500; i += 1) {
    const found = list.find(which);
    if (found) return found;
    await sleep(20);
  }
  throw new Error("the event did not come");
}

for (const { name, app, desk } of modes) {
  const [first, second, third] = desk.faqs;
  // Made by `before`.
  const bot = () => modes.find((mode) => mode.app === app).bot;
  const seen = () => modes.find((mode) => mode.app === app).seen;
  const ask = async (text) => {
    const guest = await Guest.arrive(server, desk);
    const ticketId = await guest.ask(text);
    return { guest, ticketId, shown: await guest.wait("answer") };
  };

  describe(name, () => {
    test("the token manager gets and keeps a tenant token", async () => {
      const token = await bot().api.tokenManager.getTenantAccessToken();
      assert.match(token, /^t-/);
      assert.equal(await bot().api.tokenManager.getTenantAccessToken(), token);
    });

    test("a score of 0.9 shows the answer", async () => {
      const { shown } = await ask(first.question);
      assert.deepEqual([shown.mode, shown.answered_by], ["direct", "app"]);
      const { id, question, answer, score } = shown.faqs[0];
      assert.deepEqual([id, question, answer, score], [first.id, first.question, first.answer, 0.9]);
    });

    test("scores of 0.5 and 0.4 show a list, best first", async () => {
      const { shown } = await ask(EITHER);
      assert.deepEqual([shown.mode, shown.answered_by], ["list", "app"]);
      const faqs = shown.faqs.map(({ id, score }) => [id, score]);
      assert.deepEqual(faqs, [[second.id, 0.5], [third.id, 0.4]]);
      assert.ok(shown.faqs.every((faq) => !("answer" in faq)));
    });

    test("no FAQs show that nothing was found", async () => {
      const { shown } = await ask("What is the meaning of life?");
      assert.deepEqual([shown.mode, shown.answered_by, shown.faqs], ["none", "app", []]);
    });

    test("the URL was checked, and bodies are encrypted only with a key", async () => {
      await ask("hello");
      assert.ok(seen().answers.some((answer) => answer.includes("challenge")));
      assert.deepEqual([...seen().kinds], [app.events.encrypt_key ? "encrypted" : "plain"]);
    });

    test("the guest's message event has what the SDK's types promise", async () => {
      const text = 'Größe <b>&amp;</b> "quoted" \\ / \u2028 忘记密码 🙂';
      const { guest, ticketId, shown } = await ask(text);
      const event = bot().messages.find((m) => m.ticket.ticket_id === ticketId && m.sender_type === GUEST);
      assert.equal(event.event_type, "helpdesk.ticket_message.created_v1");
      assert.deepEqual([event.app_id, event.token], [app.app_id, app.events.verification_token]);
      assert.ok(Math.abs(Number(event.create_time) - Date.now()) < 60_000);
      assert.ok(event.tenant_key);
      assert.match(event.event_id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      assert.equal(shown.event_id, event.event_id);
      assert.deepEqual([event.text, event.content.content, event.msg_type], [text, text, "text"]);
      assert.deepEqual([event.sender_id.open_id, event.chat_id], [guest.openId, guest.chatId]);
      assert.match(event.message_id, /^om_/);
      assert.equal(event.ticket.status, 1);
    });

    test("odd and long texts arrive as they are", async () => {
      // A plain body is shorter and, where it is long, ASCII only: the SDK turns each chunk that comes from the network
      // into text by itself, which tears a character between two chunks. An encrypted body is ASCII anyway.
      const whole = app === encrypted;
      // Single and joined emoji, quotes, slashes, markup, a line separator, and nearly the most a guest may send.
      const odd = `打印机 🖨 👩\u200d👩\u200d👧 / </b> & "'\\ \u2028 ${"忘🙂".repeat(whole ? 2_480 : 100)}`;
      const { guest, ticketId } = await ask(odd);
      const event = bot().messages.find((m) => m.ticket.ticket_id === ticketId && m.sender_type === GUEST);
      assert.deepEqual([event.text, event.content.content], [odd, odd]);
      await guest.post("/human");
      // The longest text of an app; its event holds it twice.
      const long = whole ? "長い🖨</".repeat(6_000) : "long </".repeat(4_200);
      const data = { msg_type: "text", content: JSON.stringify({ text: long }) };
      await ok((...call) => bot().api.helpdesk.v1.ticketMessage.create(...call), { path: { ticket_id: ticketId }, data });
      await eventually(bot().messages, (m) => m.ticket.ticket_id === ticketId && m.text === long);
    });

    test("the bot's own answer is an event without a sender", async () => {
      const { ticketId } = await ask(first.question);
      const own = (m) => m.ticket.ticket_id === ticketId && m.sender_type === BOT;
      const event = await eventually(bot().messages, own);
      assert.equal(event.sender_id, undefined);
      assert.ok(event.text.includes(first.answer));
    });

    test("ticket events have what the SDK's types promise", async () => {
      const { guest, ticketId } = await ask("hello");
      const created = await eventually(bot().tickets, (t) => t.ticket_id === ticketId);
      assert.deepEqual([created.helpdesk_id, created.chat_id], [desk.id, guest.chatId]);
      assert.deepEqual([created.stage, created.status, created.guest.id.open_id], [1, 1, guest.openId]);
      assert.equal(typeof created.created_at, "number");
      await guest.post("/human");
      const updated = await eventually(bot().updates, (u) => u.object.ticket_id === ticketId);
      assert.deepEqual([updated.old_object.stage, updated.object.stage], [1, 2]);
    });

    test("the same answer again is fine and another is refused", async () => {
      const { guest, ticketId, shown } = await ask(first.question);
      const again = await bot().answer(ticketId, shown.event_id, [{ id: first.id, score: 0.9 }]);
      assert.deepEqual([again.code, again.msg, again.data], [0, "success", {}]);
      const other = bot().answer(ticketId, shown.event_id, [{ id: second.id, score: 0.9 }]);
      await assert.rejects(other, (error) => error.response.status === 400 && error.response.data.code === 154000);
      assert.equal((await guest.messages()).filter(({ kind }) => kind === "answer").length, 1);
    });
  });
}
