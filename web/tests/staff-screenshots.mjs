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
// What is asked in vain, once without and once with an agent's answer.
for (const [name, text] of [["Mia", "Please send me a copy of my invoice"], ["Tom", "invoice copy please"], ["Zoe", "Where do visitors park?"]]) {
  const guest = await server.guest({ name });
  const { ticket_id: ticket } = await guest.post("/messages", { text });
  await guest.post("/human");
  if (name !== "Zoe") await server.act(ticket, { action: "reply", text: "You find a copy of each invoice in the portal under Billing." }).catch(() => {});
}
await server.call("POST", "/dev/v1/clock", { advance_ms: 120_000 });
const { requests } = await server.call("GET", "/dev/v1/requests?status=400");
const { token } = await server.call("POST", "/admin/v1/session", LOGIN);

const admin = (method, path, body) => server.call(method, `/admin/v1/desks/${DESK}${path}`, body, { authorization: `Bearer ${token}` });
const { agents } = await admin("GET", "/agents");
const { users } = await server.call("GET", "/admin/v1/users", undefined, { authorization: `Bearer ${token}` });
const schedule = [
  { start_time: "09:00", end_time: "12:30", weekday: 10 },
  { start_time: "13:30", end_time: "18:00", weekday: 10 },
  { start_time: "10:00", end_time: "14:00", weekday: 6 },
];
await admin("PATCH", `/agents/${agents.at(-1).agent_id}`, { schedule });
const rules = [
  { id: "10", selected_operator: 5, operand: { selected_languages: ["zh_cn"] } },
  { id: "3", selected_operator: 5, operand: { selected_cities: ["Shanghai", "Shenzhen"] } },
];
const VPN = "6900000000000001010";
const { faq } = await admin("GET", `/faqs/${VPN}`);
await admin("PATCH", `/faqs/${VPN}`, { faq: { question: faq.question, answer: faq.answer.replace("the gateway nearest to you", "any gateway"), tags: [...faq.tags, "VPN from home"] } });
const { categories } = await admin("GET", "/categories");
await admin("PATCH", `/categories/${categories[4].id}`, { direct_score: 0.9 });
const content = JSON.stringify({ elements: [{ tag: "div", text: { tag: "lark_md", content: "The canteen is closed on Friday." } }] });
for (const job_name of ["Canteen", "Summer party"]) await admin("POST", "/notifications", { job_name, push_content: content, push_type: 0, push_scope_type: 0 });
const { skill } = await admin("POST", "/skills", { name: "中文支持", rules, agent_ids: [agents.at(-1).agent_id] });

async function tries(page, text) {
  await page.locator(".test-box input").fill(text);
  await page.keyboard.press("Enter");
  await page.locator(".test-box .scored li").first().waitFor();
}

/** Name, address, what shows that it is there, and what is done first. */
const PAGES = [
  ["admin-desks", "/admin", ".figures"],
  ["admin-faqs", `/admin/desks/${DESK}/faqs`, ".line", (page) => tries(page, "i forgot my pasword")],
  ["admin-faq", `/admin/desks/${DESK}/faqs/${VPN}`, ".preview", (page) => tries(page, "use the vpn from home")],
  ["admin-faq-history", `/admin/desks/${DESK}/faqs/${VPN}/history`, ".version-text"],
  ["admin-faq-import", `/admin/desks/${DESK}/faqs/import`, ".card", async (page) => {
    const rows = "Question,Similar questions,Answer,Category\nWhere is the gym?,sport,On floor 2.,Offices/Sport\nHow do I get on the VPN?,,Ask the desk.,\n,,Nobody asks this.,\n";
    await page.locator("input[type=file]").setInputFiles({ name: "faqs.csv", mimeType: "text/csv", buffer: Buffer.from(rows) });
    await page.locator(".import-row").first().waitFor();
  }],
  ["admin-gaps", `/admin/desks/${DESK}/gaps`, ".gap", (page) => page.locator(".gap button").first().click()],
  ["admin-answering", `/admin/desks/${DESK}/answering`, ".scale", (page) => tries(page, "VPN from home")],
  ["admin-agents", `/admin/desks/${DESK}/agents`, ".agent-line"],
  ["admin-hours", `/admin/desks/${DESK}/agents/${agents.at(-1).agent_id}`, ".week-block"],
  ["admin-skill", `/admin/desks/${DESK}/skills/${skill.id}`, ".rule"],
  ["admin-categories", `/admin/desks/${DESK}/categories`, ".tree"],
  ["admin-notifications", `/admin/desks/${DESK}/notifications`, ".line"],
  ["admin-notification", `/admin/desks/${DESK}/notifications/new`, ".push-card", async (page) => {
    for (const [at, text] of ["Office move", "We move on Friday", "The plan is at https://office.example/new"].entries()) await page.getByRole("textbox").nth(at).fill(text);
    await page.getByRole("radio").nth(1).check();
  }],
  ["admin-settings", `/admin/desks/${DESK}/settings`, ".look", (page) => page.locator(".swatch").fill("#7a3ff2")],
  ["admin-fields", `/admin/desks/${DESK}/fields`, ".line"],
  ["admin-scores", `/admin/desks/${DESK}/answering`, ".graph-area svg", async (page) => {
    await page.locator(".score-field input").first().fill("0.5");
    await page.locator(".graph-head").scrollIntoViewIfNeeded();
    await page.locator(".graphs").evaluate((graphs) => graphs.scrollIntoView({ block: "end" }));
  }],
  ["admin-replay", `/admin/desks/${DESK}/replay`, ".state", async (page) => {
    await page.locator("form button[type=submit]").click();
    await page.locator("[role=group] button").last().click();
    await page.locator(".replayed").first().waitFor();
  }],
  ["admin-reports", `/admin/desks/${DESK}/reports`, ".tile"],
  ["admin-event", `/admin/events/${event.delivery_id}`, ".attempts li"],
  ["admin-audit", "/admin/audit", ".audit-line"],
  ["admin-call", `/admin/calls/${requests.find(({ path }) => path.startsWith("/open-apis/")).log_id}`, ".pane-detail .facts"],
  ["admin-users", "/admin/users", ".line"],
  ["admin-user", `/admin/users/${users[0].user_id}`, "form"],
  ["admin-apps", "/admin/apps", ".line"],
  ["admin-app", "/admin/apps/cli_a000000000000001", "form"],
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
