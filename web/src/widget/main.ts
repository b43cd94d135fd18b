// The widget: <script src="https://desk.example/widget.js" data-desk="…" async></script> on any page.
//
// It asks nothing of the page but script-src and connect-src for the desk's server: no inline script or style, no markup
// from strings, nothing outside of its own element.

import { storage } from "../chat/api";
import { CHANGE_EVENT, type DeskwireChat, defineChat, LANGUAGE_EVENT, MINIMISE_EVENT, paint } from "../chat/element";
import { firstTexts, type Texts } from "../chat/texts";
import css from "./widget.css?inline";

const ICON = "M5 5.5h14v10h-8l-4 3.5v-3.5H5zM9 10.5h.01M12 10.5h.01M15 10.5h.01";
const PASSED_ON = ["identity-token", "open-id", "guest-name", "guest-email", "language", "theme", "accent"];

/** `<deskwire-widget desk="…" server="…">`: the round button, and the chat once it has been opened. */
class DeskwireWidget extends HTMLElement {
  #launcher = document.createElement("button");
  #badge = document.createElement("span");
  #panel = document.createElement("div");
  #chat: DeskwireChat | null = null;
  #texts: Texts = firstTexts(null);
  #unread = 0;
  /** Up to which message whose conversation was seen. */
  #seen: Seen | null = null;
  #kept = new Kept("");

  connectedCallback(): void {
    if (this.shadowRoot) return;
    const root = this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
    paint(this, this.getAttribute("theme"), this.getAttribute("accent"));
    this.#texts = firstTexts(this.getAttribute("language"));
    this.#launcher.type = "button";
    this.#launcher.className = "launcher";
    this.#launcher.setAttribute("aria-haspopup", "dialog");
    this.#launcher.addEventListener("click", () => this.open());
    this.#badge.className = "badge";
    this.#launcher.append(picture(ICON), this.#badge);
    this.#panel.className = "panel";
    this.#panel.setAttribute("role", "dialog");
    this.#panel.hidden = true;
    this.#panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing) this.close();
    });
    root.append(this.#launcher, this.#panel);
    this.#label();
    this.#goOn();
    if (!this.getAttribute("accent")) void this.#colour();
  }

  /** Takes the desk's colour on. The chat asks for itself. */
  async #colour(): Promise<void> {
    const desk = `${this.getAttribute("server") ?? ""}/guest/v1/desks/${encodeURIComponent(this.getAttribute("desk") ?? "")}`;
    try {
      const { accent } = (await (await fetch(desk, { credentials: "omit" })).json()) as { accent?: string };
      paint(this, null, accent ?? null);
    } catch {
      // The button has the neutral colour; whether the desk can be reached shows when it is pressed.
    }
  }

  /** Shows the chat; the first time, it begins. */
  open(): void {
    this.#show();
    this.#chat?.focus();
  }

  #show(): void {
    this.#panel.hidden = false;
    this.#launcher.hidden = true;
    this.#kept.open(true);
    this.#chat ??= this.#begin();
    this.#look();
  }

  /** Goes on after another page of the site: with the chat shown if it was, and else so that what a human writes is counted. */
  #goOn(): void {
    this.#kept = new Kept(`${this.getAttribute("server") ?? ""} ${this.getAttribute("desk") ?? ""}`);
    this.#seen = this.#kept.seen();
    // On a phone it would cover the page that was asked for.
    if (this.#kept.isOpen() && !matchMedia("(max-width: 30rem)").matches) return this.#show();
    if (this.#seen) this.#chat = this.#begin();
  }

  /** Takes in how the conversation stands now. */
  #look(): void {
    const { position, guest = "" } = this.#chat ?? {};
    if (this.#chat && position !== undefined) {
      // The other's conversation is none that this guest has missed.
      if (!this.#panel.hidden || this.#seen?.guest !== guest) this.#seen = { position, guest };
      this.#unread = this.#chat.newsBehind(this.#seen.position);
      this.#kept.keep(this.#chat.waits || this.#unread > 0 ? this.#seen : null);
    }
    this.#label();
  }

  /** Hides the chat; it goes on, and counts what comes in. */
  close(): void {
    this.#panel.hidden = true;
    this.#launcher.hidden = false;
    this.#kept.open(false);
    this.#look();
    this.#launcher.focus();
  }

  #begin(): DeskwireChat {
    const chat = document.createElement("deskwire-chat") as DeskwireChat;
    for (const name of ["desk", "server", ...PASSED_ON]) {
      const value = this.getAttribute(name);
      if (value) chat.setAttribute(name, value);
    }
    chat.setAttribute("minimisable", "");
    chat.addEventListener(MINIMISE_EVENT, () => this.close());
    chat.addEventListener(LANGUAGE_EVENT, (event) => {
      this.#texts = (event as CustomEvent<Texts>).detail;
      this.#label();
    });
    chat.addEventListener(CHANGE_EVENT, () => this.#look());
    this.#panel.append(chat);
    return chat;
  }

  #label(): void {
    this.#badge.hidden = this.#unread === 0;
    this.#badge.textContent = `${this.#unread}`;
    this.#launcher.setAttribute("aria-label", this.#unread ? this.#texts.openUnread(this.#unread) : this.#texts.open);
    this.#panel.setAttribute("aria-label", this.#texts.chat(""));
  }
}

interface Seen {
  position: number;
  /** The guest's open id. */
  guest: string;
}

/** What the next page of the site has to know, as far as the browser keeps it. */
class Kept {
  #seen: string;
  #open: string;

  constructor(of: string) {
    this.#seen = `deskwire.seen.${of}`;
    this.#open = `deskwire.open.${of}`;
  }

  /** How much the guest has seen of a conversation that goes on; `null` if none does. */
  seen(): Seen | null {
    const [position, guest] = storage()?.getItem(this.#seen)?.split(" ") ?? [];
    return guest ? { position: Number(position), guest } : null;
  }

  keep(seen: Seen | null): void {
    const text = seen && `${seen.position} ${seen.guest}`;
    attempt(() => {
      if (text === null) storage()?.removeItem(this.#seen);
      else if (text !== storage()?.getItem(this.#seen)) storage()?.setItem(this.#seen, text);
    });
  }

  /** Whether this tab shows the chat. */
  isOpen(): boolean {
    return attempt(() => sessionStorage.getItem(this.#open)) === "yes";
  }

  open(yes: boolean): void {
    attempt(() => (yes ? sessionStorage.setItem(this.#open, "yes") : sessionStorage.removeItem(this.#open)));
  }
}

/** Browsers and sites may forbid to keep anything, and storages are full at times; then nothing is kept. */
function attempt<T>(what: () => T): T | undefined {
  try {
    return what();
  } catch {
    return undefined;
  }
}

function picture(path: string): SVGElement {
  const make = (name: string): SVGElement => document.createElementNS("http://www.w3.org/2000/svg", name) as SVGElement;
  const svg = make("svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const line = make("path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

defineChat();
if (!customElements.get("deskwire-widget")) customElements.define("deskwire-widget", DeskwireWidget);

const script = document.currentScript;
if (script instanceof HTMLScriptElement && script.dataset.desk) {
  const widget = document.createElement("deskwire-widget");
  widget.setAttribute("server", new URL(script.src).origin);
  widget.setAttribute("desk", script.dataset.desk);
  for (const name of PASSED_ON) {
    const value = script.getAttribute(`data-${name}`);
    if (value) widget.setAttribute(name, value);
  }
  const show = (): void => void document.body.append(widget);
  if (document.body) show();
  else document.addEventListener("DOMContentLoaded", show);
}
