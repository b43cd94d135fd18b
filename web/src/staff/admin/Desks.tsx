import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api } from "../api/client";
import { Page } from "../shell/Shell";
import { Nothing, Read } from "../shell/states";

/** The help desks somebody looks after, at a glance. */
export function Desks() {
  const { t } = useTranslation(["admin", "shell"]);
  const query = useQuery({ queryKey: ["desks"], queryFn: () => answer(api.GET("/admin/v1/desks")) });
  return (
    <Page title={t("desks.title")} lead={t("desks.lead")}>
      <Read query={query}>
        {({ desks }) =>
          desks.length === 0 ? (
            <Nothing title={t("desks.none")}>{t("desks.noneWhy")}</Nothing>
          ) : (
            <ul className="cards">
              {desks.map(({ id, name, rights, open_tickets, faqs }) => (
                <li key={id} className="card stack">
                  <div>
                    <h2>{name}</h2>
                    <p className="muted">{t(`shell:rights.${rights}`)}</p>
                  </div>
                  <p>
                    {t("desks.openTickets", { count: open_tickets })}, {t("desks.faqs", { count: faqs })}
                  </p>
                  <a href={`/desk/${id}`}>{t("desks.chat")}</a>
                </li>
              ))}
            </ul>
          )
        }
      </Read>
    </Page>
  );
}
