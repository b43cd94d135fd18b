// Imports a file of FAQs: what it would do is shown first, row by row.

import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../../api/client";
import { asFailure } from "../../api/failure";
import { language } from "../../i18n";
import { Page } from "../../shell/Shell";
import { Fault, Loading } from "../../shell/states";
import { Badge, type Tone } from "../../ui/Badge";
import { useStore } from "../../ui/store";

type Preview = Schemas["FaqFilePreview"];
type Row = Schemas["FaqFileRow"];

const TONES: Record<Row["outcome"], Tone> = { new: "good", changed: "warn", same: "plain", faulty: "bad" };
/** Rows that are shown at once. */
const SHOWN = 50;

/** The file as a form; the browser says itself what it is. */
function asForm(file: File) {
  const form = new FormData();
  form.set("file", file);
  return { body: { file: file.name }, bodySerializer: () => form };
}

export function Import() {
  const { t } = useTranslation("admin");
  const { deskId } = useParams({ strict: false }) as { deskId: string };
  const client = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File>();
  const [makeCategories, setMakeCategories] = useState(false);
  const [skip, setSkip] = useState(false);
  const path = { helpdesk_id: deskId };
  const look = useMutation({
    mutationFn: ({ of, make }: { of: File; make: boolean }) =>
      answer(api.POST("/admin/v1/desks/{helpdesk_id}/faq-file/preview", { params: { path, query: { create_categories: make } }, ...asForm(of) })),
  });
  const put = useMutation({
    mutationFn: ({ of, seen }: { of: File; seen: string }) =>
      answer(api.POST("/admin/v1/desks/{helpdesk_id}/faq-file/import", { params: { path, query: { create_categories: makeCategories, skip_faulty: skip, seen } }, ...asForm(of) })),
    onSuccess: () => client.invalidateQueries(),
  });
  const choose = (chosen: File | undefined): void => {
    if (!chosen) return;
    setFile(chosen);
    setSkip(false);
    put.reset();
    look.mutate({ of: chosen, make: makeCategories });
  };
  const switchCategories = (make: boolean): void => {
    setMakeCategories(make);
    if (file) look.mutate({ of: file, make });
  };
  const preview = look.data;
  const ready = preview && file && !put.data && preview.made + preview.changed > 0 && (preview.faulty === 0 || skip);
  const back = (
    <Link to="/desks/$deskId/faqs" params={{ deskId }}>
      ← {t("faqs.title")}
    </Link>
  );
  return (
    <Page title={t("import.title")} lead={back}>
      <section className="card stack">
        <p>{t("import.lead")}</p>
        <p className="muted">{t("import.limits")}</p>
        <Templates deskId={deskId} />
        <div className="row">
          <input ref={input} type="file" hidden accept=".csv,.xlsx,text/csv" aria-label={t("import.file")} onChange={(event) => (choose(event.target.files?.[0]), (event.target.value = ""))} />
          <Button theme={preview ? "light" : "solid"} onClick={() => input.current?.click()}>
            {t(file ? "import.another" : "import.choose")}
          </Button>
          {file && <strong className="import-name">{file.name}</strong>}
        </div>
        <label className="row tick">
          <input type="checkbox" checked={makeCategories} onChange={(event) => switchCategories(event.target.checked)} /> {t("import.makeCategories")}
        </label>
      </section>
      {look.isPending && <Loading />}
      {look.error && <Refused error={look.error} file={file} />}
      {put.data && <Done deskId={deskId} counts={put.data} />}
      {preview && !put.data && !look.isPending && (
        <section className="stack import-preview" aria-label={t("import.preview")}>
          <Columns preview={preview} />
          <p role="status" className="row">
            <Badge tone={preview.made > 0 ? TONES.new : "plain"}>{t("import.made", { count: preview.made })}</Badge>
            <Badge tone={preview.changed > 0 ? TONES.changed : "plain"}>{t("import.changed", { count: preview.changed })}</Badge>
            <Badge>{t("import.same", { count: preview.same })}</Badge>
            {preview.faulty > 0 && <Badge tone={TONES.faulty}>{t("import.faulty", { count: preview.faulty })}</Badge>}
          </p>
          {preview.categories.length > 0 && <p>{t("import.categories", { list: preview.categories.join(", ") })}</p>}
          {preview.faulty > 0 && (
            <label className="row tick">
              <input type="checkbox" checked={skip} onChange={(event) => setSkip(event.target.checked)} /> {t("import.skip", { count: preview.faulty })}
            </label>
          )}
          {put.error && <Refused error={put.error} file={file} />}
          <div>
            <Button theme="solid" disabled={!ready} loading={put.isPending} onClick={() => file && put.mutate({ of: file, seen: preview.seen })}>
              {t("import.import")}
            </Button>
          </div>
          <Rows key={preview.seen + preview.total} rows={preview.rows} />
        </section>
      )}
    </Page>
  );
}

