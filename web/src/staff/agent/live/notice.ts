// Notices of the desktop, with a sound, about what an agent should look at: only while no page of the console is looked at,
// only if they asked for it, and once however many pages are open.

import i18next from "i18next";
import { createStore, kept } from "../../ui/store";
import type { Ticket } from "../api/calls";
import { serverNow } from "../ui/clock";

/** Whether notices are on. They need the browser's leave too. */
export const notices = createStore(kept.get("notices") === "on" && supported() && Notification.permission === "granted");

/** What a ticket was about when it last changed: mine with the guest's last word, free, or nothing to look at. */
interface About {
  whose: string;
  /** Position of the guest's last word; 0 if an agent or the bot had it. */
  word: number;
}
const known = new Map<string, About>();
const KNOWN_MAX = 1_000;
const RECENT_MS = 60_000;

export function supported(): boolean {
  return "Notification" in window;
}

/** Switches notices; answers false if the browser refuses. Only a click may ask it. */
export async function switchNotices(on: boolean): Promise<boolean> {
  if (on && (!supported() || (await Notification.requestPermission()) !== "granted")) {
    notices.set(false);
    return false;
  }
  kept.set("notices", on ? "on" : "off");
  notices.set(on);
  return true;
}

/** Looks at a ticket that changed: a word of the guest's in a ticket of mine, or a ticket that is mine or nobody's now. */
export function notice(ticket: Ticket, me: string, open: (ticketId: string) => void): void {
  const { last_message: last } = ticket;
  const isOpen = ticket.stage === 2 && ticket.status < 50;
  const whose = !isOpen ? "" : ticket.owner?.open_id === me ? "mine" : ticket.owner ? "" : "free";
  const word = last?.from === "guest" ? last.position : 0;
  const before = remember(ticket.ticket_id, { whose, word });
  if (whose === "" || !document.hidden || !notices.get()) return;
  const isNew = before ? before.whose !== whose || (whose === "mine" && word > before.word) : isRecent(ticket);
  const stamp = `${ticket.ticket_id} ${whose} ${word}`;
  if (!isNew || kept.get("noticed") === stamp) return;
  kept.set("noticed", stamp);
  show(ticket, whose === "mine", () => open(ticket.ticket_id));
}

function remember(id: string, about: About): About | undefined {
  const before = known.get(id);
  known.delete(id);
  known.set(id, about);
  if (known.size > KNOWN_MAX) known.delete(known.keys().next().value ?? "");
  return before;
}

function isRecent({ last_message: last, updated_at: updated = 0 }: Ticket): boolean {
  const word = last?.from === "guest" ? last.created_at : 0;
  return Math.max(word, updated) > serverNow() - RECENT_MS;
}

function show(ticket: Ticket, mine: boolean, open: () => void): void {
  const t = i18next.getFixedT(null, "agent");
  const title = mine ? t("notice.mine", { name: ticket.guest.name }) : t("notice.free", { name: ticket.guest.name });
  try {
    const shown = new Notification(title, { body: ticket.last_message?.text ?? "", tag: ticket.ticket_id, icon: "/assets/favicon.svg" });
    shown.onclick = () => {
      window.focus();
      open();
      shown.close();
    };
  } catch {
    // Phones have no such notices for pages without a service worker; the sound is left.
  }
  beep();
}

let audio: AudioContext | undefined;

/** Two short tones. */
function beep(): void {
  try {
    audio ??= new AudioContext();
    const gain = audio.createGain();
    gain.connect(audio.destination);
    const start = audio.currentTime;
    gain.gain.setValueAtTime(0.08, start);
    gain.gain.exponentialRampToValueAtTime(0.001, start + 0.4);
    for (const [hertz, after] of [[660, 0], [880, 0.12]] as const) {
      const tone = audio.createOscillator();
      tone.frequency.value = hertz;
      tone.connect(gain);
      tone.start(start + after);
      tone.stop(start + 0.4);
    }
  } catch {
    // No sound card, or the browser wants a click first.
  }
}
