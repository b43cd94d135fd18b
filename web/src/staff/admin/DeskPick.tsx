// Which help desk the pages are about, and the way to another.

import { useNavigate, useRouterState } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Choice } from "../ui/Choice";
import { rememberDesk, useRunDesks } from "./desk";

/** The part of a page's address that another help desk has, too. */
const PART = /^\/desks\/\d+\/([a-z]+)/;

export function DeskPick({ at }: { at: { id: string; name: string } }) {
  const { t } = useTranslation("admin");
  const desks = useRunDesks();
  const navigate = useNavigate();
  const path = useRouterState({ select: (state) => state.location.pathname });
  if (desks.length < 2) return at.name;
  const go = (id: string): void => {
    rememberDesk(id);
    const part = PART.exec(path)?.[1];
    if (part) void navigate({ to: `/desks/${id}/${part}` });
  };
  return <Choice label={t("desks.pick")} value={at.id} options={desks.map(({ id, name }) => [id, name])} onChange={go} />;
}
