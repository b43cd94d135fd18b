// The help desk itself: its name and texts, its colour, who may ask, who owns it, its secrets.

import Button from "@douyinfe/semi-ui-19/lib/es/button";
import Input from "@douyinfe/semi-ui-19/lib/es/input";
import TextArea from "@douyinfe/semi-ui-19/lib/es/input/textarea";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../../api/client";
import { asFailure } from "../../api/failure";
import { Page } from "../../shell/Shell";
import { Fault, Read } from "../../shell/states";
import { pictureOf } from "../../ui/DeskPicture";
import { Field } from "../../ui/Field";
import { SaveRow } from "../../ui/SaveRow";
import { useDesk } from "../desk";
import { useAdministers } from "../tenant/api";
import { Closed, Closing } from "./Closing";
import { Owner } from "./Owner";
import { Ids, People, type Person } from "./People";
import { Picture } from "./Picture";
import { Preview } from "./Preview";
import { DeskToken, Widget } from "./Secrets";
import { TimeZone } from "./TimeZone";

type Set = Schemas["AdminSettings"];
type Change = Schemas["ChangeSettings"];

interface Draft {
  name: string;
  description: string;
  /** A new picture as a `data:` address, empty for none; undefined: as it is. */
  avatar: string | undefined;
  welcome: string;
  away: string;
  accent: string;
  timezone: string;
  all: boolean;
  users: Person[];
  departments: string[];
}

function draftOf({ name, description, welcome, away, accent = "", timezone, visibility }: Set): Draft {
  const { all, users, departments } = visibility;
  return { name, description, avatar: undefined, welcome, away, accent, timezone, all, users, departments };
}

/** Who may ask, as a change says it. */
function visibilityOf({ all, users, departments }: Draft): NonNullable<Change["visibility"]> {
  return all ? { all: true } : { all: false, users: users.map(({ open_id: id }) => id), departments };
}

/** Only what was changed here is sent, so that what somebody else changed meanwhile stays. */
function changesOf(before: Draft, after: Draft): Change {
  const texts = (["name", "description", "avatar", "welcome", "away", "accent", "timezone"] as const).filter((key) => after[key] !== before[key]);
  const visibility = visibilityOf(after);
  const same = JSON.stringify(visibility) === JSON.stringify(visibilityOf(before));
  return { ...Object.fromEntries(texts.map((key) => [key, after[key]])), ...(!same && { visibility }) };
}

const NEUTRAL = "#2c5686";

