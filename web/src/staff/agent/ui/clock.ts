// The server's time, by which waits are told: the computer's own may be wrong.

import { useSyncExternalStore } from "react";

const TICK_MS = 5_000;
let ahead = 0;
let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function tick(): void {
  now = Date.now() + ahead;
  for (const listener of [...listeners]) listener();
}

/** The server said what time it is, in Unix ms. */
export function heard(serverNow: number): void {
  const next = serverNow - Date.now();
  // On its way an answer takes a moment; only what is more than that is a difference between the clocks.
  if (Math.abs(next - ahead) < 2_000) return;
  ahead = next;
  tick();
}

export function serverNow(): number {
  return Date.now() + ahead;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The server's time, Unix ms, some seconds old at most. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
