// The form of a draft: what it says and whom it is for.

import Button from "@douyinfe/semi-ui-19/lib/es/button";
import Input from "@douyinfe/semi-ui-19/lib/es/input";
import TextArea from "@douyinfe/semi-ui-19/lib/es/input/textarea";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../api/client";
import { asFailure } from "../../api/failure";
import { Fault } from "../../shell/states";
import { pretty } from "../../ui/Code";
import { Field } from "../../ui/Field";
import { SaveRow } from "../../ui/SaveRow";
import { Ids, People, type Person } from "../settings/People";
import type { Input as Body, Notification } from "./api";
import { EMPTY, read, type Simple, written } from "./card";
import { CardView } from "./CardView";

/** Everybody, some people, only chats, everybody who joins from its time on, and those of them in some departments. */
const AUDIENCES = ["everyone", "some", "newcomers", "someNewcomers", "chats"] as const;
type Audience = (typeof AUDIENCES)[number];
const SCOPES = { everyone: 0, some: 2, newcomers: 3, someNewcomers: 3, chats: 1 } as const;

interface Values {
  name: string;
  /** Nothing where the card is edited as JSON. */
  simple: Simple | null;
  json: string;
  audience: Audience;
  users: Person[];
  departments: string[];
  chats: string[];
}

function audienceOf(notification: Notification | undefined): Audience {
  if (notification?.push_scope_type === 1) return "chats";
  if (notification?.push_type === 1) return notification.new_staff_scope_type === 1 ? "someNewcomers" : "newcomers";
  return notification?.push_scope_type === 2 ? "some" : "everyone";
}

function valuesOf(notification: Notification | undefined): Values {
  const audience = audienceOf(notification);
  const departments = audience === "someNewcomers" ? notification?.new_staff_scope_department_list : notification?.department_list;
  return {
    name: notification?.job_name ?? "",
    simple: notification ? read(notification.push_content) : EMPTY,
    json: pretty(notification?.push_content ?? ""),
    audience,
    users: (notification?.user_list ?? []).map(({ user_id: id, name }) => ({ open_id: id ?? "", name: name ?? id ?? "" })),
    departments: (departments ?? []).map(({ department_id: id }) => id ?? ""),
    chats: (notification?.chat_list ?? []).map(({ chat_id: id }) => id ?? ""),
  };
}

function cardOf({ simple, json }: Values): string {
  return simple ? written(simple) : json;
}

/** The body of a call: what an audience does not name is emptied. */
function bodyOf(values: Values): Body {
  const { name, audience, users, departments, chats } = values;
  const named = departments.map((id) => ({ department_id: id }));
  const newcomers = audience === "newcomers" || audience === "someNewcomers";
  return {
    job_name: name,
    push_content: cardOf(values),
    push_type: newcomers ? 1 : 0,
    push_scope_type: SCOPES[audience],
    ...(newcomers && { new_staff_scope_type: audience === "newcomers" ? 0 : 1 }),
    user_list: audience === "some" ? users.map(({ open_id: id }) => ({ user_id: id })) : [],
    department_list: audience === "some" ? named : [],
    new_staff_scope_department_list: audience === "someNewcomers" ? named : [],
    chat_list: chats.map((id) => ({ chat_id: id })),
  };
}

interface DraftProps {
  deskId: string;
  /** None for a new one. */
  notification?: Notification | undefined;
}

