// The widget: <script src="https://desk.example/widget.js" data-desk="…" async></script> on any page.
//
// It asks nothing of the page but script-src and connect-src for the desk's server: no inline script or style, no markup
// from strings, nothing outside of its own element.

import { defineChat, LANGUAGE_EVENT, MESSAGE_EVENT, MINIMISE_EVENT, paint } from "../chat/element";
import { firstTexts, type Texts } from "../chat/texts";
import css from "./widget.css?inline";

const ICON = "M5 5.5h14v10h-8l-4 3.5v-3.5H5zM9 10.5h.01M12 10.5h.01M15 10.5h.01";
const PASSED_ON = ["identity-token", "open-id", "guest-name", "guest-email", "language", "theme", "accent"];

/** `<deskwire-widget desk="…" server="…">`: the round button, and the chat once it has been opened. */
class DeskwireWidget extends HTMLElement {
  #launcher = document.createElement("button");
  #badge = document.createElement("span");
  #panel = document.createElement("div");
  #chat: HTMLElement | null = null;
  #texts: Texts = firstTexts(null);
  #unread = 0;

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
    this.#panel.hidden = false;
    this.#launcher.hidden = true;
    this.#unread = 0;
    this.#chat ??= this.#begin();
    this.#label();
    this.#chat.focus();
  }

  /** Hides the chat; it goes on, and counts what comes in. */
  close(): void {
    this.#panel.hidden = true;
    this.#launcher.hidden = false;
    this.#label();
    this.#launcher.focus();
  }

  #begin(): HTMLElement {
    const chat = document.createElement("deskwire-chat");
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
    chat.addEventListener(MESSAGE_EVENT, () => {
      if (!this.#panel.hidden) return;
      this.#unread += 1;
      this.#label();
    });
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
