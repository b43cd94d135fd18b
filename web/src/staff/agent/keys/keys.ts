// Shortcuts. Single keys work while nothing is being written, and can be switched off for those whose software types keys.

import { useEffect, useEffectEvent } from "react";
import { createStore, kept } from "../../ui/store";
import { isAsked } from "../ticket/asking";

/** Whether single keys are shortcuts; `Ctrl/Cmd+K` always is. */
export const singleKeys = createStore(kept.get("keys") !== "off");

export function switchSingleKeys(on: boolean): void {
  kept.set("keys", on ? "on" : "off");
  singleKeys.set(on);
}

/** What each key does; `false` from it, or nothing to do, changes nothing. */
export type Keys = Record<string, (() => unknown) | undefined>;

const SEQUENCE_MS = 1_200;
/** When the `g` was pressed that waits for a second key. */
let begun = Number.NEGATIVE_INFINITY;
/** The last key that came behind a `g`. */
let second: KeyboardEvent | null = null;

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** Listens to keys while the component is shown. Keys of two such as `g m` are named so. */
export function useKeys(keys: Keys): void {
  const press = useEffectEvent((event: KeyboardEvent) => {
    // A dialog that is asked for may still be on its way.
    if (event.defaultPrevented || event.isComposing || isAsked() || document.querySelector("dialog[open]")) return;
    const name = nameOf(event);
    if (name === null) return;
    const run = keys[name];
    if (!run) return;
    event.preventDefault();
    run();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => press(event);
    addEventListener("keydown", listener);
    return () => removeEventListener("keydown", listener);
  }, []);
}

/** The key's name, with the `g` before it; `null` for keys that are for a text field. */
function nameOf(event: KeyboardEvent): string | null {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") return "mod+k";
  if (event.ctrlKey || event.metaKey || event.altKey || !singleKeys.get() || isWriting(event.target)) return null;
  return event === second ? `g ${event.key}` : event.key;
}

// Before all others, so that each of them sees the same, and at once: the second key may come before any timer.
addEventListener(
  "keydown",
  (event) => {
    if (event.key === "Shift") return;
    if (event.timeStamp < begun + SEQUENCE_MS) {
      second = event;
      begun = Number.NEGATIVE_INFINITY;
    } else if (event.key === "g" && !event.ctrlKey && !event.metaKey && !event.altKey && !isWriting(event.target)) {
      begun = event.timeStamp;
    }
  },
  { capture: true },
);
