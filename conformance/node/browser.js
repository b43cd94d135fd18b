// A browser without script that logs people in: plain HTTP, without the SDK.
import assert from "node:assert/strict";

const path = "/open-apis/authen/v1/authorize";
const entities = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
const unescape = (html) => html.replace(/&(#39|\w+);/g, (_, name) => entities[name]);

/** Opens the log-in page and sends its form; answers what the app is told. */
export async function logIn(server, question, typed) {
  const page = await fetch(`${server.url}${path}?${new URLSearchParams(question)}`);
  const html = await page.text();
  assert.equal(page.status, 200, html);
  const hidden = [...html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)];
  const fields = Object.fromEntries(hidden.map(([, name, value]) => [name, unescape(value)]));
  const action = unescape(html.match(/<form method="post" action="([^"]*)"/)[1]);
  const body = new URLSearchParams({ ...fields, ...typed });
  const answer = await fetch(server.url + action, { method: "POST", body, redirect: "manual" });
  assert.equal(answer.status, 303, await answer.text());
  const address = new URL(answer.headers.get("location"));
  assert.equal(address.origin + address.pathname, question.redirect_uri);
  return Object.fromEntries(address.searchParams);
}
