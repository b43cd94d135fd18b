// Lists of people, departments and chats in a form.

import IconClose from "@douyinfe/semi-icons/lib/es/icons/IconClose";
import Button from "@douyinfe/semi-ui-19/lib/es/button";
import Input from "@douyinfe/semi-ui-19/lib/es/input";
import { type KeyboardEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { Field } from "../../ui/Field";
import { PersonField, peopleOf } from "../PersonField";

export type Person = Schemas["AdminNamedUser"];

interface EntriesProps {
  label: string;
  entries: [key: string, name: string, note?: string | undefined][];
  onRemove: (key: string) => void;
}

/** Entries that are taken away by a button each. */
function Entries({ label, entries, onRemove }: EntriesProps) {
  const { t } = useTranslation("admin");
  if (entries.length === 0) return null;
  return (
    <ul className="listed" aria-label={label}>
      {entries.map(([key, name, note]) => (
        <li key={key}>
          <span>
            {name} {note && <small className="muted">{note}</small>}
          </span>
          <Button theme="borderless" type="tertiary" size="small" icon={<IconClose aria-hidden />} aria-label={t("settings.remove", { name })} onClick={() => onRemove(key)} />
        </li>
      ))}
    </ul>
  );
}

interface IdsProps {
  label: string;
  hint: string;
  ids: string[];
  why: string | undefined;
  onChange: (ids: string[]) => void;
}

/** Departments or chats, added by writing their ids down: there is no list of them here. */
export function Ids({ label, hint, ids, why, onChange }: IdsProps) {
  const { t } = useTranslation("admin");
  const [text, setText] = useState("");
  const add = (): void => {
    const id = text.trim();
    if (id && !ids.includes(id)) onChange([...ids, id]);
    setText("");
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
    // The form around it is not saved by it.
    event.preventDefault();
    add();
  };
  return (
    <div className="stack-close">
      <Field label={label} hint={hint} why={why}>
        {(attributes) => (
          <div className="row listed-add">
            <Input {...attributes} className="grow" value={text} onChange={setText} onKeyDown={onKeyDown} />
            <Button onClick={add} aria-label={t("settings.addTo", { list: label })}>
              {t("settings.add")}
            </Button>
          </div>
        )}
      </Field>
      <Entries label={label} entries={ids.map((id) => [id, id])} onRemove={(gone) => onChange(ids.filter((id) => id !== gone))} />
    </div>
  );
}

interface PeopleProps {
  deskId: string;
  label: string;
  people: Person[];
  why: string | undefined;
  onChange: (people: Person[]) => void;
}

/** People, found by what they are called. */
export function People({ deskId, label, people, why, onChange }: PeopleProps) {
  const add = (person: Person): void => {
    if (people.every(({ open_id: id }) => id !== person.open_id)) onChange([...people, person]);
  };
  return (
    <div className="stack-close">
      <PersonField label={label} why={why} source={peopleOf(deskId)} onPick={add} />
      <Entries label={label} entries={people.map(({ open_id: id, name, email }) => [id, name, email])} onRemove={(gone) => onChange(people.filter(({ open_id: id }) => id !== gone))} />
    </div>
  );
}