function Accent({ value, why, onChange }: { value: string; why: string | undefined; onChange: (accent: string) => void }) {
  const { t } = useTranslation("admin");
  return (
    <Field label={t("settings.accent")} hint={t("settings.accentHint")} why={why}>
      {(attributes) => (
        <div className="row">
          <input type="color" className="swatch" aria-label={t("settings.pickColour")} value={/^#[\da-f]{6}$/i.test(value) ? value : NEUTRAL} onChange={(event) => onChange(event.target.value)} />
          <Input {...attributes} className="short" placeholder="#rrggbb" value={value} onChange={onChange} />
          {value && (
            <Button theme="borderless" onClick={() => onChange("")}>
              {t("settings.noColour")}
            </Button>
          )}
        </div>
      )}
    </Field>
  );
}

interface AudienceProps {
  deskId: string;
  draft: Draft;
  why: (at: string) => string | undefined;
  onChange: (change: Partial<Draft>) => void;
}

/** Who may ask. */
function Audience({ deskId, draft, why, onChange }: AudienceProps) {
  const { t } = useTranslation("admin");
  return (
    <fieldset className="plain stack">
      <legend>{t("settings.visibility")}</legend>
      <div>
        {([true, false] as const).map((all) => (
          <label key={String(all)} className="row tick">
            <input type="radio" name="visibility" checked={draft.all === all} onChange={() => onChange({ all })} /> {t(all ? "settings.everybody" : "settings.onlySome")}
          </label>
        ))}
      </div>
      {!draft.all && (
        <>
          <p className="field-hint">{t("settings.someHint")}</p>
          <People deskId={deskId} label={t("settings.people")} people={draft.users} why={why("visibility.users")} onChange={(users) => onChange({ users })} />
          <Ids label={t("settings.departments")} hint={t("settings.departmentsHint")} ids={draft.departments} why={why("visibility.departments")} onChange={(departments) => onChange({ departments })} />
        </>
      )}
    </fieldset>
  );
}

function SettingsForm({ deskId, settings }: { deskId: string; settings: Set }) {
  const { t } = useTranslation("admin");
  const administers = useAdministers();
  const client = useQueryClient();
  const [draft, setDraft] = useState(() => draftOf(settings));
  const [begun, setBegun] = useState(draft);
  const save = useMutation({
    mutationFn: () => answer(api.PATCH("/admin/v1/desks/{helpdesk_id}/settings", { params: { path: { helpdesk_id: deskId } }, body: changesOf(begun, draft) })),
    onSuccess: (changed) => {
      setDraft(draftOf(changed));
      setBegun(draftOf(changed));
      client.setQueryData(["settings", deskId], changed);
      return client.invalidateQueries({ predicate: ({ queryKey: [what] }) => what === "session" || what === "agents" || what === "desks" });
    },
  });
  const set = (change: Partial<Draft>): void => {
    setDraft((before) => ({ ...before, ...change }));
    save.reset();
  };
  const failure = save.error ? asFailure(save.error) : null;
  const why = (at: string): string | undefined => failure?.fields.find(({ field }) => field.startsWith(at))?.why;
  const told = ["name", "description", "avatar", "welcome", "away", "accent", "timezone", "visibility"].some(why);
  const picture = draft.avatar === undefined ? pictureOf(deskId, settings.avatar_key) : draft.avatar || undefined;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <div className="stack">
      {settings.closed_at !== undefined && <Closed deskId={deskId} name={settings.name} since={settings.closed_at} mayOpen={administers} />}
      <div className="beside">
        <form className="card stack" onSubmit={submit} noValidate>
          <Field label={t("settings.name")} why={why("name")}>
            {(attributes) => <Input {...attributes} value={draft.name} onChange={(name) => set({ name })} />}
          </Field>
          <Field label={t("settings.description")} hint={t("settings.descriptionHint")} why={why("description")}>
            {(attributes) => <Input {...attributes} maxLength={200} value={draft.description} onChange={(description) => set({ description })} />}
          </Field>
          <Picture name={draft.name} src={picture} why={why("avatar")} onChange={(avatar) => set({ avatar })} />
          <Field label={t("settings.welcome")} hint={t("settings.welcomeHint")} why={why("welcome")}>
            {(attributes) => <TextArea {...attributes} autosize={{ minRows: 2, maxRows: 8 }} value={draft.welcome} onChange={(welcome) => set({ welcome })} />}
          </Field>
          <Field label={t("settings.away")} hint={t("settings.awayHint")} why={why("away")}>
            {(attributes) => <TextArea {...attributes} autosize={{ minRows: 2, maxRows: 8 }} value={draft.away} onChange={(away) => set({ away })} />}
          </Field>
          <Accent value={draft.accent} why={why("accent")} onChange={(accent) => set({ accent })} />
          <TimeZone value={draft.timezone} why={why("timezone")} onChange={(timezone) => set({ timezone })} />
          <Audience deskId={deskId} draft={draft} why={why} onChange={set} />
          {failure && !told && <Fault error={failure} />}
          <SaveRow save={save} saved={t("settings.saved")} />
        </form>
        <Preview name={draft.name} description={draft.description} picture={picture} welcome={draft.welcome} away={draft.away} accent={draft.accent} />
      </div>
      <Owner deskId={deskId} owner={settings.owner} />
      <Widget deskId={deskId} />
      <DeskToken deskId={deskId} />
      {administers && !settings.closed_at && <Closing deskId={deskId} name={settings.name} />}
    </div>
  );
}

export function Settings() {
  const { t } = useTranslation("admin");
  const { deskId } = useParams({ strict: false }) as { deskId: string };
  const desk = useDesk();
  const query = useQuery({
    queryKey: ["settings", deskId],
    queryFn: () => answer(api.GET("/admin/v1/desks/{helpdesk_id}/settings", { params: { path: { helpdesk_id: deskId } } })),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  return (
    <Page title={t("settings.title")} lead={desk?.name}>
      <Read query={query}>{(settings) => <SettingsForm key={deskId} deskId={deskId} settings={settings} />}</Read>
    </Page>
  );
}
