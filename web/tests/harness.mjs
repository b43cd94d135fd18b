// A server of its own for each file of tests, and a browser that looks at its pages.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const binary = process.env.DESKWIRE_BIN ?? fileURLToPath(new URL("../../target/debug/deskwire", import.meta.url));
const READY_MS = 60_000;

export const DESK = "6900000000000000001";
export const ADA = "ou_00000000000000000000000000000001";
export const EVE = "ou_00000000000000000000000000000002";
export const desk = JSON.parse(readFileSync(new URL("desk.json", import.meta.url), "utf8"));
export const PICTURE = Buffer.from(desk.tenants[0].helpdesks[0].faqs[5].answer_richtext[2].src.split(",")[1], "base64");

/** `deskwire dev` with the desk of desk.json, or another. It keeps its data, so it can be restarted. */
export class Server {
  keys = { app_secret: "secret", desk_token: "ht-pages" };

  static async start(file = desk) {
    const server = new Server();
    const path = join(server.folder, "desk.json");
    writeFileSync(path, JSON.stringify(file));
    server.flags.push("--apply", path, "--database", "sqlite:kept.db");
    await server.run("127.0.0.1:0");
    return server;
  }

  static async demo() {
    const server = new Server();
    server.keys = { app_secret: "demo-secret", desk_token: "ht-demo" };
    await server.run("127.0.0.1:0");
    return server;
  }

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), "deskwire-pages-"));
    this.flags = ["dev", "--log", "warn", "--data-dir", join(this.folder, "data")];
  }

  async run(listen = new URL(this.url).host) {
    this.process = spawn(binary, [...this.flags, "--listen", listen], { stdio: ["ignore", "pipe", "inherit"] });
    const { process: child } = this;
    this.ended = new Promise((resolve) => child.once("close", resolve));
    // Also when a test ends in a way that nobody foresaw.
    process.on("exit", () => child.kill("SIGKILL"));
    const tooLate = setTimeout(() => child.kill("SIGKILL"), READY_MS);
    for await (const line of createInterface({ input: child.stdout })) {
      if (!line.startsWith("ready ")) continue;
      this.url = line.split(" ")[1];
      clearTimeout(tooLate);
      return;
    }
    throw new Error(`${binary} did not become ready`);
  }

  async halt(signal = "SIGTERM") {
    this.process.kill(signal);
    await this.ended;
  }

  async stop() {
    await this.halt();
    rmSync(this.folder, { recursive: true });
  }

  get chat() {
    return `${this.url}/desk/${DESK}`;
  }

  /** One call; a failure ends the test. */
  async call(method, path, body, headers = {}) {
    const init = { method, headers: { "content-type": "application/json", ...headers } };
    if (body !== undefined) init.body = JSON.stringify(body);
    const response = await fetch(this.url + path, init);
    const json = await response.json();
    assert.ok(response.ok && !json.code, `${method} ${path}: ${response.status} ${JSON.stringify(json)}`);
    return json;
  }

  /** The open API as an app. */
  async openApi(method, path, body) {
    const { app_secret, desk_token } = this.keys;
    const credentials = { app_id: "cli_a000000000000001", app_secret };
    const { tenant_access_token: token } = await this.call("POST", "/open-apis/auth/v3/tenant_access_token/internal", credentials);
    const helpdesk = Buffer.from(`${DESK}:${desk_token}`).toString("base64");
    const headers = { authorization: `Bearer ${token}`, "x-lark-helpdesk-authorization": helpdesk };
    return (await this.call(method, `/open-apis/helpdesk/v1${path}`, body, headers)).data;
  }

  /** The admin API as one of PEOPLE. */
  async admin({ email, password }, method, path, body) {
    const { token } = await this.call("POST", "/admin/v1/session", { email, password, cookie: false });
    return this.call(method, `/admin/v1${path}`, body, { authorization: `Bearer ${token}` });
  }

  /** What an agent does, as the developer control plays it. */
  act(ticketId, action) {
    return this.call("POST", `/dev/v1/tickets/${ticketId}/agent`, { open_id: ADA, ...action });
  }

  /** The newest ticket as an app sees it. */
  async newestTicket() {
    const { tickets } = await this.openApi("GET", "/tickets?page_size=100");
    return tickets.sort((a, b) => (a.ticket_id.length - b.ticket_id.length || (a.ticket_id < b.ticket_id ? -1 : 1))).at(-1);
  }

  /** A guest who is no page. */
  async guest(body = {}) {
    const session = await this.call("POST", `/guest/v1/desks/${DESK}/sessions`, body);
    const headers = { authorization: `Bearer ${session.session_token}` };
    return {
      ...session,
      post: (path, json = {}) => this.call("POST", `/guest/v1${path}`, json, headers),
      get: (path) => this.call("GET", `/guest/v1${path}`, undefined, headers),
    };
  }
}

