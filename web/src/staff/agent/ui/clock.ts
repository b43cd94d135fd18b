// The server's time, by which waits are told: the computer's own may be wrong.

import { useEffect } from "react";
import { createStore, useStore } from "../../ui/store";

const TICK_MS = 5_000;
let ahead = 0;
const clock = createStore(Date.now());
let watchers = 0;
let timer: ReturnType<typeof setInterval> | undefined;

function tick(): void {
  clock.set(Date.now() + ahead);
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

/** The server's time, Unix ms, some seconds old at most. */
export function useNow(): number {
  useEffect(() => {
    watchers += 1;
    timer ??= setInterval(tick, TICK_MS);
    return () => {
      watchers -= 1;
      if (watchers > 0) return;
      clearInterval(timer);
      timer = undefined;
    };
  }, []);
  return useStore(clock);
}
