// Turns messages into DOM nodes. Text only ever becomes a text node; nothing here parses HTML.

import { locale, texts } from "./chat-texts.js";

const SAFE_LINK = /^(https?:|mailto:)/i;
// Ends before punctuation, Chinese punctuation included.
const PLAIN_LINK = /https?:\/\/[^\s<>"'，。；！？、（）《》「」]+[^\s<>"'，。；！？、（）《》「」.,;:!?)\]]/g;
const SHOWN_IMAGES = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/** Makes an element: attributes by name, `class` included, children as nodes or strings. */
export function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

export function button(label, attributes, onclick) {
  return el("button", { type: "button", ...attributes, onclick }, label);
}

function link(url, label) {
  let target = null;
  try {
    target = new URL(url);
  } catch {
    // Not an address: shown as the text it is.
  }
  if (!target || !SAFE_LINK.test(target.protocol)) return document.createTextNode(label || url || "");
  return el("a", { href: target.href, target: "_blank", rel: "noopener noreferrer nofollow" }, label || url);
}

/** What an offer of questions says beside the buttons: without markup and without the lines that stand for them. */
function heading(text) {
  const lines = String(text ?? "").split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "---" && !/^\[.*\]$/.test(line)).join("\n").replaceAll("**", "").trim();
}

/** Plain text with its web addresses made clickable. */
function plain(content) {
  const text = String(content ?? "");
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(PLAIN_LINK)) {
    parts.push(text.slice(from, found.index), link(found[0], found[0]));
    from = found.index + found[0].length;
  }
  parts.push(text.slice(from));
  return el("div", { class: "text" }, ...parts);
}

export class Renderer {
  #pictures = new Map();

  /** `actions`: choose, feedback, human, retry, enlarge; `api` loads pictures. */
  constructor(api, actions) {
    this.api = api;
    this.actions = actions;
  }

  /** Uses a picture the page has already, so that it is not loaded again. */
  knowPicture(key, blobUrl) {
    this.#pictures.set(key, Promise.resolve(blobUrl));
  }

  /** One entry of the log: `{message}` from the server, or one still on its way, with `state` and `preview`. */
  entry({ message, state, preview, feedback }) {
    const t = texts();
    if (message.kind === "notice" || message.from === "system") {
      return el("div", { class: "entry notice" }, plain(message.text));
    }
    const who = this.#sender(message);
    const bubble = el("div", { class: "bubble" }, ...this.#content(message, preview, feedback));
    const foot = el("div", { class: "foot" });
    if (state === "sending") foot.append(el("span", {}, t.sending));
    else if (state === "failed") {
      const again = button(t.retry, { class: "link" }, this.actions.retry(message));
      foot.append(el("span", { class: "failed" }, t.notSent), again);
    } else foot.append(time(message.created_at), this.#origin(message));
    const classes = ["entry", message.from, state].filter(Boolean).join(" ");
    const name = el("div", { class: message.from === "guest" ? "hidden" : "sender" }, who);
    // What the guest wrote need not be read out to the guest.
    const live = message.from === "guest" ? "off" : undefined;
    return el("div", { class: classes, "aria-live": live }, name, bubble, foot);
  }

  #sender(message) {
    const t = texts();
    const named = typeof message.sender === "string" ? message.sender : message.sender?.name;
    if (message.from === "guest") return t.you;
    return message.from === "agent" ? named || t.agent : t.bot;
  }

  /** Who answered and how sure, as a tooltip that the keyboard reaches too. */
  #origin(message) {
    const t = texts();
    if (message.kind !== "answer" || !message.answered_by) return "";
    const parts = [message.answered_by === "app" ? t.byApp : t.byBuiltin];
    const score = message.faqs?.[0]?.score;
    if (typeof score === "number") parts.push(t.score(score));
    const tip = parts.join(" · ");
    return el("button", { type: "button", class: "origin", "data-tip": tip, "aria-label": `${t.why}: ${tip}` }, "i");
  }

  #content(message, preview, feedback) {
    if (message.kind === "image") return [this.#picture(message.image_key ?? message.text, { preview })];
    if (message.kind === "post") return this.#post(message);
    if (message.kind === "answer") return this.#answer(message, feedback);
    if (message.kind === "card") return card(message);
    return [plain(message.text)];
  }

