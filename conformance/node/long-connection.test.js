// The SDK's own long-connection client: it receives, answers, and comes back after the server was restarted under it.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { WSClient } from "@larksuiteoapi/node-sdk";
import { Bot, client } from "./bot.js";
import { Guest, Server, connected, plainDesk, test } from "./deskwire.js";

const CJK = "打印机 坏了 / printer \"broken\" <b>& 🖨";
const STUMBLE = "stumble over this";
const quiet = { error() {}, warn() {}, info() {}, debug() {}, trace() {} };

/** Fails at its first sight of one question. */
class Clumsy extends Bot {
  async onMessage(message) {
    if (message.text === STUMBLE && !this.stumbled) {
      this.stumbled = true;
      throw new Error("on purpose");
    }
    return super.onMessage(message);
  }
}

let server;
let bot;
let ws;

before(async () => {
  server = await Server.start({}, { keepsData: true });
  const [faq] = plainDesk.faqs;
  const found = [{ id: faq.id, score: 0.9 }];
  bot = new Clumsy({ [faq.question]: found, [CJK]: found, [STUMBLE]: found });
  assert.equal((await bot.connect(client(server.url, connected, plainDesk))).code, 0);
  const { app_id: appId, app_secret: appSecret } = connected;
  ws = new WSClient({ appId, appSecret, domain: server.url, logger: quiet });
  await ws.start({ eventDispatcher: bot.dispatcher("", "") });
});

after(async () => {
  ws?.close();
  await server?.stop();
});

const connections = async () => (await server.call("GET", "/dev/v1/connections")).json.connections;
const deliveries = async () => (await server.call("GET", "/dev/v1/deliveries?limit=200")).json.deliveries;

/** What `find` answers as soon as it is true. */
async function eventually(find) {
  for (let i = 0; i < 200; i += 1) {
    const found = await find();
    if (found) return found;
    await sleep(50);
  }
  return assert.fail(`never came: ${find}`);
}

const delivered = () =>
  eventually(async () => {
    const all = await deliveries();
    return all.every(({ state }) => state === "delivered") && all;
  });

async function ask(text) {
  const guest = await Guest.arrive(server, plainDesk);
  await guest.ask(text);
  return guest.wait("answer");
}

describe("long connection", () => {
  test("a question comes and its answer is shown", async () => {
    for (const text of [plainDesk.faqs[0].question, CJK]) {
      const { mode, answered_by } = await ask(text);
      assert.deepEqual([mode, answered_by], ["direct", "app"]);
      assert.ok(bot.messages.some((message) => message.text === text));
    }
    for (const { outcome } of await delivered()) assert.match(outcome, /^200 in /);
    for (const event of [...bot.messages, ...bot.tickets, ...bot.updates]) {
      assert.equal(event.token, connected.events.verification_token);
    }
  });

  test("the connection is on the list", async () => {
    const [connection, ...others] = await connections();
    assert.deepEqual(others, []);
    assert.equal(connection.app_id, connected.app_id);
    assert.match(connection.user_agent, /node/i);
    assert.ok(connection.last_ping);
  });

  test("an event that was not taken comes again", async () => {
    const guest = await Guest.arrive(server, plainDesk);
    await guest.ask(STUMBLE);
    const refused = ({ outcome }) => outcome?.startsWith("500 in ");
    const failed = await eventually(async () => (await deliveries()).find(refused));
    await server.call("POST", "/dev/v1/clock", { advance_ms: 15_000 });
    assert.equal((await guest.wait("answer")).answered_by, "app");
    const again = bot.messages.find(({ text }) => text === STUMBLE);
    // A member of the body hides the header's of the same name.
    assert.equal(again.event_id, failed.event_id);
    await delivered();
  });

  test("the client comes back after a restart", async () => {
    for (let i = 0; i < 2; i += 1) {
      await server.restart();
      // Asked before the client is back: the event waits for it.
      assert.equal((await ask(CJK)).answered_by, "app");
    }
    assert.equal((await connections()).length, 1);
    await delivered();
  });
});
