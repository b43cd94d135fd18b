// The guest's chat page: what is on screen, what the guest does, and the conversation behind it.

import { Api, follow, pause, randomId } from "./chat-api.js";
import { Renderer, button, el } from "./chat-render.js";
import { explain, locale, switchLanguage, texts } from "./chat-texts.js";

const SEND_TRIES = 3; // Before a message waits for the guest to press "Try again".
const NEAR_END_PX = 80; // Scrolled at most so far up, the log follows new messages.
const RESTART_MS_MIN = 10_000; // A session refused again so soon is the guest's to retry.
const STAGE_HUMAN = 2; // Of a ticket, as are the statuses below.
const STATUS_PROCESSING = 2;
const STATUS_QUEUED = 3;
const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp"];

const $ = (id) => document.getElementById(id);
const api = new Api(document.body.dataset.helpdeskId);
const retry = (message) => () => resend(message);
const render = new Renderer(api, { choose, feedback, human: askHuman, retry, enlarge });

// The log: messages of the server by id, in order of position, then the guest's own that are still on their way.
// An entry is {message, node} plus {state, preview, file} while it is on its way, and {feedback} once given.
let entries = [];
let session = null;
let following = null; // The AbortController of the running `follow`.
let ticketId = null;
let closedTicketId = null;
let human = null; // Of the ticket, if a human has it: the answer of POST /human, or as much of it as is known.
let connection = "connecting";
let retryProblem = null;
let unread = 0;
let followsEnd = true;
let pinned = 0; // Where `keepInView` has scrolled to.
let restartedAt = 0;
let sending = Promise.resolve(); // Messages go out one after the other.
const title = document.title;

// ---- Texts on the page ----

function applyTexts() {
  const t = texts();
  document.documentElement.lang = t.lang;
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = t[node.dataset.text];
  for (const node of document.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", t[node.dataset.label]);
    if (node.tagName === "BUTTON") node.title = t[node.dataset.label];
  }
  for (const node of document.querySelectorAll("[data-placeholder]")) node.placeholder = t[node.dataset.placeholder];
  $("language").textContent = t.other;
  $("language").setAttribute("aria-label", t.otherLabel);
  $("language").lang = t.lang === "en" ? "zh-CN" : "en";
  showConnection(connection);
  showTicket();
  quietly(() => entries.forEach(redraw));
}

function showConnection(state) {
  connection = state;
  $("state").className = state;
  if ($("state").textContent !== texts()[state]) $("state").textContent = texts()[state];
}

function showTicket() {
  const t = texts();
  $("end").disabled = !ticketId;
  const waits = human && (human.status ?? STATUS_QUEUED) === STATUS_QUEUED;
  const asked = waits ? t.humanAsked : t.withHuman;
  $("human").textContent = human ? asked : t.human;
  $("human").classList.toggle("asked", Boolean(human));
  const line = [];
  if (human && !waits) line.push(t.agentHere);
  else if (human) {
    line.push(human.on_duty === false ? t.offDuty : t.onDuty);
    if (human.queue_position > 0) line.push(t.queue(human.queue_position));
    if (human.estimated_wait_s > 0) line.push(t.wait(Math.round(human.estimated_wait_s / 60)));
  }
  $("queue").hidden = line.length === 0;
  $("queue").textContent = line.join(t.lang === "en" ? " " : "");
}

function showProblem(text, retry) {
  const t = texts();
  retryProblem = retry;
  const again = retry && button(t.retry, { class: "quiet" }, () => {
    hideProblem();
    retry();
  });
  const dismiss = button("×", { class: "link", "aria-label": t.dismiss }, hideProblem);
  $("problem").replaceChildren(el("span", {}, text), again ?? "", dismiss);
  $("problem").hidden = false;
}

function hideProblem() {
  retryProblem = null;
  $("problem").hidden = true;
}

/** Makes a call for the guest; a failure becomes a line whose "Try again" is `again`, and the result null. */
async function attempt(call, again) {
  try {
    hideProblem();
    return await call();
  } catch (error) {
    if (error.status === 401) await restart();
    else showProblem(explain(error), again);
    return null;
  }
}

// ---- Session ----

/** The embedding site may name its guest: /…#open_id=…&name=…&email=…&identity_token=… */
function identity() {
  const given = new URLSearchParams(location.hash.slice(1));
  const named = {};
  for (const key of ["open_id", "name", "email", "identity_token"]) {
    if (given.get(key)) named[key] = given.get(key);
  }
  return named;
}

