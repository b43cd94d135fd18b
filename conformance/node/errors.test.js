// Errors as the SDK shows them: it throws, with the envelope in `error.response.data`.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { withHelpDeskCredential, withUserAccessToken } from "@larksuiteoapi/node-sdk";
import { client } from "./bot.js";
import { Guest, Server, encrypted, owner, plain, plainDesk, reader, test, user } from "./deskwire.js";

const UNKNOWN = "7000000000000000000";
const EVENT_ID = "11111111-1111-4111-8111-111111111111";
const desk = withHelpDeskCredential();
let server;

before(async () => {
  server = await Server.start();
});
after(() => server?.stop());

const api = (app = plain, helpdesk = plainDesk) => client(server.url, app, helpdesk).helpdesk.v1;
const getTicket = (ticket_id, options = desk, service = api()) => service.ticket.get({ path: { ticket_id } }, options);
const answer = (service, ticket_id) =>
  service.ticket.answerUserQuery({ path: { ticket_id }, data: { event_id: EVENT_ID, faqs: [] } }, desk);

/** Checks the envelope of a refusal; answers it. */
async function refused(call, status, code) {
  const { response } = await call.then(
    () => assert.fail("the call succeeded"),
    (error) => error,
  );
  assert.deepEqual([response?.status, response?.data?.code], [status, code], JSON.stringify(response?.data));
  assert.match(response.headers["content-type"], /^application\/json/);
  assert.equal(response.data.error.log_id, response.headers["x-tt-logid"]);
  assert.ok(response.data.msg);
  return response.data;
}

/** Options of a user's call. `withAll` would drop both. */
const as = (token) => ({ lark: { ...desk.lark, ...withUserAccessToken(token).lark } });

describe("errors", () => {
  test("a wrong secret and an unknown app", async () => {
    // The encrypted app's token is in no cache of this process.
    const wrong = { ...encrypted, app_secret: "wrong" };
    await assert.rejects(getTicket(UNKNOWN, desk, api(wrong)), /10014/);
    const unknown = { app_id: "cli_a00000000000000f", app_secret: "wrong" };
    await assert.rejects(getTicket(UNKNOWN, desk, api(unknown)), /10003/);
  });

  test("an unknown and a malformed ticket", async () => {
    await refused(getTicket(UNKNOWN), 404, 154004);
    await refused(getTicket("abc"), 400, 154000);
    await refused(answer(api(), UNKNOWN), 404, 154004);
  });

  test("a missing scope", async () => {
    const { msg, error } = await refused(answer(api(reader), UNKNOWN), 400, 99991672);
    assert.ok(msg.includes("helpdesk:all"));
    assert.deepEqual(error.permission_violations, [{ type: "action_scope_required", subject: "helpdesk:all" }]);
    assert.ok(error.helps[0].url.includes(reader.app_id));
  });

  test("a wrong or missing help desk credential", async () => {
    await refused(getTicket(UNKNOWN, desk, api(plain, { ...plainDesk, token: "ht-wrong" })), 401, 154001);
    await refused(getTicket(UNKNOWN, {}), 401, 154001);
  });

  test("a forged user token and a user without a role", async () => {
    const data = { faq: { question: "Q?", answer: "A." } };
    await refused(api().faq.create({ data }, as("u-forged")), 400, 99991668);
    await refused(api().faq.create({ data }, as(await server.userToken(user, plain))), 403, 154003);
  });

  test("a field that is missing is named", async () => {
    const options = as(await server.userToken(owner, plain));
    const { error } = await refused(api().faq.create({ data: {} }, options), 400, 154000);
    assert.equal(error.field_violations[0].field, "faq");
  });

  test("answers to no question of the ticket, and to a human's ticket", async () => {
    const asking = await Guest.arrive(server, plainDesk);
    await refused(answer(api(), await asking.ask("anything")), 400, 154000);
    const waiting = await Guest.arrive(server, plainDesk);
    await refused(answer(api(), (await waiting.post("/human")).ticket_id), 400, 154000);
  });

  test("a message in a closed ticket", async () => {
    const guest = await Guest.arrive(server, plainDesk);
    const { ticket_id } = await guest.post("/human");
    await guest.post("/close");
    const data = { msg_type: "text", content: '{"text": "late"}' };
    await refused(api().ticketMessage.create({ path: { ticket_id }, data }, desk), 401, 154401);
  });
});