export function launch() {
  const executablePath = process.env.DESKWIRE_CHROMIUM ?? "/usr/bin/chromium";
  // Chromium has no sandbox for root, as which tests run in containers.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
}

/** A server with the desk of `file` and a browser, which end with the tests of their file, and `sink` after them. */
export async function stage(file, sink) {
  const [server, browser] = await Promise.all([Server.start(file), launch()]);
  after(async () => {
    await browser.close();
    await server.stop();
    await sink?.stop();
  });
  return { server, browser };
}

/** A page that must have no error in its console, nor break its Content-Security-Policy. */
export async function open(browser, url, options = {}) {
  const { allow = [], ...rest } = options;
  const context = await browser.newContext({ locale: "en-US", ...rest });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const faults = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" && !allow.some((known) => known.test(message.text()))) faults.push(message.text());
  });
  page.on("dialog", (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.faults = faults;
  page.done = async () => {
    await context.close();
    assert.deepEqual(faults, []);
  };
  await page.goto(url);
  return page;
}

/** The people who may sign in to the staff's pages, by what they are. The administrator has no help desk of their own. */
export const PEOPLE = {
  admin: { email: "grace@pages.test", password: "grace-pages", name: "Grace" },
  owner: { email: "ada@pages.test", password: "ada-pages", name: "Ada" },
  agent: { email: "bob@pages.test", password: "bob-pages", name: "Bob" },
  guest: { email: "eve@pages.test", password: "eve-pages", name: "Eve" },
};

/** The desk of desk.json with those people; the app's events go to `url`. */
export function staffed(url) {
  const file = structuredClone(desk);
  const [tenant] = file.tenants;
  const { admin, owner, agent, guest } = PEOPLE;
  Object.assign(tenant.users[0], owner);
  Object.assign(tenant.users[1], guest);
  tenant.users.push({ id: "u_grace", ...admin, role: "admin" }, { id: "u_bob", ...agent });
  tenant.helpdesks[0].agents.push({ user: "u_bob" });
  if (url) {
    const types = ["helpdesk.ticket.created_v1", "helpdesk.ticket_message.created_v1"];
    tenant.apps[0].events = { delivery: "webhook", url, verification_token: "v-pages", types };
  }
  return file;
}

/** An app's server: takes the URL check, and events as long as `works`. */
export class Sink {
  events = [];
  works = true;

  static async start() {
    const sink = new Sink();
    sink.server = createServer(async (request, response) => {
      let text = "";
      for await (const part of request) text += part;
      const body = JSON.parse(text);
      if (body.challenge) return response.end(JSON.stringify({ challenge: body.challenge }));
      sink.events.push(body);
      response.writeHead(sink.works ? 200 : 500);
      return response.end();
    });
    await new Promise((resolve) => sink.server.listen(0, "127.0.0.1", resolve));
    sink.url = `http://127.0.0.1:${sink.server.address().port}/events`;
    return sink;
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}

/** Has the app told of tickets and messages. */
export function subscribe(server) {
  const events = [
    { type: "helpdesk.ticket", subtype: "ticket.created_v1" },
    { type: "helpdesk.ticket_message", subtype: "ticket_message.created_v1" },
  ];
  return server.openApi("POST", "/events/subscribe", { events });
}

/** Opens one of the staff's pages as somebody. */
export async function openAs(browser, server, path, { email, password }, options = {}) {
  // The first look at the session finds none.
  const page = await open(browser, server.url + path, { ...options, allow: [/401/, ...(options.allow ?? [])] });
  await page.locator("input[name=email]").fill(email);
  await page.locator("input[name=password]").fill(password);
  await page.keyboard.press("Enter");
  await page.locator(".person").waitFor();
  return page;
}

export const question = (page) => page.locator("textarea[aria-label]");

/** Types a question and sends it. */
export async function ask(page, text) {
  const field = question(page);
  await field.waitFor();
  await field.fill(text);
  await field.press("Enter");
}

/** The last answer of the bot, once it holds this text. */
export async function answered(page, text) {
  const answer = page.locator(".entry.bot", { hasText: text }).last();
  await answer.waitFor();
  return answer;
}

/** An identity token as a site's server makes it. */
export function identityToken(sub, secret = "widget-secret-of-the-pages-tests") {
  const part = (json) => Buffer.from(JSON.stringify(json)).toString("base64url");
  const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part({ sub, exp: Math.floor(Date.now() / 1000) + 3600 })}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

export async function until(what, look) {
  for (let tries = 0; tries < 200; tries += 1) {
    const seen = await look();
    if (seen) return seen;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return assert.fail(`never: ${what}`);
}
