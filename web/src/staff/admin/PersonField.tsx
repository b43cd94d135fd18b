// Picks somebody by what they are called: a part of the name, the beginning of an e-mail address or an id.

import Input from "@douyinfe/semi-ui-19/lib/es/input";
import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, type ReactNode, useDeferredValue, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../api/client";
import { Fault } from "../shell/states";
import { Field } from "../ui/Field";

export type Candidate = Schemas["AdminFoundPerson"];

/** Where people are looked for. */
export interface Source {
  key: readonly string[];
  find: (text: string) => Promise<Schemas["AdminPeople"]>;
}

/** The users of the tenant, as who looks after a help desk finds them; or its agents alone. */
export function peopleOf(deskId: string, agents = false): Source {
  const path = { helpdesk_id: deskId };
  return {
    key: ["people", deskId, String(agents)],
    find: (key) => answer(api.GET("/admin/v1/desks/{helpdesk_id}/people", { params: { path, query: { key, agents } } })),
  };
}

const OFFERED = 20;

/** The users of the tenant, as its administrators find them. */
export const users: Source = {
  key: ["users", "people"],
  find: async (search) => {
    const page = await answer(api.GET("/admin/v1/users", { params: { query: { search, page_size: OFFERED } } }));
    const people = page.users.map(({ open_id, name, email, has_password: has }) => ({ open_id, name, ...(email && { email }), can_sign_in: has && email !== undefined }));
    return { people, has_more: page.has_more };
  },
};

interface PersonFieldProps {
  label: string;
  hint?: ReactNode;
  why: string | undefined;
  source: Source;
  /** Who is offered before anything was written. */
  likely?: Candidate[];
  /** Whether whoever cannot sign in may not be picked. */
  signingIn?: boolean;
  /** Who was picked, where it is one; then the field shows them. Otherwise it is empty again after each. */
  value?: Candidate | null;
  onPick: (person: Candidate) => void;
  /** Something else is being written than who was picked. */
  onLeave?: () => void;
}

export function PersonField({ label, hint, why, source, likely = [], signingIn = false, value, onPick, onLeave }: PersonFieldProps) {
  const { t } = useTranslation("admin");
  const id = useId();
  const list = useRef<HTMLUListElement>(null);
  const [text, setText] = useState("");
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const [eager, setEager] = useState(false);
  const shown = value ? value.name : text;
  const asked = useDeferredValue(value ? "" : text.trim());
  const query = useQuery({ queryKey: [...source.key, asked], queryFn: () => source.find(asked), enabled: asked !== "", placeholderData: (before) => before });
  const people = asked ? (query.data?.people ?? []) : likely.slice(0, OFFERED);
  const settled = asked === text.trim() && !query.isPlaceholderData;
  const mayPick = (person: Candidate): boolean => !signingIn || person.can_sign_in;
  const offered = open && !value && people.length > 0;
  useEffect(() => setActive(0), [asked]);
  useEffect(() => {
    if (offered) list.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active, offered]);
  const pick = (person: Candidate | undefined): void => {
    if (!person || !mayPick(person)) return;
    setText("");
    setEager(false);
    setOpen(false);
    onPick(person);
  };
  // Whoever pastes an address and presses Enter need not wait for the list.
  useEffect(() => {
    if (!eager || !settled || !query.data) return;
    setEager(false);
    if (people.length === 1) pick(people[0]);
  });
  const write = (written: string): void => {
    if (value) onLeave?.();
    setEager(false);
    setText(written);
    setOpen(true);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move !== undefined && people.length > 0) {
      setActive(offered ? (active + move + people.length) % people.length : 0);
      setOpen(true);
    } else if (event.key === "Enter") {
      // The form around it is not saved by it.
      if (offered && settled) pick(people[active]);
      else setEager(asked !== text.trim() || query.isFetching);
    } else if (event.key === "Escape" && offered) setOpen(false);
    else return;
    event.preventDefault();
  };
  const said = !asked || value || !settled || !query.data ? "" : people.length === 0 ? t("person.none") : query.data.has_more ? t("person.more") : "";
  return (
    <div className="stack-close">
      <Field label={label} hint={hint ?? t("person.hint")} why={why}>
        {(attributes) => (
          <div className="person-field">
            <Input
              {...attributes}
              role="combobox"
              aria-autocomplete="list"
              aria-expanded={offered}
              aria-controls={offered ? id : undefined}
              aria-activedescendant={offered ? `${id}-${active}` : undefined}
              autoComplete="off"
              value={shown}
              onChange={write}
              onKeyDown={onKeyDown}
              onFocus={() => setOpen(true)}
              onBlur={() => setOpen(false)}
            />
            {offered && (
              <ul id={id} ref={list} role="listbox" aria-label={label} className="person-list">
                {people.map((person, at) => (
                  <li
                    key={person.open_id}
                    id={`${id}-${at}`}
                    role="option"
                    aria-selected={at === active}
                    aria-disabled={!mayPick(person)}
                    onMouseMove={() => setActive(at)}
                    // The field keeps the focus, so that the list is still there to be clicked.
                    onMouseDown={(event) => event.preventDefault()}
                    onClick={() => pick(person)}
                  >
                    <span>{person.name}</span> <small className="muted">{mayPick(person) ? person.email : t("person.cannot")}</small>
                  </li>
                ))}
              </ul>
            )}
          </div>
        )}
      </Field>
      <span role="status" className="muted person-said">
        {said}
      </span>
      {query.error && <Fault error={query.error} />}
    </div>
  );
}
