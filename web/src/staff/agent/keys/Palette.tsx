// Everything that can be done, found by typing.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { language, speak } from "../../i18n";
import { THEMES, wear } from "../../shell/theme";
import { useStore } from "../../ui/store";
import { read, type TicketView } from "../api/calls";
import { useStanding } from "../inbox/Nav";
import { type Go, INBOXES, useGo, usePlace } from "../place";
import { possible, useAct } from "../ticket/acting";
import { ask, type Question, wantComposer, wantFaqs } from "../ticket/asking";
import { Dialog } from "../../ui/Dialog";
import { useOptions } from "../ui/options";
import { useSayFailure } from "../ui/say";

interface Command {
  id: string;
  label: string;
  group: string;
  keys?: string;
  run: () => void;
}

const SHOWN = 12;

export function Palette() {
  const { t } = useTranslation("agent");
  const commands = useCommands();
  const [typed, setTyped] = useState("");
  const go = useGo();
  const words = typed.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const found = commands.filter(({ label, group }) => words.every((word) => `${group} ${label}`.toLowerCase().includes(word))).slice(0, SHOWN);
  if (words.length > 0) found.push({ id: "search", group: t("palette.search"), label: t("palette.searchFor", { q: typed.trim() }), run: () => go({ q: typed.trim() }) });
  const run = (command: Command | undefined): void => {
    if (!command) return;
    ask(null);
    // The dialog gives the focus back first; the command may want it elsewhere.
    setTimeout(command.run);
  };
  const options = useOptions(found.length, typed, (at) => run(found[at]));
  return (
    <Dialog title={t("palette.title")} onClose={() => ask(null)} className="palette" bare>
      <input
        className="palette-field"
        autoFocus
        aria-label={t("palette.title")}
        placeholder={t("palette.placeholder")}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        {...options.field}
      />
      <ul {...options.list} aria-label={t("palette.title")}>
        {found.map((command, at) => (
          <li key={command.id} {...options.option(at)}>
            <span className="palette-group">{command.group}</span>
            <span className="palette-label">{command.label}</span>
            {command.keys && <kbd>{command.keys}</kbd>}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

function useCommands(): Command[] {
  const { t } = useTranslation(["agent", "shell"]);
  const go = useGo();
  const { ticket: id } = usePlace();
  const client = useQueryClient();
  const view = id ? client.getQueryData<TicketView>(read.ticket(id).queryKey) : undefined;
  // It runs when the palette is closed, so there is no place here to show a failure.
  const act = useAct(id ?? "", useSayFailure());
  const standing = useStanding();
  const spoken = useStore(language);
  const { data: views } = useQuery(read.views);
  const can = view ? possible(view) : undefined;
  const ticket = t("palette.ticket");
  const asks = (question: Question) => () => ask(question);
  const commands: (Command | false | undefined)[] = [
    can?.take && { id: "take", group: ticket, label: t("act.take"), keys: "t", run: () => act.mutate({ action: "take" }) },
    can?.reply && { id: "reply", group: ticket, label: t("keys.do.reply"), keys: "r", run: () => wantComposer("reply") },
    can && { id: "note", group: ticket, label: t("keys.do.note"), keys: "n", run: () => wantComposer("note") },
    can && { id: "faqs", group: ticket, label: t("keys.do.faqs"), keys: "f", run: () => wantFaqs() },
    can?.hold && { id: "hold", group: ticket, label: t("act.hold"), keys: "h", run: () => act.mutate({ action: "hold" }) },
    can?.resume && { id: "resume", group: ticket, label: t("act.resume"), keys: "h", run: () => act.mutate({ action: "resume" }) },
    can?.transfer && { id: "transfer", group: ticket, label: t("keys.do.transfer"), keys: "a", run: asks("transfer") },
    can?.collaborate && { id: "collaborator", group: ticket, label: t("collaborators.add"), keys: "c", run: asks("collaborator") },
    can?.close && { id: "close", group: ticket, label: t("keys.do.close"), keys: "e", run: asks("close") },
    can && { id: "canned", group: ticket, label: t("canned.manage"), run: asks("canned") },
    ...placesOf(t("palette.go"), go, (name) => t(`inbox.${name}`)),
    ...(views ?? []).map(({ id, name }) => ({ id: `view ${id}`, group: t("views.title"), label: name, run: () => go({ view: id, inbox: undefined, q: undefined, ticket: undefined }) })),
    { id: "new view", group: t("views.title"), label: t("views.new"), run: asks("view") },
    { id: "online", group: t("standing.label"), label: t("status.online"), run: () => standing.mutate("online") },
    { id: "offline", group: t("standing.label"), label: t("status.offline"), run: () => standing.mutate("offline") },
    { id: "language", group: t("shell:language"), label: t("shell:switchLanguage"), run: () => speak(spoken === "en" ? "zh" : "en") },
    ...THEMES.map((theme) => ({ id: theme, group: t("shell:theme.name"), label: t(`shell:theme.${theme}`), run: () => wear(theme) })),
    { id: "keys", group: t("palette.help"), label: t("keys.title"), keys: "?", run: asks("keys") },
  ];
  return commands.filter((command): command is Command => Boolean(command));
}

function placesOf(group: string, go: Go, label: (name: (typeof INBOXES)[number]) => string): Command[] {
  return INBOXES.map((name) => ({
    id: `go ${name}`,
    group,
    label: label(name),
    keys: `g ${name === "on_hold" ? "h" : name[0]}`,
    run: () => go({ inbox: name, view: undefined, q: undefined, ticket: undefined }),
  }));
}
