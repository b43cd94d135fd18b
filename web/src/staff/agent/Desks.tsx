import { useTranslation } from "react-i18next";
import { useSignedIn } from "../api/session";
import { Page } from "../shell/Shell";
import { Nothing } from "../shell/states";

/** Where an agent works. */
export function Desks() {
  const { t } = useTranslation(["agent", "shell"]);
  const { desks } = useSignedIn();
  return (
    <Page title={t("desks.title")} lead={t("desks.lead")}>
      {desks.length === 0 && <Nothing title={t("desks.none")}>{t("desks.noneWhy")}</Nothing>}
      <ul className="cards">
        {desks.map(({ id, name, rights }) => (
          <li key={id} className="card stack">
            <div>
              <h2>{name}</h2>
              <p className="muted">{t(`shell:rights.${rights}`)}</p>
            </div>
            <a href={`/desk/${id}`}>{t("desks.chat")}</a>
          </li>
        ))}
      </ul>
    </Page>
  );
}
