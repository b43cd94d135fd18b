// The tree of FAQ categories: made, renamed, moved, deleted; from which scores on their FAQs are shown.

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

/** The category with this id, wherever it is. */
function within(tree: Category[], id: string): Category | undefined {
  for (const category of tree) {
    const found = category.id === id ? category : within(category.children ?? [], id);
    if (found) return found;
  }
  return undefined;
}

const SCORES = ["direct_score", "list_score"] as const;
type ScoreName = (typeof SCORES)[number];

/** A score as it is written into its field; nothing if it is inherited. */
function scoreText(category: Category | undefined, name: ScoreName): string {
  return category?.[name]?.toString() ?? "";
}

/** A score that a field holds; null if it is inherited. */
function scoreOf(text: string): number | null {
  return text.trim() === "" ? null : Number(text);
}

/** What a category below `parent` inherits; unknown until it is read. */
function useInherited(deskId: string, tree: Category[], parent: string): Category["effective"] | undefined {
  const { data } = useQuery({
    queryKey: ["categories", deskId, "answering"],
    queryFn: () => answer(api.GET("/admin/v1/desks/{helpdesk_id}/answering", { params: { path: { helpdesk_id: deskId } } })),
  });
  return within(tree, parent)?.effective ?? data;
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
  const [scores, setScores] = useState({ direct_score: scoreText(old, "direct_score"), list_score: scoreText(old, "list_score") });
  const inherited = useInherited(deskId, tree, parent);
  const changed = SCORES.filter((score) => scores[score] !== scoreText(old, score));
  const save = useMutation({
    mutationFn: () =>
      answer(
        old
          ? api.PATCH("/admin/v1/desks/{helpdesk_id}/categories/{category_id}", {
              params: { path: { helpdesk_id: deskId, category_id: old.id } },
              body: {
                ...(name !== old.name && { name }),
                ...(parent !== doing.parent && { parent_id: parent }),
                ...Object.fromEntries(changed.map((score) => [score, scoreOf(scores[score])])),
              },
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
        {old &&
          SCORES.map((score) => (
            <Field key={score} label={t(`categories.${score}`)} hint={inherited && t("categories.scoreHint", { score: inherited[score].toFixed(2) })} why={why(score)}>
              {(attributes) => (
                <Input
                  {...attributes}
                  className="short"
                  type="number"
                  min={0}
                  max={1}
                  step={0.01}
                  placeholder={inherited?.[score].toFixed(2) ?? ""}
                  value={scores[score]}
                  onChange={(text) => (setScores({ ...scores, [score]: text }), save.reset())}
                />
              )}
            </Field>
          ))}
        {!old && (
          <Field label={t("categories.language")} hint={t("categories.languageHint")} why={why("language")}>
            {(attributes) => <Input {...attributes} className="short" value={language} onChange={(text) => (setLanguage(text), save.reset())} />}
          </Field>
        )}
        {failure && !["name", "parent_id", "language", ...SCORES].some(why) && <Fault error={failure} />}
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
        const { id, name, language, children, effective } = category;
        const own = SCORES.some((score) => category[score] !== undefined);
        return (
          <li key={id}>
            <div className="tree-line">
              <span className="grow">
                {name} {language && <small className="muted">{language}</small>}
                {own && <small className="muted category-scores">{t("categories.scores", { direct: effective.direct_score.toFixed(2), list: effective.list_score.toFixed(2) })}</small>}
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
