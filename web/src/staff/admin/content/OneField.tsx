// One customized field of tickets.

import Input from "@douyinfe/semi-ui-19/lib/es/input";
import TextArea from "@douyinfe/semi-ui-19/lib/es/input/textarea";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../api/client";
import { asFailure } from "../../api/failure";
import { Page } from "../../shell/Shell";
import { Fault, Nothing, Read } from "../../shell/states";
import { Choice } from "../../ui/Choice";
import { Field } from "../../ui/Field";
import { Confirmed } from "../../ui/Confirmed";
import { SaveRow } from "../../ui/SaveRow";
import { type FieldType, idOf, type TicketField, useFields } from "./Fields";
import { Options } from "./Options";
import { type Row, rowsOf, treeOf } from "./options";

const TYPES = ["string", "multiline", "dropdown", "dropdown_nested"] as const;

interface Draft {
  key: string;
  name: string;
  type: FieldType;
  description: string;
  visible: boolean;
  required: boolean;
  editable: boolean;
  multiple: boolean;
  options: Row[];
}

function draftOf(field: TicketField | undefined): Draft {
  return {
    key: field?.key_name ?? "",
    name: field?.display_name ?? "",
    type: (field?.field_type as FieldType | undefined) ?? "string",
    description: field?.description ?? "",
    visible: field?.visible ?? true,
    required: field?.required ?? false,
    editable: field?.editable ?? true,
    multiple: field?.dropdown_allow_multiple ?? false,
    options: rowsOf(field?.dropdown_options?.children ?? undefined),
  };
}

/** What both making and changing a field say. */
function common({ name, description, visible, required, type, options }: Draft) {
  const picks = type === "dropdown" || type === "dropdown_nested";
  return { display_name: name, description, visible, required, ...(picks && { dropdown_options: { children: treeOf(options) } }) };
}

function Delete({ deskId, field, onDone }: { deskId: string; field: TicketField; onDone: () => void }) {
  const { t } = useTranslation("admin");
  const path = { helpdesk_id: deskId, field_id: idOf(field) };
  const remove = () => answer(api.DELETE("/admin/v1/desks/{helpdesk_id}/fields/{field_id}", { params: { path } }));
  return (
    <Confirmed danger label={t("fields.delete")} title={t("fields.deleteTitle", { name: field.display_name })} act={remove} onDone={onDone}>
      <p>{t("fields.deleteWhy")}</p>
    </Confirmed>
  );
}

interface TickProps {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

function Tick({ label, checked, onChange }: TickProps) {
  return (
    <label className="row tick">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} /> {label}
    </label>
  );
}

interface FormProps {
  deskId: string;
  /** None for a new one. */
  field?: TicketField | undefined;
  /** Where a new one comes: after the others. */
  place: number;
}

