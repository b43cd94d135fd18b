// Pictures of the staff's pages, of the demo desk: node tests/staff-screenshots.mjs FOLDER

import { join } from "node:path";
import { DESK, launch, Server, subscribe, until } from "./harness.mjs";

const folder = process.argv[2];
if (!folder) throw new Error("say where the pictures go: node tests/staff-screenshots.mjs FOLDER");

const LOGIN = { email: "grace@demo.test", password: "grace-demo", cookie: false };
const SIZES = {
  desktop: { viewport: { width: 1280, height: 860 } },
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
};

const server = await Server.demo();
const browser = await launch();
await subscribe(server);
for (const [name, text] of [["Eve", "How do I get on the VPN?"], ["冯磊", "忘记密码怎么办"]]) {
  const guest = await server.guest({ name });
  await guest.post("/messages", { text });
}
await server.openApi("GET", "/faqs?page_size=1000").catch(() => {});
const event = await until("an event was tried", async () => {
  const { deliveries } = await server.call("GET", "/dev/v1/deliveries");
  return deliveries.find(({ attempts }) => attempts > 0);
});
const { requests } = await server.call("GET", "/dev/v1/requests?status=400");
const { token } = await server.call("POST", "/admin/v1/session", LOGIN);

async function tries(page, text) {
  await page.locator(".test-box input").fill(text);
  await page.keyboard.press("Enter");
  await page.locator(".test-box .scored li").first().waitFor();
}

/** Name, address, what shows that it is there, and what is done first. */
const PAGES = [
  ["admin-desks", "/admin", ".figures"],
  ["admin-faqs", `/admin/desks/${DESK}/faqs`, ".line", (page) => tries(page, "i forgot my pasword")],
  ["admin-faq", `/admin/desks/${DESK}/faqs/6900000000000001010`, ".preview", (page) => tries(page, "connect from home")],
  ["admin-answering", `/admin/desks/${DESK}/answering`, ".scale", (page) => tries(page, "VPN from home")],
  ["admin-event", `/admin/events/${event.delivery_id}`, ".attempts li"],
  ["admin-audit", "/admin/audit", ".audit-line"],
  ["dev-call", `/dev/calls/${requests[0].log_id}`, ".mistake"],
  ["dev-event", `/dev/events/${event.delivery_id}`, ".attempts li"],
  ["dev-controls", "/dev/controls", ".fault-form"],
  ["dev-try", "/dev/try", "textarea", async (page) => {
    await page.locator("form textarea").first().fill("How do I get on the VPN?");
    await page.locator("form button[type=submit]").click();
    await page.locator(".scored li").first().waitFor();
  }],
  ["dev-sdk", "/dev/sdk", ".code"],
];

for (const [size, options] of Object.entries(SIZES)) {
  for (const colorScheme of ["light", "dark"]) {
    // A phone of somebody in Shanghai, a desk in Berlin.
    const locale = size === "phone" ? "zh-CN" : "en-GB";
    const context = await browser.newContext({ reducedMotion: "reduce", colorScheme, locale, ...options });
    const page = await context.newPage();
    const take = async (name) => {
      await page.waitForTimeout(300);
      await page.screenshot({ path: join(folder, `${name}-${size}-${colorScheme}.png`) });
    };
    await page.goto(`${server.url}/admin`);
    await page.locator("form").waitFor();
    await take("sign-in");
    await context.addCookies([{ name: "deskwire_session", value: token, url: server.url }]);
    for (const [name, path, there, first] of PAGES) {
      await page.goto(server.url + path);
      await page.locator(there).first().waitFor();
      await first?.(page);
      await take(name);
    }
    await context.close();
  }
}
await browser.close();
await server.stop();
