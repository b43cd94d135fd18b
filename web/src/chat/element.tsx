// The chat as an element: <deskwire-chat desk="…">. Its shadow root keeps it apart from the page around it.

import { render } from "preact";
import { accentOf } from "./accent";
import { Api, type Identity } from "./api";
import css from "./chat.css?inline";
import { Conversation, STAGE_HUMAN } from "./conversation";
import { firstTexts, localeOf, type Texts } from "./texts";
import { Chat } from "./ui/Chat";

/** What has just come in from somebody else; for badges and titles. */
export const MESSAGE_EVENT = "deskwire-message";
/** Anything of the conversation is another than before. */
export const CHANGE_EVENT = "deskwire-change";
/** The guest wants the window closed. */
export const MINIMISE_EVENT = "deskwire-minimise";
/** The guest has changed the language. */
export const LANGUAGE_EVENT = "deskwire-language";

const sheet = new CSSStyleSheet();
sheet.replaceSync(css);

/**
 * Attributes: `desk` (id); `server` (origin, by default this page's); `name` of the desk until it is known; `identity-token`,
 * or in developer mode `open-id`; `guest-name` and `guest-email` of somebody new; `language`, `theme` (`light`, `dark`),
 * `accent` (`#rrggbb`, by default the desk's); `minimisable`. They are read when the element is put into a page.
 */
export class DeskwireChat extends HTMLElement {
  #conversation: Conversation | null = null;

  connectedCallback(): void {
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    this.#paint();
    const server = this.getAttribute("server") ?? location.origin;
    const texts = firstTexts(this.getAttribute("language"));
    this.#tell(texts);
    const conversation = new Conversation(new Api(server, this.getAttribute("desk") ?? ""), this.#identity(), localeOf(texts));
    let painted: string | undefined;
    conversation.subscribe((fresh) => {
      // The desk's own colour, where whoever put the element here said none.
      const accent = conversation.state.session?.desk.accent;
      if (!this.getAttribute("accent") && accent && accent !== painted) paint(this, null, (painted = accent));
      if (fresh) this.dispatchEvent(new CustomEvent(MESSAGE_EVENT));
      this.dispatchEvent(new CustomEvent(CHANGE_EVENT));
    });
    this.#conversation = conversation;
    const minimise = (): boolean => this.dispatchEvent(new CustomEvent(MINIMISE_EVENT));
    render(
      <Chat
        conversation={conversation}
        first={texts}
        name={this.getAttribute("name") ?? ""}
        onTexts={(other) => this.#tell(other)}
        onMinimise={this.hasAttribute("minimisable") ? minimise : undefined}
      />,
      root,
    );
    void conversation.start();
  }

  disconnectedCallback(): void {
    this.#conversation?.end();
    if (this.shadowRoot) render(null, this.shadowRoot);
  }

  /** Whose conversation it is, by open id. */
  get guest(): string {
    return this.#conversation?.state.session?.guest.open_id ?? "";
  }

  /** How far the conversation is known; nothing until it is. */
  get position(): number | undefined {
    const state = this.#conversation?.state;
    return state?.phase === "ready" ? (state.messages.at(-1)?.position ?? 0) : undefined;
  }

  /** Whether a human has the conversation, or will: then words may come at any time. */
  get waits(): boolean {
    return this.#conversation?.state.ticket?.stage === STAGE_HUMAN;
  }

  /** How many messages of others there are behind a position. */
  newsBehind(position: number): number {
    return this.#conversation?.state.messages.filter((message) => message.position > position && message.from !== "guest").length ?? 0;
  }

  /** Puts the cursor into the question field. */
  override focus(): void {
    this.shadowRoot?.querySelector("textarea")?.focus();
  }

  #tell(texts: Texts): void {
    this.dispatchEvent(new CustomEvent<Texts>(LANGUAGE_EVENT, { detail: texts }));
  }

  #identity(): Identity {
    const identity: Identity = {};
    const given = { open_id: "open-id", identity_token: "identity-token", name: "guest-name", email: "guest-email" } as const;
    for (const [member, attribute] of Object.entries(given)) {
      const value = this.getAttribute(attribute);
      if (value) identity[member as keyof Identity] = value;
    }
    return identity;
  }

  #paint(): void {
    paint(this, this.getAttribute("theme"), this.getAttribute("accent"));
  }
}

/** Sets theme and accent on an element; what cannot be read leaves the guest's theme and the neutral colour. */
export function paint(element: HTMLElement, theme: string | null, accent: string | null): void {
  if (theme === "light" || theme === "dark") element.style.colorScheme = theme;
  const colours = accentOf(accent);
  if (!colours) return;
  element.style.setProperty("--accent", `light-dark(${colours.light}, ${colours.dark})`);
  element.style.setProperty("--on-accent", `light-dark(${colours.onLight}, ${colours.onDark})`);
}

export function defineChat(): void {
  if (!customElements.get("deskwire-chat")) customElements.define("deskwire-chat", DeskwireChat);
}
