// User tokens by OAuth, with the SDK's helpers.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { after, before, describe } from "node:test";
import { Client, withHelpDeskCredential, withUserAccessToken } from "@larksuiteoapi/node-sdk";
import { logIn } from "./browser.js";
import { Server, owner, plain, plainDesk, test } from "./deskwire.js";

const [tenant] = JSON.parse(readFileSync(new URL("../desk.json", import.meta.url), "utf8")).tenants;
const [ada] = tenant.users;
const [callback] = plain.redirect_urls;
const ALL = "helpdesk:all helpdesk:all:readonly contact:user.email:readonly offline_access";
const VERIFIER = "a-verifier-of-at-least-forty-three-characters~";
const CHALLENGE = createHash("sha256").update(VERIFIER).digest("base64url");
const quiet = { error() {}, warn() {}, info() {}, debug() {}, trace() {} };
let server;

before(async () => {
  server = await Server.start();
});
after(() => server?.stop());

const client = () =>
  new Client({
    appId: plain.app_id,
    appSecret: plain.app_secret,
    helpDeskId: plainDesk.id,
    helpDeskToken: plainDesk.token,
    domain: server.url,
    oauthBaseUrl: server.url,
    logger: quiet,
  });

/** The code that the app is told when Ada has logged in. */
async function authorised(more = {}) {
  const question = { client_id: plain.app_id, response_type: "code", redirect_uri: callback, scope: ALL, state: "s 1&é" };
  const typed = { email: ada.email, password: ada.password, decision: "allow" };
  const { code, state } = await logIn(server, { ...question, ...more }, typed);
  assert.equal(state, "s 1&é");
  return code;
}

function createFaq(token) {
  const options = { lark: { ...withHelpDeskCredential().lark, ...withUserAccessToken(token).lark } };
  const data = { faq: { question: "Does it work?", answer: "Yes." } };
  return client().helpdesk.v1.faq.create({ data }, options);
}

const refused = (call, code) => assert.rejects(call, (error) => error.statusCode === 400 && error.code === code && !!error.errorDescription);

describe("user tokens", () => {
  test("code with PKCE, refresh and user_info", async () => {
    const tokens = client().accessToken;
    const params = { code: await authorised({ code_challenge: CHALLENGE, code_challenge_method: "S256" }), redirectUri: callback };
    await refused(tokens.retrieveByAuthorizationCode(params), 20049);
    const first = await tokens.retrieveByAuthorizationCode({ ...params, codeVerifier: VERIFIER });
    assert.deepEqual([first.tokenType, first.expiresIn, first.refreshTokenExpiresIn, first.scope], ["Bearer", 7200, 604800, ALL]);
    assert.equal((await createFaq(first.accessToken)).code, 0);
    const second = await tokens.refresh({ refreshToken: first.refreshToken });
    const { code, data } = await client().authen.v1.userInfo.get({}, withUserAccessToken(second.accessToken));
    assert.deepEqual([code, data.name, data.open_id, data.email], [0, ada.name, owner, ada.email]);
    assert.deepEqual([data.tenant_key, data.user_id], [tenant.key, undefined]);
    await refused(tokens.refresh({ refreshToken: first.refreshToken }), 20073);
    await refused(tokens.refresh({ refreshToken: second.refreshToken }), 20064);
  });

  test("a token with less than the call needs", async () => {
    const code = await authorised({ scope: "helpdesk:all:readonly" });
    const { accessToken, refreshToken } = await client().accessToken.retrieveByAuthorizationCode({ code });
    assert.equal(refreshToken, undefined);
    const { response } = await createFaq(accessToken).then(assert.fail, (error) => error);
    assert.deepEqual([response.status, response.data.code], [400, 99991679]);
    assert.deepEqual(response.data.error.permission_violations, [{ type: "action_privilege_required", subject: "helpdesk:all" }]);
  });

  test("the helper that keeps users' tokens", async () => {
    const api = client();
    const { ada: kept } = await api.userAccessToken.initWithCode({ ada: await authorised() });
    assert.ok(kept.token.startsWith("u-") && kept.refreshToken.startsWith("ur-"));
    assert.ok(kept.expiredTime > Date.now() + 7_000_000 - 200_000);
    assert.equal(await api.userAccessToken.get("ada"), kept.token);
    assert.equal((await createFaq(kept.token)).code, 0);
    // As if its time were over.
    await api.userAccessToken.update({ ada: { expiredTime: 1 } });
    const next = await api.userAccessToken.get("ada");
    assert.ok(next.startsWith("u-") && next !== kept.token);
    assert.equal(await api.userAccessToken.get("ada"), next);
    assert.equal((await createFaq(next)).code, 0);
  });

  test("deny", async () => {
    const question = { client_id: plain.app_id, redirect_uri: callback, scope: ALL, state: "s" };
    assert.deepEqual(await logIn(server, question, { decision: "deny" }), { error: "access_denied", state: "s" });
  });
});
