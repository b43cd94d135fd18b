// A desk whose agents can sign in, and its console.

import { desk, open } from "./harness.mjs";

export const BOB = "ou_00000000000000000000000000000003";
const PASSWORD = "a-password-for-tests";

/** The desk of desk.json with people who can sign in: Ada, who owns it, and Bob, both agents, and with fields of tickets. */
export function withAgents() {
  const file = structuredClone(desk);
  const [tenant] = file.tenants;
  const [helpdesk] = tenant.helpdesks;
  tenant.users[0].password = PASSWORD;
  tenant.users.push({ id: "u_grace", name: "Grace", email: "grace@pages.test", password: PASSWORD, role: "admin" });
  tenant.users.push({ id: "u_bob", name: "Bob", email: "bob@pages.test", open_id: BOB, password: PASSWORD });
  helpdesk.agents = [{ user: "u_ada", capacity: 50 }, { user: "u_bob", capacity: 50 }];
  helpdesk.ticket_fields = [
    { key_name: "room", display_name: "Room" },
    { key_name: "floor", display_name: "Floor", field_type: "dropdown", dropdown_options: { children: [{ tag: "g", display_name: "Ground" }, { tag: "f", display_name: "First" }] } },
  ];
  return file;
}

/** Somebody who is signed in to the console's API, as no page. */
export async function staff(server, email) {
  const response = await fetch(`${server.url}/admin/v1/session`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email, password: PASSWORD }),
  });
  const cookie = response.headers.getSetCookie().map((line) => line.split(";")[0]).join("; ");
  const { csrf_token } = await response.json();
  return (method, path, body) => server.call(method, `/console/v1${path}`, body, { cookie, "x-csrf-token": csrf_token });
}

/** A guest who is no page has asked for a human; whoever is on duty has the ticket. */
export async function waiting(server, name, text) {
  const guest = await server.guest({ name });
  await guest.post("/messages", { text });
  const { ticket_id: id } = await guest.post("/human");
  return { guest, id };
}

/** Fills the form and waits until it is gone. */
export async function signIn(page, email, within = page) {
  await within.getByLabel("E-mail address").fill(email);
  await within.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await within.getByRole("button", { name: "Sign in" }).click();
  await within.getByLabel("Password", { exact: true }).waitFor({ state: "detached" });
}

/** The console of somebody who is signed in, at a place in it. */
export async function consoleOf(browser, server, place = "", options = {}) {
  const { as = "ada@pages.test", before, allow = [], ...rest } = options;
  const page = await open(browser, "about:blank", { viewport: { width: 1440, height: 900 }, allow: [...allow, /status of 401/], ...rest });
  await before?.(page);
  await page.goto(`${server.url}/agent${place}`);
  await signIn(page, as);
  page.close = () => page.context().close();
  return page;
}
