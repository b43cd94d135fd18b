// Tickets at the human stage: what agents do to them, `ticket.update`, and how they are read.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { asUser, client, ok } from "./bot.js";
import { Guest, Server, agent, owner, plain, plainDesk, test } from "./deskwire.js";

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

const act = async (open_id, ticket_id, action) => {
  const { status, json } = await server.call("POST", `/dev/v1/tickets/${ticket_id}/agent`, { open_id, ...action });
  assert.equal(status, 200, JSON.stringify(json));
  return json;
};

const get = async (ticket_id) => (await ok(api.ticket.get, { path: { ticket_id } })).ticket;

/** A guest whose ticket the owner works on. */
async function humanTicket() {
  const guest = await Guest.arrive(server, plainDesk, "Gina 吉娜");
  const { ticket_id } = await guest.post("/human");
  if ((await get(ticket_id)).agent_owner?.id !== owner) {
    await act(owner, ticket_id, { action: "transfer", to: owner });
  }
  return { guest, ticket_id };
}

describe("tickets at the human stage", () => {
  test("an update is partial and read back", async () => {
    const { ticket_id } = await humanTicket();
    const update = (data) => okAsOwner(api.ticket.update, { path: { ticket_id }, data });
    assert.deepEqual(await update({ tag_names: ["vip", "打印机"], comment: "会打来电话" }), {});
    await update({ status: 4, solved: 1, channel: 13 });
    const ticket = await get(ticket_id);
    assert.deepEqual([ticket.status, ticket.solve, ticket.channel], [4, 1, 13]);
    assert.deepEqual(ticket.tags.map(({ name }) => name), ["vip", "打印机"]);
    assert.deepEqual([ticket.comments.content, ticket.comments.user_name], ["会打来电话", "Ada"]);
    assert.equal(typeof ticket.comments.user_id, "number");
    assert.equal(ticket.agent_owner.id, owner);
    const { tickets } = await ok(api.ticket.list, { params: { tags: ["打印机", "nothing"] } });
    assert.deepEqual(tickets.map((found) => found.ticket_id), [ticket_id]);
  });

  test("an agent's work is read back", async () => {
    const { guest, ticket_id } = await humanTicket();
    const { message } = await act(owner, ticket_id, { action: "reply", text: "Which printer?" });
    assert.deepEqual([message.from, message.sender.name], ["agent", "Ada"]);
    assert.equal((await guest.wait("text")).text, "Which printer?");
    await act(owner, ticket_id, { action: "collaborate", to: agent });
    await act(owner, ticket_id, { action: "close", solved: true });
    const ticket = await get(ticket_id);
    assert.deepEqual([ticket.status, ticket.solve, ticket.closed_by.id], [51, 2, owner]);
    assert.deepEqual(ticket.collaborators.map(({ id }) => id), [agent]);
    assert.ok(ticket.agent_resolution_time >= ticket.actual_processing_time);
    assert.ok(ticket.agents.some(({ id }) => id === owner));
  });
});