function FieldForm({ deskId, field, place }: FormProps) {
  const { t } = useTranslation(["admin", "shell"]);
  const client = useQueryClient();
  const navigate = useNavigate();
  const [draft, setDraft] = useState(() => draftOf(field));
  const save = useMutation({
    mutationFn: () => {
      const { key, type, editable, multiple } = draft;
      return answer(
        field
          ? api.PATCH("/admin/v1/desks/{helpdesk_id}/fields/{field_id}", { params: { path: { helpdesk_id: deskId, field_id: idOf(field) } }, body: common(draft) })
          : api.POST("/admin/v1/desks/{helpdesk_id}/fields", {
              params: { path: { helpdesk_id: deskId } },
              body: { ...common(draft), key_name: key, field_type: type, position: String(place), editable, ...(type === "dropdown" && { dropdown_allow_multiple: multiple }) },
            }),
      );
    },
    onSuccess: async ({ field: saved }) => {
      await client.invalidateQueries({ queryKey: ["fields", deskId] });
      if (!field) await navigate({ to: "/desks/$deskId/fields/$fieldId", params: { deskId, fieldId: idOf(saved) }, replace: true });
    },
  });
  const set = (change: Partial<Draft>): void => {
    setDraft((before) => ({ ...before, ...change }));
    save.reset();
  };
  const failure = save.error ? asFailure(save.error) : null;
  const why = (name: string): string | undefined => failure?.fields.find(({ field: at }) => at.startsWith(name))?.why;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  const gone = (): void => {
    void client.invalidateQueries({ queryKey: ["fields", deskId] });
    void navigate({ to: "/desks/$deskId/fields", params: { deskId } });
  };
  const nested = draft.type === "dropdown_nested";
  const told = ["key_name", "display_name", "description", "dropdown_options"].some(why);
  return (
    <form className="card stack" onSubmit={submit} noValidate>
      <Field label={t("fields.name")} why={why("display_name")}>
        {(attributes) => <Input {...attributes} value={draft.name} onChange={(name) => set({ name })} />}
      </Field>
      {field ? (
        <p className="field-hint">
          <code>{field.key_name}</code> · {t(`fields.types.${draft.type}`)} · {t(draft.editable ? "fields.canChange" : "fields.cannotChange")}
          {draft.multiple && ` · ${t("fields.several")}`}
        </p>
      ) : (
        <>
          <Field label={t("fields.key")} hint={t("fields.keyHint")} why={why("key_name")}>
            {(attributes) => <Input {...attributes} value={draft.key} onChange={(key) => set({ key })} />}
          </Field>
          <div className="field">
            <span aria-hidden="true">{t("fields.type")}</span>
            <Choice label={t("fields.type")} value={draft.type} options={TYPES.map((type) => [type, t(`fields.types.${type}`)])} onChange={(type) => type && set({ type })} />
          </div>
        </>
      )}
      <Field label={t("fields.description")} why={why("description")}>
        {(attributes) => <TextArea {...attributes} autosize={{ minRows: 2, maxRows: 8 }} value={draft.description} onChange={(description) => set({ description })} />}
      </Field>
      {(draft.type === "dropdown" || nested) && <Options rows={draft.options} nested={nested} why={why("dropdown_options")} onChange={(options) => set({ options })} />}
      <div>
        <Tick label={t("fields.visible")} checked={draft.visible} onChange={(visible) => set({ visible })} />
        <Tick label={t("fields.required")} checked={draft.required} onChange={(required) => set({ required })} />
        {!field && <Tick label={t("fields.editable")} checked={draft.editable} onChange={(editable) => set({ editable })} />}
        {!field && draft.type === "dropdown" && <Tick label={t("fields.several")} checked={draft.multiple} onChange={(multiple) => set({ multiple })} />}
      </div>
      {failure && !told && <Fault error={failure} />}
      <SaveRow save={save} saved={t("fields.saved")}>
        {field && <Delete deskId={deskId} field={field} onDone={gone} />}
      </SaveRow>
    </form>
  );
}

export function OneField() {
  const { t } = useTranslation(["admin", "shell"]);
  const { deskId, fieldId } = useParams({ strict: false }) as { deskId: string; fieldId: string };
  const query = useFields(deskId);
  const isNew = fieldId === "new";
  const field = query.data?.fields.find((one) => idOf(one) === fieldId);
  const back = (
    <Link to="/desks/$deskId/fields" params={{ deskId }}>
      ← {t("fields.title")}
    </Link>
  );
  return (
    <Page title={isNew ? t("fields.add") : (field?.display_name ?? t("fields.one"))} lead={back}>
      <Read query={query}>
        {({ fields }) =>
          field || isNew ? <FieldForm key={fieldId} deskId={deskId} field={field} place={1 + Math.max(-1, ...fields.map(({ position }) => Number(position)))} /> : <Nothing title={t("shell:gone")}>{t("shell:goneWhy")}</Nothing>
        }
      </Read>
    </Page>
  );
}
