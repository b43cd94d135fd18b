// Customized fields: calls of the SDK; drop-downs by raw requests, because no type of the SDK has their options.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { withHelpDeskCredential, withUserAccessToken } from "@larksuiteoapi/node-sdk";
import { client } from "./bot.js";
import { Server, agent, owner, plain, plainDesk, test } from "./deskwire.js";

const url = "/open-apis/helpdesk/v1/ticket_customized_fields";
let server;
let sdk;
let api;
let ownerToken;

before(async () => {
  server = await Server.start();
  sdk = client(server.url, plain, plainDesk);
  api = sdk.helpdesk.v1.ticketCustomizedField;
  ownerToken = await server.userToken(owner, plain);
});
after(() => server?.stop());

const desk = withHelpDeskCredential();
const as = (token) => ({ lark: { ...desk.lark, ...withUserAccessToken(token).lark } });

async function ok(call, payload, options = desk) {
  const { code, msg, data } = await call(payload, options);
  assert.deepEqual([code, msg], [0, "success"]);
  return data;
}

async function refused(call, status, code) {
  const error = await call.then(
    () => assert.fail("the call went through"),
    (failure) => failure,
  );
  assert.deepEqual([error.response.status, error.response.data.code], [status, code]);
  return error.response.data.error;
}

const field = (key_name, members = {}) => ({
  helpdesk_id: plainDesk.id,
  key_name,
  display_name: "名称",
  position: "5",
  field_type: "string",
  description: "说明",
  visible: true,
  required: false,
  ...members,
});
const create = (data) => ok(api.create, { data }, as(ownerToken));

/** All fields, two a page. Each page's token is called `next_page_token`. */
async function listed(data) {
  const all = [];
  for (let page_token; ; ) {
    const page = await ok(api.list, { params: { page_size: 2, page_token }, data });
    all.push(...page.items);
    if (!page.has_more) return all;
    page_token = page.next_page_token;
  }
}
const idOf = async (key) => (await listed()).find(({ key_name }) => key_name === key).ticket_customized_field_id;

describe("customized fields", () => {
  test("create, get, patch, delete", async () => {
    await create(field("node_asset"));
    const path = { ticket_customized_field_id: await idOf("node_asset") };
    const made = await ok(api.get, { path });
    assert.deepEqual([made.key_name, made.position, made.field_type], ["node_asset", "5", "string"]);
    assert.deepEqual([made.created_by.id, made.updated_by.name, made.editable], [owner, "Ada", true]);
    assert.ok(Math.abs(Number(made.created_at) - Date.now()) < 60_000, made.created_at);
    const data = { display_name: "资产", position: "0", visible: false, required: true };
    await ok(api.patch, { path, data }, as(ownerToken));
    const { updated_at, ...rest } = made;
    const patched = await ok(api.get, { path });
    assert.ok(Number(patched.updated_at) >= Number(updated_at));
    assert.deepEqual(patched, { ...rest, ...data, updated_at: patched.updated_at });
    await ok(api.delete, { path }, as(ownerToken));
    await refused(api.get({ path }, desk), 400, 154000);
  });

  test("the list, by page, by iterator and by visibility", async () => {
    for (const i of [0, 1, 2]) await create(field(`node_page_${i}`, { visible: i !== 1 }));
    const mine = (fields) => fields.map((f) => f.key_name).filter((key) => key.startsWith("node_page_"));
    assert.deepEqual(mine(await listed()), ["node_page_0", "node_page_1", "node_page_2"]);
    assert.deepEqual(mine(await listed({ visible: true })), ["node_page_0", "node_page_2"]);
    const all = [];
    for await (const page of await api.listWithIterator({ params: { page_size: 1 } }, desk)) all.push(...page.items);
    assert.deepEqual(mine(all), ["node_page_0", "node_page_1", "node_page_2"]);
  });

  test("a drop-down by raw requests", async () => {
    const leaf = (tag) => ({ tag, display_name: tag.toUpperCase() });
    const dropdown_options = { children: [{ ...leaf("a"), children: [{ ...leaf("b"), children: [leaf("c")] }] }] };
    const data = field("node_nested", { field_type: "dropdown_nested", dropdown_options });
    const { code } = await sdk.request({ method: "POST", url, data }, as(ownerToken));
    assert.equal(code, 0);
    const path = { ticket_customized_field_id: await idOf("node_nested") };
    assert.deepEqual((await ok(api.get, { path })).dropdown_options, dropdown_options);
    const several = { dropdown_options: { children: [leaf("a"), leaf("b")] }, dropdown_allow_multiple: true };
    const plainOne = field("node_several", { field_type: "dropdown", ...several });
    assert.equal((await sdk.request({ method: "POST", url, data: plainOne }, as(ownerToken))).code, 0);
    const got = await ok(api.get, { path: { ticket_customized_field_id: await idOf("node_several") } });
    assert.deepEqual([got.dropdown_allow_multiple, got.dropdown_options], [true, several.dropdown_options]);
  });

  test("both families", async () => {
    await create(field("node_hidden", { visible: false }));
    const call = sdk.helpdesk.v1.ticket.customizedFields;
    const keys = (list) => list.map(({ key_name }) => key_name);
    const all = await ok(call, { params: {} });
    assert.deepEqual(keys(all.user_customized_fields), ["level"]);
    assert.equal(all.user_customized_fields[0].id, all.user_customized_fields[0].user_customized_field_id);
    assert.ok(keys(all.ticket_customized_fields).includes("node_hidden"));
    const visible = await ok(call, { params: { visible_only: true } });
    assert.ok(!keys(visible.ticket_customized_fields).includes("node_hidden"));
  });

  test("an agent is no admin, and a field needs its members", async () => {
    const options = as(await server.userToken(agent, plain));
    await refused(api.create({ data: field("node_agent") }, options), 403, 154003);
    const half = await refused(api.create({ data: { key_name: "node_half" } }, as(ownerToken)), 400, 99992402);
    assert.equal(half.field_violations[0].field, "display_name");
  });
});
