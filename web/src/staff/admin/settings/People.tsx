// Lists of people, departments and chats in a form.

import IconClose from "@douyinfe/semi-icons/lib/es/icons/IconClose";
import Button from "@douyinfe/semi-ui-19/lib/es/button";
import Input from "@douyinfe/semi-ui-19/lib/es/input";
import { useMutation } from "@tanstack/react-query";
import { type KeyboardEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../../api/client";
import { Fault } from "../../shell/states";
import { Field } from "../../ui/Field";

export type Person = Schemas["AdminPerson"];

interface ListedProps {
  label: string;
  hint: string;
  why: string | undefined;
  entries: [key: string, name: string, note?: string | undefined][];
  pending?: boolean;
  onAdd: (text: string) => Promise<boolean> | boolean;
  onRemove: (key: string) => void;
  children?: ReactNode;
}

/** Entries that are added by writing them down, and taken away by a button each. */
function Listed({ label, hint, why, entries, pending = false, onAdd, onRemove, children }: ListedProps) {
  const { t } = useTranslation("admin");
  const [text, setText] = useState("");
  const add = async (): Promise<void> => {
    if (text.trim() && (await onAdd(text.trim()))) setText("");
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
    // The form around it is not saved by it.
    event.preventDefault();
    void add();
  };
  return (
    <div className="stack-close">
      <Field label={label} hint={hint} why={why}>
        {(attributes) => (
          <div className="row listed-add">
            <Input {...attributes} className="grow" value={text} onChange={setText} onKeyDown={onKeyDown} />
            <Button loading={pending} onClick={() => void add()} aria-label={t("settings.addTo", { list: label })}>
              {t("settings.add")}
            </Button>
          </div>
        )}
      </Field>
      {children}
      {entries.length > 0 && (
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
      )}
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

/** People, found by e-mail address or id. */
export function People({ deskId, label, people, why, onChange }: PeopleProps) {
  const { t } = useTranslation("admin");
  const find = useMutation({
    mutationFn: (key: string) => answer(api.GET("/admin/v1/desks/{helpdesk_id}/people", { params: { path: { helpdesk_id: deskId }, query: { key } } })),
  });
  const add = async (key: string): Promise<boolean> => {
    // What went wrong is shown below the field.
    const found = await find.mutateAsync(key).catch(() => null);
    if (!found?.people.length) return false;
    const known = new Set(people.map(({ open_id: id }) => id));
    onChange([...people, ...found.people.filter(({ open_id: id }) => !known.has(id))]);
    return true;
  };
  const nobody = find.data?.people.length === 0 ? t("settings.nobody") : undefined;
  return (
    <Listed
      label={label}
      hint={t("settings.peopleHint")}
      why={nobody ?? why}
      entries={people.map(({ open_id: id, name, email }) => [id, name, email])}
      pending={find.isPending}
      onAdd={add}
      onRemove={(gone) => onChange(people.filter(({ open_id: id }) => id !== gone))}
    >
      {find.error && <Fault error={find.error} />}
    </Listed>
  );
}

interface IdsProps {
  label: string;
  hint: string;
  ids: string[];
  why: string | undefined;
  onChange: (ids: string[]) => void;
}

/** Departments or chats, by id: there is no list of them here. */
export function Ids({ label, hint, ids, why, onChange }: IdsProps) {
  const add = (id: string): boolean => {
    if (!ids.includes(id)) onChange([...ids, id]);
    return true;
  };
  return <Listed label={label} hint={hint} why={why} entries={ids.map((id) => [id, id])} onAdd={add} onRemove={(gone) => onChange(ids.filter((id) => id !== gone))} />;
}
