// Which language the chat speaks, and how dates and failures read in it.

import { ApiError, storage } from "../api";
import { en, type Texts } from "./en";
import { zh } from "./zh";

export type { Texts };
export const catalogues: readonly Texts[] = [en, zh];

const CHOICE = "deskwire.language";
const NOT_VISIBLE = 154_402;

/** The guest's own choice, else what the site asks for, else the browser's language. */
export function firstTexts(asked: string | null): Texts {
  const language = storage()?.getItem(CHOICE) ?? asked ?? navigator.language;
  return language.toLowerCase().startsWith("zh") ? zh : en;
}

/** The other catalogue; it is kept as the guest's choice. */
export function otherTexts(texts: Texts): Texts {
  const other = texts === en ? zh : en;
  storage()?.setItem(CHOICE, other.lang);
  return other;
}

/** The language to tell the server and to write dates in: the browser's regional one where it fits the texts. */
export function localeOf(texts: Texts): string {
  return navigator.languages.find((language) => language.slice(0, 2) === texts.lang.slice(0, 2)) ?? texts.lang;
}

/** Sentences one after the other; Chinese has no space between them. */
export function sentences(texts: Texts, ...said: readonly string[]): string {
  return said.filter(Boolean).join(texts === en ? " " : "");
}

/** Whether a help desk refused because it is closed: guests are refused so for nothing else. */
export function isClosed(error: unknown): boolean {
  return error instanceof ApiError && error.status === 403;
}

/** What to tell the guest about a failed call. */
export function explain(texts: Texts, error: unknown): string {
  if (typeof error === "string") return error;
  if (!(error instanceof ApiError)) return texts.failed(String(error));
  if (error.code === NOT_VISIBLE) return texts.notVisible;
  if (isClosed(error)) return texts.closed;
  if (error.status === 0) return texts.noNetwork;
  if (error.status === 429) return texts.tooMany;
  if (error.status >= 500) return texts.serverTrouble;
  return texts.failed(error.message);
}

/** When a message was written. */
export function timeOf(texts: Texts, ms: number): string {
  const at = new Date(ms);
  const today = at.toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(localeOf(texts), today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" }).format(at);
}

/** A moment of the coming days: the time, with the day unless it is today. */
export function momentOf(texts: Texts, ms: number): string {
  const at = new Date(ms);
  const today = at.toDateString() === new Date().toDateString();
  const style: Intl.DateTimeFormatOptions = { hour: "numeric", minute: "2-digit" };
  return new Intl.DateTimeFormat(localeOf(texts), today ? style : { ...style, weekday: "long" }).format(at);
}
