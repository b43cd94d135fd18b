import IconClose from "@douyinfe/semi-icons/lib/es/icons/IconClose";
import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";

interface TagsProps {
  names: string[];
  known: string[];
  onAdd: (name: string) => void;
  onRemove: (name: string) => void;
}

/** A ticket's tags: known ones are offered, new ones are made by writing them. */
export function Tags({ names, known, onAdd, onRemove }: TagsProps) {
  const { t } = useTranslation("agent");
  const id = useId();
  const [typed, setTyped] = useState("");
  const add = (event: FormEvent): void => {
    event.preventDefault();
    const name = typed.trim();
    setTyped("");
    if (name && !names.includes(name)) onAdd(name);
  };
  return (
    <div className="field">
      <label htmlFor={id}>{t("data.tags")}</label>
      {names.length > 0 && (
        <ul className="tags">
          {names.map((name) => (
            <li key={name} className="tag">
              {name}
              <Button theme="borderless" type="tertiary" size="small" icon={<IconClose size="small" aria-hidden />} aria-label={t("data.removeTag", { name })} onClick={() => onRemove(name)} />
            </li>
          ))}
        </ul>
      )}
      <form className="tag-form" onSubmit={add}>
        <input id={id} className="text-field" list={`${id}-known`} maxLength={50} placeholder={t("data.addTag")} value={typed} onChange={(event) => setTyped(event.target.value)} />
        <datalist id={`${id}-known`}>
          {known
            .filter((name) => !names.includes(name))
            .map((name) => (
              <option key={name} value={name} />
            ))}
        </datalist>
        {typed.trim() && (
          <Button htmlType="submit" size="small">
            {t("data.add")}
          </Button>
        )}
      </form>
    </div>
  );
}
