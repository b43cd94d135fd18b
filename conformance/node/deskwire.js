// The server under test, and its guests: everything here is plain HTTP, without the SDK.
import { spawn } from "node:child_process";
import { appendFileSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { it } from "node:test";
import { fileURLToPath } from "node:url";

process.env.NO_PROXY = process.env.no_proxy = "127.0.0.1,localhost";

const deskFile = new URL("../desk.json", import.meta.url);
const binary = process.env.DESKWIRE_BIN ?? fileURLToPath(new URL("../../target/debug/deskwire", import.meta.url));
const readyWithinMs = 60_000;

const [tenant] = JSON.parse(readFileSync(deskFile, "utf8")).tenants;
export const [plain, encrypted, reader, connected] = tenant.apps;
export const [plainDesk, encryptedDesk] = tenant.helpdesks;
export const [owner, agent, user] = tenant.users.map(({ open_id }) => open_id);

/** `deskwire dev` with the desk of `desk.json`; an app's events go to `urls[app_id]`. If it keeps data it can be restarted. */
export class Server {
  static async start(urls = {}, { keepsData = false } = {}) {
    const server = new Server();
    server.folder = mkdtempSync(join(tmpdir(), "deskwire-conformance-"));
    const file = join(server.folder, "desk.json");
    const desk = JSON.parse(readFileSync(deskFile, "utf8"));
    for (const { app_id, events } of desk.tenants[0].apps) {
      if (urls[app_id]) events.url = urls[app_id];
      else if (events) delete events.url;
    }
    writeFileSync(file, JSON.stringify(desk));
    server.flags = ["dev", "--data-dir", join(server.folder, "data"), "--apply", file];
    if (keepsData) server.flags.push("--database", "sqlite:kept.db");
    await server.#run("127.0.0.1:0");
    return server;
  }

  async #run(listen) {
    const log = openSync(join(this.folder, "server.log"), "a");
    this.process = spawn(binary, [...this.flags, "--listen", listen], { stdio: ["ignore", "pipe", log] });
    closeSync(log);
    this.ended = new Promise((resolve) => this.process.once("close", resolve));
    const tooLate = setTimeout(() => this.process.kill("SIGKILL"), readyWithinMs);
    for await (const line of createInterface({ input: this.process.stdout })) {
      if (!line.startsWith("ready ")) continue;
      clearTimeout(tooLate);
      this.url = line.split(" ")[1];
      return;
    }
    clearTimeout(tooLate);
    const told = this.log();
    rmSync(this.folder, { recursive: true });
    throw new Error(`${binary} did not become ready:\n${told}`);
  }

  /** Stops it and starts it again at the same address. */
  async restart() {
    this.process.kill("SIGTERM");
    await this.ended;
    await this.#run(new URL(this.url).host);
  }

  log() {
    return readFileSync(join(this.folder, "server.log"), "utf8");
  }

  async stop() {
    // The server's own count of calls, for `scripts/conformance`.
    const called = process.env.DESKWIRE_CALLED;
    if (called) appendFileSync(called, await (await fetch(`${this.url}/metrics`)).text());
    this.process.kill("SIGTERM");
    await this.ended;
    if (failed) console.error(`--- server log\n${this.log()}--- end of server log`);
    rmSync(this.folder, { recursive: true });
  }

  /** One HTTP call; answers status and JSON. */
  async call(method, path, body, bearer) {
    const headers = { "Content-Type": "application/json; charset=utf-8" };
    if (bearer) headers.Authorization = `Bearer ${bearer}`;
    const answer = await fetch(this.url + path, { method, headers, body: body && JSON.stringify(body) });
    return { status: answer.status, json: await answer.json() };
  }

  /** A user access token without a browser. */
  async userToken(open_id, { app_id }) {
    const { json } = await this.call("POST", "/dev/v1/user_tokens", { open_id, app_id });
    return json.user_access_token;
  }
}

/** Somebody who asks at a help desk. */
export class Guest {
  position = 0;

  static async arrive(server, { id }, name = "Gina") {
    const { status, json } = await server.call("POST", `/guest/v1/desks/${id}/sessions`, { name });
    if (status !== 200) throw new Error(JSON.stringify(json));
    const { session_token: token, chat_id: chatId, guest } = json;
    return Object.assign(new Guest(), { server, token, chatId, openId: guest.open_id });
  }

  async post(path, body = {}) {
    const { status, json } = await this.server.call("POST", `/guest/v1${path}`, body, this.token);
    if (status >= 300) throw new Error(JSON.stringify(json));
    return json;
  }

  /** Writes; answers the ticket's id. */
  async ask(text) {
    return (await this.post("/messages", { text })).ticket_id;
  }

  async messages(after = 0, waitMs = 0) {
    const path = `/guest/v1/messages?limit=200&after=${after}&wait_ms=${waitMs}`;
    return (await this.server.call("GET", path, undefined, this.token)).json.messages;
  }

  /** The next message of this kind, shown to the guest within 10 s. */
  async wait(kind) {
    for (let i = 0; i < 10; i += 1) {
      for (const message of await this.messages(this.position, 1000)) {
        this.position = message.position;
        if (message.kind === kind) return message;
      }
    }
    throw new Error(`the guest was shown no ${kind}`);
  }
}

let failed = false;

/** A test whose failure makes the server's log be printed. */
export function test(name, body) {
  it(name, async () => {
    try {
      await body();
    } catch (error) {
      failed = true;
      throw error;
    }
  });
}
