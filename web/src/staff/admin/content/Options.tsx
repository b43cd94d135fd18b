import IconArrowLeft from "@douyinfe/semi-icons/lib/es/icons/IconArrowLeft";
import IconArrowRight from "@douyinfe/semi-icons/lib/es/icons/IconArrowRight";
import IconDelete from "@douyinfe/semi-icons/lib/es/icons/IconDelete";
import IconPlus from "@douyinfe/semi-icons/lib/es/icons/IconPlus";
import Button from "@douyinfe/semi-ui-19/lib/es/button";
import Input from "@douyinfe/semi-ui-19/lib/es/input";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { mayGoIn, type Row, shifted } from "./options";

interface OptionsProps {
  rows: Row[];
  nested: boolean;
  why: string | undefined;
  onChange: (rows: Row[]) => void;
}

/** The options of a drop-down; of a nested one each may stand below the one before it. */
export function Options({ rows, nested, why, onChange }: OptionsProps) {
  const { t } = useTranslation("admin");
  const list = useRef<HTMLUListElement>(null);
  const set = (id: number, change: Partial<Row>): void => onChange(rows.map((row) => (row.id === id ? { ...row, ...change } : row)));
  const add = (): void => {
    const id = 1 + Math.max(-1, ...rows.map((row) => row.id));
    onChange([...rows, { id, tag: "", name: "", depth: rows.at(-1)?.depth ?? 0 }]);
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>("li:last-child input")?.focus());
  };
  return (
    <fieldset className="plain stack">
      <legend>{t("fields.options")}</legend>
      <p className="field-hint">{t(nested ? "fields.nestedHint" : "fields.optionsHint")}</p>
      <ul ref={list} className="options">
        {rows.map((row, at) => (
          <li key={row.id} className="row" style={{ marginLeft: row.depth * 24 }}>
            <Input className="grow" aria-label={t("fields.optionName", { number: at + 1 })} placeholder={t("fields.namePlace")} value={row.name} onChange={(name) => set(row.id, { name })} onEnterPress={(event) => (event.preventDefault(), add())} />
            <Input className="option-tag" aria-label={t("fields.optionTag", { number: at + 1 })} placeholder={t("fields.tagPlace")} value={row.tag} onChange={(tag) => set(row.id, { tag })} />
            {nested && (
              <>
                <Button theme="borderless" type="tertiary" icon={<IconArrowLeft aria-hidden />} disabled={row.depth === 0} aria-label={t("fields.optionOut", { number: at + 1 })} onClick={() => onChange(shifted(rows, at, -1))} />
                <Button theme="borderless" type="tertiary" icon={<IconArrowRight aria-hidden />} disabled={!mayGoIn(rows, at)} aria-label={t("fields.optionIn", { number: at + 1 })} onClick={() => onChange(shifted(rows, at, 1))} />
              </>
            )}
            <Button theme="borderless" type="tertiary" icon={<IconDelete aria-hidden />} aria-label={t("fields.optionRemove", { number: at + 1 })} onClick={() => onChange(rows.filter(({ id }) => id !== row.id))} />
          </li>
        ))}
      </ul>
      <div>
        <Button icon={<IconPlus aria-hidden />} onClick={add}>
          {t("fields.optionAdd")}
        </Button>
      </div>
      {why && <p className="field-why">{why}</p>}
    </fieldset>
  );
}