const whoever = identity();
if (Object.keys(whoever).length > 0) history.replaceState(null, "", location.pathname + location.search);

async function start() {
  showConnection("connecting");
  try {
    session = await api.start(whoever, locale());
    ticketId = session.ticket_id ?? null;
    human = session.ticket?.stage === STAGE_HUMAN ? session.ticket : null;
    showTicket();
    showDesk(session.desk ?? {});
    const position = await quietly(loadHistory);
    hideProblem();
    showConnection("online");
    scrollToEnd();
    run(position);
  } catch (error) {
    if (error.status === 401 && session) return restart();
    showConnection("offline");
    showProblem(`${texts().startFailed} ${explain(error)}`, start);
  }
}

/** The server no longer knows the session: forget it, begin a new one, send what was under way again. */
async function restart() {
  following?.abort();
  if (Date.now() - restartedAt < RESTART_MS_MIN) return showProblem(texts().startFailed, start);
  restartedAt = Date.now();
  api.forget();
  session = null;
  human = null;
  const waiting = entries.filter((entry) => entry.state);
  entries = [];
  $("log").replaceChildren();
  const about = el("div", { class: "entry notice" }, el("div", { class: "text" }, texts().restarted));
  await start();
  $("log").prepend(about);
  for (const entry of waiting) {
    if (entry.file) entry.message.image_key = undefined; // It was the old session's.
    add(entry);
    if (entry.state === "sending") deliver(entry);
  }
}

async function loadHistory() {
  let position = 0;
  for (;;) {
    const page = await api.page(position, 0);
    for (const message of page.messages) {
      receive(message, { history: true });
      position = message.position ?? position;
    }
    if (!page.has_more || page.messages.length === 0) return position;
  }
}

async function run(position) {
  following = new AbortController();
  const { signal } = following;
  try {
    await follow(api, position, { onMessage: receive, onState: showConnection, signal });
  } catch {
    if (!signal.aborted) await restart();
  }
}

function showDesk(desk) {
  if (desk.welcome) $("greeting").textContent = desk.welcome;
  const chips = (list, categories, onclick) => {
    list.replaceChildren(...categories.map((category) => {
      const open = category.children?.length > 0 ? "false" : undefined;
      const press = (event) => onclick(category, event.currentTarget);
      return el("li", {}, button(category.name, { class: "chip", "aria-expanded": open }, press));
    }));
  };
  const [outer, inner] = $("topics").querySelectorAll("ul");
  const say = (category) => ask(category.name);
  const named = (category) => (typeof category === "string" ? { name: category } : category);
  const categories = (desk.categories ?? []).map(named);
  chips(outer, categories, (category, chip) => {
    if (!category.children?.length) return say(category);
    const open = chip.getAttribute("aria-expanded") === "true";
    for (const other of outer.querySelectorAll("[aria-expanded]")) other.setAttribute("aria-expanded", "false");
    chip.setAttribute("aria-expanded", String(!open));
    return chips(inner, open ? [] : category.children, say);
  });
  inner.replaceChildren();
  $("topics").hidden = categories.length === 0;
  const suggested = (desk.suggested ?? []).map((item) => item.question ?? item);
  $("suggested").querySelector("ul").replaceChildren(
    ...suggested.map((question) => el("li", {}, button(question, { class: "choice" }, () => ask(question)))));
  $("suggested").hidden = suggested.length === 0;
}

// ---- The log ----

/** Changes the log without a screen reader speaking every line of it. */
function quietly(change) {
  const log = $("log");
  const speak = () => setTimeout(() => log.setAttribute("aria-live", "polite"), 100);
  log.setAttribute("aria-live", "off");
  const result = change();
  if (result instanceof Promise) return result.finally(speak);
  speak();
  return result;
}

function redraw(entry) {
  const node = render.entry(entry);
  entry.node?.replaceWith(node);
  entry.node = node;
}

function add(entry) {
  const position = Number(entry.message.position ?? Infinity);
  let index = entries.length;
  while (index > 0 && Number(entries[index - 1].message.position ?? Infinity) > position) index -= 1;
  redraw(entry);
  $("log").insertBefore(entry.node, entries[index]?.node ?? null);
  entries.splice(index, 0, entry);
}

/** A message was taken back: its place on screen says so. The feed has it in that form already. */
function takeBack(id) {
  const entry = entries.find((candidate) => candidate.message.message_id === id);
  if (!entry) return;
  entry.message = { ...entry.message, kind: "notice", text: texts().recalled, card: undefined };
  redraw(entry);
}

