// Short confirmations, seen for a moment and heard by screen readers.

import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { asFailure } from "../../api/failure";
import { useFailureText } from "../../shell/states";
import { createStore, useStore } from "../../ui/store";

const SHOWN_MS = 4_000;
const said = createStore<{ text: string; at: number } | null>(null);

export function say(text: string): void {
  said.set({ text, at: performance.now() });
}

/** Says what failed, for what has no place of its own to say it. */
export function useSayFailure(): (error: unknown) => void {
  const { t } = useTranslation();
  const text = useFailureText();
  return (error) => say(`${t("failed")} ${text(asFailure(error))}`);
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
