// Looks at a running server's pages in Chromium for crates/bench and prints what it saw as one line of JSON.
//
//   node scripts/measure.mjs chat URL RUNS        the first look at a chat, RUNS times with nothing cached
//   node scripts/measure.mjs list URL EMAIL PASS  the console's list of all open tickets, scrolled through

import { createServer } from "node:http";
import { chromium } from "playwright-core";

/** How often it goes on to the end of what the list has, at most. */
const LOOKS = 60;

const [what, url, ...rest] = process.argv.slice(2);
const executablePath = process.env.DESKWIRE_CHROMIUM ?? "/usr/bin/chromium";
// Chromium has no sandbox for root.
const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
try {
  const seen = what === "chat" ? await chat(Number(rest[0])) : await list(...rest);
  console.log(JSON.stringify(seen));
} finally {
  await browser.close();
}

/** A page with an empty cache, and what it asked for. */
async function fresh() {
  const context = await browser.newContext({ locale: "en-US", viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const network = await context.newCDPSession(page);
  const asked = { requests: 0, bytes: 0 };
  network.on("Network.requestWillBeSent", () => (asked.requests += 1));
  // What came over the network, headers included. The event stream has no end and counts as it comes.
  network.on("Network.responseReceived", ({ response }) => (asked.bytes += response.encodedDataLength));
  network.on("Network.dataReceived", ({ encodedDataLength }) => (asked.bytes += encodedDataLength));
  await network.send("Network.enable");
  return { context, page, asked };
}

/** From going there until the field takes text, in ms, by the page's own clock. */
async function interactive(page, address, field) {
  await page.goto(address, { waitUntil: "commit" });
  await page.locator(field).waitFor();
  return page.locator(field).evaluate((node) => {
    node.focus();
    return performance.now();
  });
}

async function chat(runs) {
  const bare = createServer((_, response) => response.setHeader("content-type", "text/html").end("<!doctype html><title>Bare</title><textarea></textarea>"));
  await new Promise((resolve) => bare.listen(0, "127.0.0.1", resolve));
  const times = { chat: [], bare: [] };
  let asked;
  for (let run = 0; run <= runs; run += 1) {
    for (const [name, address, field] of [["bare", `http://127.0.0.1:${bare.address().port}/`, "textarea"], ["chat", url, "textarea:enabled"]]) {
      const look = await fresh();
      const took = await interactive(look.page, address, field);
      // The first one warms the browser and does not count.
      if (run > 0) times[name].push(took);
      if (name === "chat") {
        await look.page.getByText("People often ask").waitFor();
        asked = look.asked;
      }
      await look.context.close();
    }
  }
  bare.closeAllConnections();
  bare.close();
  return { ...asked, took_ms: times.chat, bare_ms: times.bare };
}

async function list(email, password) {
  const { page } = await fresh();
  const isPage = (response) => response.url().includes("/console/v1/tickets?");
  const sizes = [];
  const take = async (response) => {
    const { tickets, has_more: more } = await (await response).json();
    sizes.push(tickets.length);
    return more;
  };
  await page.goto(`${url}/agent?inbox=open`);
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  const first = page.waitForResponse(isPage);
  await page.getByRole("button", { name: "Sign in" }).click();
  let more = await take(first);
  const rows = page.locator(".row-scroll");
  await rows.waitFor();
  let most = 0;
  for (let looks = 0; more && looks < LOOKS; looks += 1) {
    const next = page.waitForResponse(isPage);
    await rows.evaluate((node) => node.scrollTo({ top: node.scrollHeight }));
    more = await take(next);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    most = Math.max(most, await page.locator(".row-link").count());
  }
  return { requests: sizes.length, rows_max: Math.max(...sizes), tickets: sizes.reduce((sum, size) => sum + size, 0), dom_max: most };
}
