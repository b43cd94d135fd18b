// The texts of the pages in both languages, and which one is shown.

import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { createStore, kept } from "../ui/store";
import { en } from "./en";
import { zh } from "./zh";

export type Language = "en" | "zh";

/** The same texts in two languages; the keys are the English ones'. */
export interface Catalogue {
  en: object;
  zh: object;
}

/** The language that is shown. */
export const language = createStore<Language>(preferred());

/** The language as dates and numbers are written. */
export function localeOf(spoken: Language): string {
  return spoken === "zh" ? "zh-CN" : "en-GB";
}

function preferred(): Language {
  const chosen = kept.get("language");
  if (chosen === "en" || chosen === "zh") return chosen;
  return navigator.languages.find((tag) => /^(en|zh)\b/i.test(tag))?.toLowerCase().startsWith("zh") ? "zh" : "en";
}

/** Starts i18next with the shell's texts, those that only some apps show beside them, and a page's own, `name` being their namespace. */
export async function startTexts(name: string, { en: own, zh: ownZh }: Catalogue, more?: Catalogue): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: language.get(),
    fallbackLng: "en",
    defaultNS: "shell",
    ns: ["shell", name],
    resources: { en: { shell: { ...en, ...more?.en }, [name]: own }, zh: { shell: { ...zh, ...more?.zh }, [name]: ownZh } },
    // React escapes by itself.
    interpolation: { escapeValue: false },
    react: { useSuspense: false },
  });
  show();
}

export function speak(chosen: Language): void {
  kept.set("language", chosen);
  language.set(chosen);
  void i18next.changeLanguage(chosen).then(show);
}

function show(): void {
  document.documentElement.lang = language.get() === "zh" ? "zh-CN" : "en";
}