  #answer(message, feedback) {
    const t = texts();
    const faqs = message.faqs ?? [];
    const human = () => button(t.human, { class: "quiet" }, () => this.actions.human());
    if (message.mode === "list") {
      const none = button(t.noneOfThese, { class: "quiet" }, () => this.actions.human());
      none.append(` · ${t.human}`);
      return [plain(heading(message.text)), this.#choices(message, faqs), el("div", { class: "row" }, none)];
    }
    if (message.mode === "none" || faqs.length === 0) {
      return [plain(heading(message.text)), el("div", { class: "row" }, human())];
    }
    const [best, ...related] = faqs;
    const parts = [];
    if (best.question) parts.push(el("h3", {}, best.question));
    const rich = best.answer_richtext;
    if (Array.isArray(rich) && rich.length > 0) parts.push(this.#rich(rich));
    else parts.push(plain(best.answer || message.text));
    parts.push(this.#feedback(message, feedback, human));
    if (related.length > 0) parts.push(el("h4", {}, t.related), this.#choices(message, related));
    return parts;
  }

  #choices(message, faqs) {
    const list = el("ul", { class: "choices" });
    for (const faq of faqs) {
      const title = typeof faq.score === "number" ? texts().score(faq.score) : undefined;
      const choose = (event) => this.actions.choose(message, faq, event.currentTarget);
      list.append(el("li", {}, button(faq.question, { class: "choice", title }, choose)));
    }
    return list;
  }

  #feedback(message, given, human) {
    const t = texts();
    const solved = given ?? message.solved;
    if (solved === true) return el("p", { class: "feedback" }, t.solved);
    if (solved === false) return el("div", { class: "feedback" }, el("span", {}, t.notSolved), human());
    const say = (value) => () => this.actions.feedback(message, value);
    const buttons = [button(t.yes, { class: "quiet" }, say(true)), button(t.no, { class: "quiet" }, say(false))];
    const group = { class: "feedback", role: "group", "aria-label": t.solvedAsk };
    return el("div", group, el("span", {}, t.solvedAsk), ...buttons);
  }

  #rich(items) {
    const box = el("div", { class: "text" });
    for (const item of items) {
      if (item.type === "text") box.append(item.content ?? item.text ?? "");
      else if (item.type === "hyperlink") box.append(link(item.url, item.text));
      else if (item.type === "line break") box.append(el("br"));
      else if (item.type === "img") box.append(this.#richImage(item));
    }
    return box;
  }

  /** Pictures of this server are shown; those of other servers are linked, never loaded. */
  #richImage({ src, key, width, height }) {
    // A FAQ that was copied from elsewhere may name a picture that only `src` still leads to.
    const other = src ? link(src, texts().image) : undefined;
    if (key) return this.#picture(key, { width, height, other });
    const own = /^\/guest\/v1\/images\/([^/?#]+)$/.exec(src ?? "");
    return own ? this.#picture(decodeURIComponent(own[1]), { width, height }) : link(src, texts().image);
  }

  /** A post: rich text items in `content`, or the open API's paragraphs of `{tag}` elements. */
  #post(message) {
    const post = message.post ?? message.content;
    const lines = Array.isArray(post) ? post : post?.content;
    if (!Array.isArray(lines)) return [plain(message.text)];
    const parts = post.title ? [el("h3", {}, post.title)] : [];
    if (!Array.isArray(lines[0])) return [...parts, this.#rich(lines)];
    for (const line of lines) {
      const paragraph = el("p", { class: "text" });
      for (const { tag, text, href, user_name: user, image_key: key } of line) {
        if (tag === "a") paragraph.append(link(href, text));
        else if (tag === "img") paragraph.append(this.#picture(key));
        else if (tag === "at") paragraph.append(`@${user ?? text ?? ""}`);
        else paragraph.append(text ?? "");
      }
      parts.push(paragraph);
    }
    return parts;
  }

  #picture(key, { preview, width, height, other } = {}) {
    const t = texts();
    const image = el("img", { alt: t.image, width: positive(width), height: positive(height) });
    const frame = button(image, { class: "picture", "aria-label": t.openImage }, () => this.actions.enlarge(image.src));
    const show = (url) => {
      image.src = url;
    };
    if (preview) show(preview);
    else this.#load(key).then(show, () => frame.replaceWith(other ?? el("em", {}, t.imageFailed)));
    return frame;
  }

  #load(key) {
    if (!this.#pictures.has(key)) {
      const loading = this.api.image(key).then((blob) => {
        if (!SHOWN_IMAGES.includes(blob.type.split(";")[0])) throw new Error("not a picture");
        return URL.createObjectURL(blob);
      });
      loading.catch(() => this.#pictures.delete(key));
      this.#pictures.set(key, loading);
    }
    return this.#pictures.get(key);
  }
}

/** A card: its header, its texts, and its links as buttons. Pictures and what takes input are left out. */
function card(message) {
  const { header, elements, i18n_elements: translated } = Object(message.card);
  const parts = [];
  const title = said(header?.title);
  if (title) parts.push(el("h3", {}, title));
  const subtitle = said(header?.subtitle);
  if (subtitle) parts.push(plain(subtitle));
  const own = translated?.[cardLanguage()] ?? Object.values(Object(translated))[0];
  parts.push(...cardElements(elements ?? own));
  return parts.length > 0 ? parts : [plain(message.text)];
}

function cardElements(elements) {
  if (!Array.isArray(elements)) return [];
  return elements.flatMap((element) => {
    const { tag, text, fields, elements: inner, actions, columns } = Object(element);
    if (tag === "button") return [cardButton(element)];
    const words = ["plain_text", "lark_md", "markdown"].includes(tag) ? said(element) : said(text);
    const parts = words ? [plain(words)] : [];
    if (tag === "hr") parts.push(el("hr"));
    const row = cardElements(actions);
    if (row.length > 0) parts.push(el("div", { class: "row" }, ...row));
    return [...parts, ...cardElements(fields), ...cardElements(inner), ...cardElements(columns)];
  });
}

function cardButton({ text, url, multi_url: urls }) {
  const target = url || urls?.url;
  const label = said(text) || target || "";
  const node = target ? link(target, label) : null;
  if (!(node instanceof Element)) return el("span", {}, label);
  node.classList.add("quiet");
  return node;
}

const cardLanguage = () => (texts().lang === "en" ? "en_us" : "zh_cn");

/** The words of a text object: a string, or `{content, i18n}`. */
function said(text) {
  const words = typeof text === "string" ? text : (text?.i18n?.[cardLanguage()] ?? text?.content);
  return typeof words === "string" ? words.trim() : "";
}

function positive(value) {
  return Number(value) > 0 ? String(Math.round(Number(value))) : undefined;
}

/** Accepts seconds, milliseconds (as number or string) and ISO 8601. */
function time(value) {
  const number = Number(value);
  const at = new Date(Number.isNaN(number) ? value : number < 1e12 ? number * 1000 : number);
  if (!value || Number.isNaN(at.getTime())) return "";
  const today = at.toDateString() === new Date().toDateString();
  const style = today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" };
  return el("time", { datetime: at.toISOString() }, new Intl.DateTimeFormat(locale(), style).format(at));
}
