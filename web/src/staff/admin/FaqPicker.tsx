// Names a FAQ: one of those that are likely, or one that is searched for.

import Input from "@douyinfe/semi-ui-19/lib/es/input";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useDeferredValue, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api } from "../api/client";
import { Fault } from "../shell/states";

const FOUND = 6;

export interface Pick {
  id: string;
  question: string;
  /** Why it is likely. */
  why?: string | undefined;
}

interface FaqPickerProps {
  deskId: string;
  label: string;
  /** The likely ones, which are there without a search. */
  likely: Pick[];
  value: string;
  onChange: (id: string) => void;
  /** Other choices beside FAQs. */
  others?: (name: string) => ReactNode;
}

export function FaqPicker({ deskId, label, likely, value, onChange, others }: FaqPickerProps) {
  const { t } = useTranslation("admin");
  const name = useId();
  const [search, setSearch] = useState("");
  const [chosen, setChosen] = useState<Pick>();
  const asked = useDeferredValue(search.trim());
  const query = useQuery({
    queryKey: ["faqs", deskId, "pick", asked],
    queryFn: () => answer(api.GET("/admin/v1/desks/{helpdesk_id}/faqs", { params: { path: { helpdesk_id: deskId }, query: { search: asked, page_size: FOUND } } })),
    enabled: asked !== "",
    placeholderData: (before) => before,
  });
  const found: Pick[] = asked ? (query.data?.faqs ?? []).map(({ faq_id: id, question }) => ({ id, question })) : [];
  // What was chosen stays, also when something else is searched for.
  const all = [...likely, ...(chosen ? [chosen] : []), ...found];
  const picks = all.filter(({ id }, at) => all.findIndex((other) => other.id === id) === at);
  return (
    <fieldset className="field picker">
      <legend>{label}</legend>
      {others?.(name)}
      {picks.map((pick) => (
        <label key={pick.id} className="pick">
          <input type="radio" name={name} checked={value === pick.id} onChange={() => (setChosen(pick), onChange(pick.id))} />
          <span>
            {pick.question}
            {pick.why && <small className="muted"> {pick.why}</small>}
          </span>
        </label>
      ))}
      <Input type="search" aria-label={t("pick.search")} placeholder={t("pick.search")} value={search} onChange={setSearch} onEnterPress={(event) => event.preventDefault()} />
      {query.error && <Fault error={query.error} />}
      <span role="status" className="muted">
        {asked && query.data && found.length === 0 && t("pick.none")}
      </span>
    </fieldset>
  );
}
