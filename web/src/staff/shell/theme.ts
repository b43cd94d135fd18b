// Light or dark: as chosen, otherwise as the device.

import { createStore, kept } from "../ui/store";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const device = matchMedia("(prefers-color-scheme: dark)");
const chosen = kept.get("theme");
export const theme = createStore<Theme>(THEMES.find((known) => known === chosen) ?? "system");

/** Shows the theme now, and whenever the device or the choice changes. */
export function startTheme(): void {
  device.addEventListener("change", show);
  theme.subscribe(show);
  show();
}

export function wear(chosen: Theme): void {
  kept.set("theme", chosen);
  theme.set(chosen);
}

function show(): void {
  const dark = theme.get() === "dark" || (theme.get() === "system" && device.matches);
  document.documentElement.style.colorScheme = dark ? "dark" : "light";
  // Where Semi's styles look.
  if (dark) document.body.setAttribute("theme-mode", "dark");
  else document.body.removeAttribute("theme-mode");
}
