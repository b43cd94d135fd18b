// The chat on a page of its own. Who links to it may name the guest behind a #: /desk/1#identity_token=…&name=…

import { defineChat, LANGUAGE_EVENT, MESSAGE_EVENT } from "../chat/element";
import type { Texts } from "../chat/texts";

const chat = document.querySelector("deskwire-chat");
const title = document.title;
let unread = 0;

if (chat) {
  const given = new URLSearchParams(location.hash.slice(1));
  const attributes = { identity_token: "identity-token", open_id: "open-id", name: "guest-name", email: "guest-email" };
  for (const [key, attribute] of Object.entries(attributes)) {
    const value = given.get(key);
    if (value) chat.setAttribute(attribute, value);
  }
  // A token must not stay in the address, where it is copied with it.
  if (given.size > 0) history.replaceState(null, "", location.pathname + location.search);

  const wanted = new URLSearchParams(location.search);
  for (const name of ["language", "theme", "accent"]) {
    const value = wanted.get(name);
    if (value) chat.setAttribute(name, value);
  }
  const theme = chat.getAttribute("theme");
  if (theme === "light" || theme === "dark") document.documentElement.style.colorScheme = theme;

  chat.addEventListener(LANGUAGE_EVENT, (event) => {
    document.documentElement.lang = (event as CustomEvent<Texts>).detail.lang;
  });
  chat.addEventListener(MESSAGE_EVENT, () => {
    if (!document.hidden) return;
    unread += 1;
    document.title = `(${unread}) ${title}`;
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    unread = 0;
    document.title = title;
  });
  defineChat();
}
