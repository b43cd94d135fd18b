// The list of shortcuts.

import { useTranslation } from "react-i18next";
import { useStore } from "../../ui/store";
import { isMac } from "../inbox/Nav";
import { ask } from "../ticket/asking";
import { Dialog } from "../../ui/Dialog";
import { singleKeys, switchSingleKeys } from "./keys";

const MOD = isMac ? "⌘" : "Ctrl";

/** Keys, and the text that says what they do. */
const GROUPS = {
  everywhere: [
    [[MOD, "K"], "palette"],
    [["?"], "help"],
    [["/"], "search"],
    [["Esc"], "leave"],
  ],
  lists: [
    [["j"], "next"],
    [["k"], "previous"],
    [["g", "m"], "mine"],
    [["g", "s"], "shared"],
    [["g", "u"], "unassigned"],
    [["g", "q"], "queue"],
    [["g", "h"], "on_hold"],
    [["g", "o"], "open"],
    [["g", "c"], "closed"],
  ],
  ticket: [
    [["t"], "take"],
    [["r"], "reply"],
    [["n"], "note"],
    [["f"], "faqs"],
    [["h"], "hold"],
    [["a"], "transfer"],
    [["c"], "collaborator"],
    [["e"], "close"],
  ],
  writing: [
    [["Enter"], "send"],
    [["Shift", "Enter"], "line"],
    [["/"], "canned"],
  ],
} as const;

export function Help() {
  const { t } = useTranslation("agent");
  const on = useStore(singleKeys);
  return (
    <Dialog title={t("keys.title")} onClose={() => ask(null)} className="dialog-wide">
      <div className="key-groups">
        {(Object.keys(GROUPS) as (keyof typeof GROUPS)[]).map((group) => (
          <section key={group}>
            <h3>{t(`keys.group.${group}`)}</h3>
            <dl className="keys">
              {GROUPS[group].map(([keys, what]) => (
                <div key={what}>
                  <dt>
                    {keys.map((key) => (
                      <kbd key={key}>{key}</kbd>
                    ))}
                  </dt>
                  <dd>{t(`keys.do.${what}`)}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <label className="check">
        <input type="checkbox" checked={on} onChange={(event) => switchSingleKeys(event.target.checked)} /> {t("keys.single")}
      </label>
    </Dialog>
  );
}