export function Draft({ deskId, notification }: DraftProps) {
  const { t } = useTranslation("admin");
  const client = useQueryClient();
  const navigate = useNavigate();
  const [values, setValues] = useState(() => valuesOf(notification));
  const save = useMutation({
    mutationFn: () => {
      const body = bodyOf(values);
      return answer(
        notification
          ? api.PATCH("/admin/v1/desks/{helpdesk_id}/notifications/{notification_id}", { params: { path: { helpdesk_id: deskId, notification_id: notification.id } }, body })
          : api.POST("/admin/v1/desks/{helpdesk_id}/notifications", { params: { path: { helpdesk_id: deskId } }, body }),
      );
    },
    onSuccess: async (shown) => {
      const { id } = shown.notification;
      client.setQueryData(["notifications", deskId, "one", id], shown);
      await client.invalidateQueries({ queryKey: ["notifications", deskId, "list"] });
      if (!notification) await navigate({ to: "/desks/$deskId/notifications/$notificationId", params: { deskId, notificationId: id }, replace: true });
    },
  });
  const set = (change: Partial<Values>): void => {
    setValues((before) => ({ ...before, ...change }));
    save.reset();
  };
  const failure = save.error ? asFailure(save.error) : null;
  const why = (...at: string[]): string | undefined => failure?.fields.find(({ field }) => at.some((name) => field.startsWith(name)))?.why;
  const told = failure?.fields.some(({ field }) => /^(job_name|push_content|user_list|department_list|new_staff_scope_department_list|chat_list)/.test(field));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <div className="beside">
      <form className="card stack" onSubmit={submit} noValidate>
        <Field label={t("notifications.name")} hint={t("notifications.nameHint")} why={why("job_name")}>
          {(attributes) => <Input {...attributes} value={values.name} onChange={(name) => set({ name })} />}
        </Field>
        <Content values={values} why={why("push_content")} onChange={set} />
        <fieldset className="plain stack">
          <legend>{t("notifications.audience")}</legend>
          <div>
            {AUDIENCES.map((audience) => (
              <label key={audience} className="row tick">
                <input type="radio" name="audience" checked={values.audience === audience} onChange={() => set({ audience })} /> {t(`notifications.audiences.${audience}`)}
              </label>
            ))}
          </div>
          {values.audience === "some" && <People deskId={deskId} label={t("settings.people")} people={values.users} why={why("user_list")} onChange={(users) => set({ users })} />}
          {(values.audience === "some" || values.audience === "someNewcomers") && (
            <Ids label={t("settings.departments")} hint={t("settings.departmentsHint")} ids={values.departments} why={why("department_list", "new_staff_scope_department_list")} onChange={(departments) => set({ departments })} />
          )}
          <Ids label={t("notifications.chats")} hint={t("notifications.chatsHint")} ids={values.chats} why={why("chat_list")} onChange={(chats) => set({ chats })} />
        </fieldset>
        {failure && !told && <Fault error={failure} />}
        <SaveRow save={save} saved={t("notifications.saved")} />
      </form>
      <CardView json={cardOf(values)} isDraft />
    </div>
  );
}

interface ContentProps {
  values: Values;
  why: string | undefined;
  onChange: (change: Partial<Values>) => void;
}

/** What the card says: in fields, or as JSON where it holds more than they do. */
function Content({ values, why, onChange }: ContentProps) {
  const { t } = useTranslation("admin");
  const { simple, json } = values;
  if (!simple) {
    const fields = read(json);
    return (
      <>
        <Field label={t("notifications.json")} hint={t("notifications.jsonHint")} why={why}>
          {(attributes) => <TextArea {...attributes} className="mono" autosize={{ minRows: 8, maxRows: 24 }} value={json} onChange={(text) => onChange({ json: text })} />}
        </Field>
        {fields && (
          <div>
            <Button theme="borderless" onClick={() => onChange({ simple: fields })}>
              {t("notifications.asFields")}
            </Button>
          </div>
        )}
      </>
    );
  }
  const set = (change: Partial<Simple>): void => onChange({ simple: { ...simple, ...change } });
  return (
    <>
      <Field label={t("notifications.cardTitle")}>{(attributes) => <Input {...attributes} value={simple.title} onChange={(title) => set({ title })} />}</Field>
      <Field label={t("notifications.text")} hint={t("notifications.textHint")} why={why}>
        {(attributes) => <TextArea {...attributes} autosize={{ minRows: 3, maxRows: 14 }} value={simple.text} onChange={(text) => set({ text })} />}
      </Field>
      <div className="two">
        <Field label={t("notifications.button")} hint={t("notifications.buttonHint")}>
          {(attributes) => <Input {...attributes} value={simple.button} onChange={(button) => set({ button })} />}
        </Field>
        <Field label={t("notifications.url")}>{(attributes) => <Input {...attributes} value={simple.url} onChange={(url) => set({ url })} />}</Field>
      </div>
      <div>
        <Button theme="borderless" onClick={() => onChange({ simple: null, json: pretty(written(simple)) })}>
          {t("notifications.asJson")}
        </Button>
      </div>
    </>
  );
}
