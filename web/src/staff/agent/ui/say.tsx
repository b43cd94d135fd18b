// Short confirmations, seen for a moment and heard by screen readers.

import { useEffect } from "react";
import { createStore, useStore } from "../../ui/store";

const SHOWN_MS = 4_000;
const said = createStore<{ text: string; at: number } | null>(null);

export function say(text: string): void {
  said.set({ text, at: performance.now() });
}

export function Said() {
  const now = useStore(said);
  useEffect(() => {
    if (!now) return;
    const timer = setTimeout(() => said.set(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [now]);
  return (
    <div className="toast" role="status">
      {now && <p key={now.at}>{now.text}</p>}
    </div>
  );
}