/** Takes a message of the server, whichever way and however often it arrives. */
function receive(message, { history = false } = {}) {
  if (message.recalled_message_id) return takeBack(message.recalled_message_id);
  const known = entries.find((entry) => entry.message.message_id === message.message_id);
  const own = known ?? (message.from === "guest" ? entries.find((entry) => isSame(entry, message)) : undefined);
  if (own) confirmSent(own, message);
  else add({ message });
  if (!history && message.notice !== "closed") continueTicket(message.ticket_id);
  if (message.ticket_id === ticketId) {
    if (message.notice === "closed") closed(ticketId);
    if (message.notice === "human") human ??= {};
    if (message.notice === "requeued" && !history) human = { status: STATUS_QUEUED };
    if ((message.from === "agent" || message.notice === "agent") && !history) human = { status: STATUS_PROCESSING };
  }
  showTicket();
  if (history || own) return;
  if (document.hidden && message.from !== "guest") {
    unread += 1;
    document.title = `(${unread}) ${title}`;
  }
  if (followsEnd) keepInView();
  else $("newer").hidden = false;
}

/** The conversation goes on in this ticket, here or in another tab. */
function continueTicket(id) {
  if (!id || id === ticketId || id === closedTicketId) return;
  ticketId = id;
  human = null;
  $("rating").hidden = true;
}

/** Whether a guest's message from the stream is this entry, whose own answer has not come in yet. */
function isSame({ state, message: sent }, message) {
  if (!state) return false;
  if (message.client_id) return message.client_id === sent.client_id;
  return sent.image_key ? sent.image_key === message.image_key : message.kind === "text" && sent.text === message.text;
}

function confirmSent(entry, message) {
  if (entry.state && entry.preview && message.image_key) render.knowPicture(message.image_key, entry.preview);
  const focused = entry.node.contains(document.activeElement);
  entries.splice(entries.indexOf(entry), 1);
  entry.node.remove();
  entry.message = message;
  entry.state = undefined;
  add(entry);
  if (focused) $("question").focus();
}

/** Shows the end of the log, or the beginning of its last message where that is taller than the screen. */
function keepInView() {
  const last = entries.at(-1)?.node;
  if (!last) return;
  const box = $("scroll");
  const end = box.scrollHeight - box.clientHeight;
  pinned = $("rating").hidden ? Math.min(end, last.offsetTop - 16) : end;
  box.scrollTop = pinned;
}

function scrollToEnd() {
  $("newer").hidden = true;
  followsEnd = true;
  keepInView();
}

/** The guest has scrolled: the log follows new messages as long as its end is in sight. */
function onScroll() {
  const box = $("scroll");
  const fromEnd = box.scrollHeight - box.scrollTop - box.clientHeight;
  followsEnd = Math.abs(box.scrollTop - pinned) < 2 || fromEnd < NEAR_END_PX;
  if (fromEnd < NEAR_END_PX) $("newer").hidden = true;
}

// ---- What the guest does ----

function ask(text) {
  if (text.trim()) put({ message: { kind: "text", text: text.trim() } });
}

function askPicture(file) {
  if (!PICTURES.includes(file.type)) return showProblem(texts().imageType);
  return put({ message: { kind: "image", text: "" }, file, preview: URL.createObjectURL(file) });
}

/** Shows a message at once and sends it. */
function put(entry) {
  if (!session) return showProblem(texts().startFailed, retryProblem ?? start);
  Object.assign(entry.message, { from: "guest", client_id: randomId() });
  entry.state = "sending";
  $("rating").hidden = true;
  add(entry);
  scrollToEnd();
  deliver(entry);
}

function deliver(entry) {
  sending = sending.then(() => tryToSend(entry));
}

async function tryToSend(entry) {
  for (let tries = 1; entry.state; tries += 1) {
    try {
      const { message } = entry;
      if (entry.file && !message.image_key) message.image_key = (await api.upload(entry.file)).image_key;
      const body = message.image_key ? { image_key: message.image_key } : { text: message.text };
      const answer = await api.send({ ...body, client_id: message.client_id });
      receive(answer.message);
      return;
    } catch (error) {
      if (!entry.state) return; // The stream has brought it meanwhile.
      if (error.status === 401) return restart();
      if (error.retryable && tries < SEND_TRIES) {
        await pause(1000 * tries);
        continue;
      }
      entry.state = "failed";
      redraw(entry);
      showProblem(explain(error), () => resend(entry.message));
      return;
    }
  }
}

