import IconPlus from "@douyinfe/semi-icons/lib/es/icons/IconPlus";
import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api } from "../api/client";
import { Page } from "../shell/Shell";
import { Nothing, Read } from "../shell/states";
import { Badge } from "../ui/Badge";
import { DeskPicture, pictureOf } from "../ui/DeskPicture";
import { rememberDesk } from "./desk";
import { useAdministers } from "./tenant/api";

const NewDesk = lazy(async () => ({ default: (await import("./tenant/NewDesk")).NewDesk }));

const LOOK_MS = 15_000;

/** The help desks somebody looks after, at a glance. */
export function Desks() {
  const { t } = useTranslation(["admin", "shell"]);
  const query = useQuery({ queryKey: ["desks"], queryFn: () => answer(api.GET("/admin/v1/desks")), refetchInterval: LOOK_MS });
  const administers = useAdministers();
  const [adding, setAdding] = useState(false);
  const add = administers && (
    <Button theme="solid" icon={<IconPlus aria-hidden />} onClick={() => setAdding(true)}>
      {t("desks.add")}
    </Button>
  );
  return (
    <Page title={t("desks.title")} lead={t("desks.lead")} actions={add}>
      <Read query={query}>
        {({ desks }) =>
          desks.length === 0 ? (
            <Nothing title={t("desks.none")}>{t("desks.noneWhy")}</Nothing>
          ) : (
            <ul className="cards">
              {desks.map(({ id, name, description, avatar_key: avatar, rights, open_tickets: tickets, faqs, closed_at: closedAt }) => (
                <li key={id} className="card stack">
                  <div>
                    <h2 className="desk-name">
                      <DeskPicture name={name} src={pictureOf(id, avatar)} /> {name}
                    </h2>
                    {description && <p>{description}</p>}
                    <p className="muted row">
                      <code>{id}</code> <Badge>{t(`shell:rights.${rights}`)}</Badge> {closedAt !== undefined && <Badge tone="warn">{t("closing.badge")}</Badge>}
                    </p>
                  </div>
                  <dl className="figures">
                    <div>
                      <dt>{t("desks.openTickets")}</dt>
                      <dd>{tickets}</dd>
                    </div>
                    <div>
                      <dt>{t("desks.faqs")}</dt>
                      <dd>{faqs}</dd>
                    </div>
                  </dl>
                  <p className="row links">
                    {rights !== "agent" && (
                      <>
                        <Link to="/desks/$deskId/reports" params={{ deskId: id }} onClick={() => rememberDesk(id)}>
                          {t("reports.title")}
                        </Link>
                        <Link to="/desks/$deskId/faqs" params={{ deskId: id }} onClick={() => rememberDesk(id)}>
                          {t("faqs.title")}
                        </Link>
                        <Link to="/desks/$deskId/gaps" params={{ deskId: id }} onClick={() => rememberDesk(id)}>
                          {t("gaps.title")}
                        </Link>
                        <Link to="/desks/$deskId/answering" params={{ deskId: id }} onClick={() => rememberDesk(id)}>
                          {t("answering.title")}
                        </Link>
                        <Link to="/desks/$deskId/settings" params={{ deskId: id }} onClick={() => rememberDesk(id)}>
                          {t("settings.title")}
                        </Link>
                      </>
                    )}
                    <a href={`/desk/${id}`}>{t("desks.chat")}</a>
                  </p>
                </li>
              ))}
            </ul>
          )
        }
      </Read>
      {adding && (
        <Suspense>
          <NewDesk onClose={() => setAdding(false)} />
        </Suspense>
      )}
    </Page>
  );
}