/** Why the file as a whole is not taken, in the reader's language. */
function Refused({ error, file }: { error: unknown; file: File | undefined }) {
  const { t } = useTranslation("admin");
  const { reason } = asFailure(error);
  if (!reason) return <Fault error={error} />;
  const { code, column, ...values } = reason as Schemas["FaqFileFault"];
  const why = t(`import.fault.${code}`, { ...values, column: column && t(`import.column.${column}`) });
  return <Fault error={error} words={`${file?.name}: ${why}`} />;
}

function Templates({ deskId }: { deskId: string }) {
  const { t } = useTranslation("admin");
  const headings = useStore(language);
  const of = (format: string) => `/admin/v1/desks/${deskId}/faq-file/template?format=${format}&headings=${headings}`;
  return (
    <p>
      {t("import.template")}{" "}
      <a href={of("xlsx")} download>
        Excel (XLSX)
      </a>
      {", "}
      <a href={of("csv")} download>
        CSV
      </a>
    </p>
  );
}

/** What a heading is taken for, where that is not what it says. */
function sameOr(heading: string, name: string): string {
  return heading === name ? heading : `${heading} → ${name}`;
}

function Columns({ preview }: { preview: Preview }) {
  const { t } = useTranslation("admin");
  const known = preview.columns.flatMap(({ column, heading }) => (column ? [sameOr(heading, t(`import.column.${column}`))] : []));
  const unknown = preview.columns.filter(({ column, heading }) => !column && heading).map(({ heading }) => heading);
  return (
    <p className="muted">
      {t("import.known", { list: known.join(", ") })}
      {unknown.length > 0 && ` ${t("import.unknown", { list: unknown.join(", ") })}`}
    </p>
  );
}

function Done({ deskId, counts }: { deskId: string; counts: Schemas["FaqFileImport"] }) {
  const { t } = useTranslation("admin");
  const { made, changed, same, skipped, categories } = counts;
  return (
    <section className="card stack">
      <p role="status">
        <strong>{t("import.done")}</strong> {t("import.made", { count: made })}, {t("import.changed", { count: changed })}, {t("import.same", { count: same })}
        {skipped > 0 && `, ${t("import.skipped", { count: skipped })}`}
        {categories > 0 && `, ${t("import.newCategories", { count: categories })}`}.
      </p>
      <Link to="/desks/$deskId/faqs" params={{ deskId }}>
        {t("import.toFaqs")}
      </Link>
    </section>
  );
}

/** The rows with faults come first, those without a change last. */
function Rows({ rows }: { rows: Row[] }) {
  const { t } = useTranslation("admin");
  const [shown, setShown] = useState(SHOWN);
  const order = ["faulty", "changed", "new", "same"];
  const sorted = [...rows].sort((one, other) => order.indexOf(one.outcome) - order.indexOf(other.outcome) || one.row - other.row);
  return (
    <>
      <ul className="rows">
        {sorted.slice(0, shown).map((row) => (
          <li key={row.row}>
            <OneRow row={row} />
          </li>
        ))}
      </ul>
      {sorted.length > shown && (
        <Button block onClick={() => setShown(shown + SHOWN)}>
          {t("import.more", { count: sorted.length - shown })}
        </Button>
      )}
    </>
  );
}

function OneRow({ row }: { row: Row }) {
  const { t } = useTranslation("admin");
  const column = (name: Schemas["FaqFileChange"]["column"]) => t(`import.column.${name}`);
  const said = ({ column: where, code, faq_ids: ids, ...values }: Schemas["FaqFileFault"]) => {
    const what = t(`import.fault.${code}`, { ...values, ids: ids?.join(", ") });
    return where ? `${column(where)}: ${what}` : what;
  };
  return (
    <article className="import-row">
      <p>
        <Badge tone={TONES[row.outcome]}>{t(`import.outcome.${row.outcome}`)}</Badge> <span className="muted">{t("import.row", { row: row.row })}</span> <strong>{row.question}</strong>
      </p>
      {row.faults.length > 0 && (
        <ul className="import-faults field-why">
          {row.faults.map((fault) => (
            <li key={(fault.column ?? "") + fault.why}>{said(fault)}</li>
          ))}
        </ul>
      )}
      {row.changes.map((change) => (
        <p key={change.column} className="version-text">
          {column(change.column)}: {change.before && <del>{change.before}</del>} {change.after && <ins>{change.after}</ins>}
        </p>
      ))}
      {row.notes.map(({ note, faq_id: id }) => (
        <p key={note} className="muted">
          {t(`import.note.${note}`, { id })}
        </p>
      ))}
    </article>
  );
}
