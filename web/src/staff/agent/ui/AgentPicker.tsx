// Finds an agent of a help desk by name, e-mail address or skill; the server looks, whoever is on duty comes first.

import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useEffect, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { Fault, Loading } from "../../shell/states";
import { type Agent, read } from "../api/calls";
import { Avatar } from "./Avatar";
import { useOptions } from "./options";

interface AgentPickerProps {
  desk: string;
  label: string;
  /** Why somebody cannot be picked; nothing if they can. */
  whyNot?: (agent: Agent) => string | undefined;
  /** Something is on its way, so nobody can be picked. */
  isBusy?: boolean;
  onPick: (agent: Agent) => void;
}

export function AgentPicker({ desk, label, whyNot, isBusy = false, onPick }: AgentPickerProps) {
  const { t } = useTranslation("agent");
  const [text, setText] = useState("");
  const [eager, setEager] = useState(false);
  const asked = useDeferredValue(text.trim());
  const query = useQuery({ ...read.agents(desk, asked), placeholderData: (before) => before });
  const agents = query.data?.agents ?? [];
  const isSettled = asked === text.trim() && query.data !== undefined && !query.isPlaceholderData;
  const pick = (at: number): void => {
    const agent = agents[at];
    if (!agent || isBusy || whyNot?.(agent)) return;
    onPick(agent);
  };
  const mayBe = agents.findIndex((agent) => !whyNot?.(agent));
  const options = useOptions(agents.length, asked, pick, Math.max(0, mayBe));
  // Whoever pastes an address and presses Enter need not wait for the list.
  useEffect(() => {
    if (!eager || !isSettled) return;
    setEager(false);
    if (agents.length === 1) pick(0);
  });
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || isSettled || event.nativeEvent.isComposing) return options.field.onKeyDown(event);
    setEager(true);
    event.preventDefault();
  };
  const said = !isSettled ? "" : agents.length === 0 ? t("transfer.none") : query.data.has_more ? t("transfer.more", { count: agents.length }) : t("transfer.found", { count: agents.length });
  return (
    <div className="stack-tight">
      <input
        className="text-field"
        type="search"
        autoFocus
        aria-label={label}
        placeholder={t("transfer.find")}
        value={text}
        onChange={(event) => (setEager(false), setText(event.target.value))}
        {...options.field}
        onKeyDown={onKeyDown}
      />
      {query.error && <Fault error={query.error} onRetry={() => void query.refetch()} />}
      {!query.data && !query.error && <Loading />}
      <ul {...options.list} className="picks" aria-label={label} aria-busy={!isSettled}>
        {agents.map((agent, at) => (
          <li key={agent.open_id} className="pick" aria-disabled={Boolean(whyNot?.(agent)) || isBusy} {...options.option(at)}>
            <Avatar name={agent.name} id={agent.open_id} />
            <span className="pick-who">
              <span className="pick-name">{agent.name}</span>
              <span className="pick-facts">{[agent.email, ...agent.skills].filter(Boolean).join(" · ")}</span>
            </span>
            <span className="pick-work">
              <span className={`duty duty-${agent.status}`}>{t(`status.${agent.status}`)}</span>
              <span className="muted">{whyNot?.(agent) ?? t("transfer.load", { n: agent.open_tickets, of: agent.capacity })}</span>
            </span>
          </li>
        ))}
      </ul>
      <p role="status" className="muted picks-said">
        {said}
      </p>
    </div>
  );
}