function resend(message) {
  const entry = entries.find((candidate) => candidate.message === message);
  if (entry?.state !== "failed") return;
  hideProblem();
  entry.state = "sending";
  redraw(entry);
  $("question").focus();
  deliver(entry);
}

async function choose(message, faq, choice) {
  choice.setAttribute("aria-busy", "true");
  const answer = await attempt(() => api.choose(message.message_id, faq.id), () => choose(message, faq, choice));
  choice.removeAttribute("aria-busy");
  if (!answer) return;
  for (const shown of [answer.message, ...(answer.messages ?? [])]) if (shown) receive(shown);
  scrollToEnd();
}

async function feedback(message, solved) {
  const answer = await attempt(() => api.feedback(message.message_id, solved), () => feedback(message, solved));
  if (!answer) return;
  const entry = entries.find((candidate) => candidate.message.message_id === message.message_id);
  if (!entry) return;
  entry.feedback = solved;
  quietly(() => redraw(entry));
  $("spoken").textContent = solved ? texts().solved : texts().notSolved;
  $("question").focus();
}

async function askHuman() {
  const answer = await attempt(() => api.human(), askHuman);
  if (!answer) return;
  continueTicket(answer.ticket_id);
  human = answer;
  showTicket();
  scrollToEnd();
  $("question").focus();
}

async function endConversation() {
  const answer = await attempt(() => api.close(), endConversation);
  if (!answer) return;
  closed(answer.ticket_id);
  scrollToEnd();
  $("rating-title").focus();
}

/** The ticket has ended, here or in another tab: the answer and the notice of it both come in, in either order. */
function closed(id) {
  if (id !== ticketId) return;
  closedTicketId = ticketId;
  ticketId = null;
  human = null;
  showTicket();
  $("rating").reset();
  $("rating").hidden = false;
  if (followsEnd) scrollToEnd();
  if ($("confirm").open) {
    $("confirm").close(); // Another tab was faster.
    $("rating-title").focus();
  }
}

async function sendRating(event) {
  event?.preventDefault();
  const given = new FormData($("rating"));
  const score = Number(given.get("score"));
  if (!score) {
    showProblem(texts().rateNeeded);
    return $("rating").elements.score[0].focus();
  }
  if (!(await attempt(() => api.rate(score, given.get("reason").trim()), sendRating))) return undefined;
  $("rating").hidden = true;
  $("log").append(el("div", { class: "entry notice" }, el("div", { class: "text" }, texts().rated)));
  scrollToEnd();
  return $("question").focus();
}

function enlarge(url) {
  $("viewer").querySelector("img").src = url;
  $("viewer").showModal();
}

// ---- Wiring ----

function fitQuestion() {
  const field = $("question");
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight + 2, 160)}px`;
}

$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  if (session) {
    ask($("question").value);
    $("question").value = "";
    fitQuestion();
  } else showProblem(texts().startFailed, retryProblem ?? start);
  $("question").focus();
});
$("question").addEventListener("input", fitQuestion);
$("question").addEventListener("keydown", (event) => {
  // Enter sends, but not while an input method is composing Chinese.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  $("composer").requestSubmit();
});
$("question").addEventListener("paste", (event) => {
  const [file] = event.clipboardData.files;
  if (!file) return;
  event.preventDefault();
  askPicture(file);
});
$("attach").addEventListener("click", () => $("file").click());
$("file").addEventListener("change", () => {
  for (const file of $("file").files) askPicture(file);
  $("file").value = "";
});
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  for (const file of event.dataTransfer.files) askPicture(file);
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  unread = 0;
  document.title = title;
});
$("human").addEventListener("click", askHuman);
$("end").addEventListener("click", () => $("confirm").showModal());
$("confirm").addEventListener("close", () => {
  if ($("confirm").returnValue === "end") endConversation();
  $("confirm").returnValue = "";
});
$("viewer").addEventListener("click", (event) => {
  if (event.target === $("viewer")) $("viewer").close();
});
$("rating").addEventListener("submit", sendRating);
$("rating").addEventListener("change", hideProblem);
$("ask-new").addEventListener("click", () => {
  $("rating").hidden = true;
  $("question").focus();
});
$("newer").addEventListener("click", scrollToEnd);
$("scroll").addEventListener("scroll", onScroll);
const resized = new ResizeObserver(() => {
  if (followsEnd) keepInView(); // Pictures arrive, the keyboard opens, a line appears over the field.
});
for (const id of ["scroll", "log", "rating"]) resized.observe($(id));
$("language").addEventListener("click", () => {
  switchLanguage();
  applyTexts();
});

applyTexts();
start();
