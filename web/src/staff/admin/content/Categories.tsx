// The tree of FAQ categories: made, renamed, moved, deleted.

import IconDelete from "@douyinfe/semi-icons/lib/es/icons/IconDelete";
import IconEdit from "@douyinfe/semi-icons/lib/es/icons/IconEdit";
import IconPlus from "@douyinfe/semi-icons/lib/es/icons/IconPlus";
import Button from "@douyinfe/semi-ui-19/lib/es/button";
import Input from "@douyinfe/semi-ui-19/lib/es/input";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../../api/client";
import { asFailure } from "../../api/failure";
import { Page } from "../../shell/Shell";
import { Fault, Nothing, Read } from "../../shell/states";
import { Choice } from "../../ui/Choice";
import { Confirm } from "../../ui/Confirm";
import { Dialog } from "../../ui/Dialog";
import { Field } from "../../ui/Field";
import { useDesk } from "../desk";

type Category = Schemas["AdminCategory"];

const TOP = "0";

/** What is being done, and to what. */
type Doing = { what: "add"; parent: string } | { what: "edit"; category: Category; parent: string } | { what: "delete"; category: Category };

/** Where a category may be: everywhere but at or below the one that moves. */
function places(tree: Category[], moving: string | undefined, above = ""): [id: string, name: string][] {
  return tree
    .filter(({ id }) => id !== moving)
    .flatMap(({ id, name, children }): [string, string][] => [[id, above + name], ...places(children ?? [], moving, `${above}${name} / `)]);
}

interface WriteProps {
  deskId: string;
  tree: Category[];
  doing: Exclude<Doing, { what: "delete" }>;
  onClose: () => void;
}

/** Names a category and puts it somewhere. */
function Write({ deskId, tree, doing, onClose }: WriteProps) {
  const { t } = useTranslation(["admin", "shell"]);
  const client = useQueryClient();
  const old = doing.what === "edit" ? doing.category : undefined;
  const [name, setName] = useState(old?.name ?? "");
  const [parent, setParent] = useState(doing.parent);
  const [language, setLanguage] = useState("");
  const save = useMutation({
    mutationFn: () =>
      answer(
        old
          ? api.PATCH("/admin/v1/desks/{helpdesk_id}/categories/{category_id}", {
              params: { path: { helpdesk_id: deskId, category_id: old.id } },
              body: { ...(name !== old.name && { name }), ...(parent !== doing.parent && { parent_id: parent }) },
            })
          : api.POST("/admin/v1/desks/{helpdesk_id}/categories", { params: { path: { helpdesk_id: deskId } }, body: { name, parent_id: parent, ...(language.trim() && { language }) } }),
      ),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["categories", deskId] });
      onClose();
    },
  });
  const failure = save.error ? asFailure(save.error) : null;
  const why = (at: string): string | undefined => failure?.fields.find(({ field }) => field === at)?.why;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  const title = old ? t("categories.editTitle", { name: old.name }) : t("categories.add");
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="stack" onSubmit={submit} noValidate>
        <Field label={t("categories.name")} why={why("name")}>
          {(attributes) => <Input {...attributes} value={name} onChange={(text) => (setName(text), save.reset())} />}
        </Field>
        <div className="field">
          <span aria-hidden="true">{t("categories.parent")}</span>
          <Choice label={t("categories.parent")} value={parent} options={[[TOP, t("categories.top")], ...places(tree, old?.id)]} onChange={(id) => (setParent(id), save.reset())} />
          {why("parent_id") && <p className="field-why">{why("parent_id")}</p>}
        </div>
        {!old && (
          <Field label={t("categories.language")} hint={t("categories.languageHint")} why={why("language")}>
            {(attributes) => <Input {...attributes} className="short" value={language} onChange={(text) => (setLanguage(text), save.reset())} />}
          </Field>
        )}
        {failure && !["name", "parent_id", "language"].some(why) && <Fault error={failure} />}
        <div className="dialog-actions">
          <Button onClick={onClose}>{t("shell:cancel")}</Button>
          <Button htmlType="submit" theme="solid" loading={save.isPending}>
            {t("shell:save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Delete({ deskId, category, onClose }: { deskId: string; category: Category; onClose: () => void }) {
  const { t } = useTranslation("admin");
  const client = useQueryClient();
  const path = { helpdesk_id: deskId, category_id: category.id };
  const remove = useMutation({
    mutationFn: () => answer(api.DELETE("/admin/v1/desks/{helpdesk_id}/categories/{category_id}", { params: { path } })),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["categories", deskId] });
      onClose();
    },
  });
  return (
    <Confirm visible title={t("categories.deleteTitle", { name: category.name })} action={t("categories.delete")} pending={remove.isPending} onConfirm={() => remove.mutate()} onCancel={onClose}>
      <p>{t("categories.deleteWhy")}</p>
      {remove.error && <Fault error={remove.error} />}
    </Confirm>
  );
}

interface LevelProps {
  tree: Category[];
  parent: string;
  onDo: (doing: Doing) => void;
}

function Level({ tree, parent, onDo }: LevelProps) {
  const { t } = useTranslation("admin");
  return (
    <ul className="tree">
      {tree.map((category) => {
        const { id, name, language, children } = category;
        return (
          <li key={id}>
            <div className="tree-line">
              <span className="grow">
                {name} {language && <small className="muted">{language}</small>}
              </span>
              <Button theme="borderless" type="tertiary" icon={<IconPlus aria-hidden />} aria-label={t("categories.addBelow", { name })} onClick={() => onDo({ what: "add", parent: id })} />
              <Button theme="borderless" type="tertiary" icon={<IconEdit aria-hidden />} aria-label={t("categories.editTitle", { name })} onClick={() => onDo({ what: "edit", category, parent })} />
              <Button theme="borderless" type="tertiary" icon={<IconDelete aria-hidden />} aria-label={t("categories.deleteOne", { name })} onClick={() => onDo({ what: "delete", category })} />
            </div>
            {(children?.length ?? 0) > 0 && <Level tree={children ?? []} parent={id} onDo={onDo} />}
          </li>
        );
      })}
    </ul>
  );
}

export function Categories() {
  const { t } = useTranslation("admin");
  const { deskId } = useParams({ strict: false }) as { deskId: string };
  const desk = useDesk();
  const [doing, setDoing] = useState<Doing | null>(null);
  const query = useQuery({
    queryKey: ["categories", deskId],
    queryFn: () => answer(api.GET("/admin/v1/desks/{helpdesk_id}/categories", { params: { path: { helpdesk_id: deskId } } })),
  });
  const end = (): void => setDoing(null);
  const add = (
    <Button theme="solid" icon={<IconPlus aria-hidden />} onClick={() => setDoing({ what: "add", parent: TOP })}>
      {t("categories.add")}
    </Button>
  );
  return (
    <Page title={t("categories.title")} lead={desk?.name} actions={add}>
      <Read query={query}>
        {({ categories }) => (
          <>
            {categories.length === 0 ? <Nothing title={t("categories.none")}>{t("categories.noneWhy")}</Nothing> : <div className="card"><Level tree={categories} parent={TOP} onDo={setDoing} /></div>}
            {doing && doing.what !== "delete" && <Write deskId={deskId} tree={categories} doing={doing} onClose={end} />}
            {doing?.what === "delete" && <Delete deskId={deskId} category={doing.category} onClose={end} />}
          </>
        )}
      </Read>
    </Page>
  );
}
