import { useTranslation } from "react-i18next";
import { linked, Link } from "../../ui/Rich";
import { read } from "./card";

/** What somebody sees of a card. One with more than a title, a text and a button is shown where it arrives. */
export function CardView({ json, isDraft = false }: { json: string; isDraft?: boolean }) {
  const { t } = useTranslation("admin");
  const card = read(json);
  return (
    <section className="card stack preview-card" aria-labelledby="card-title">
      <h2 id="card-title">{t("settings.preview")}</h2>
      {card ? (
        <div className="push-card">
          {card.title && <h3>{card.title}</h3>}
          <p className="push-text">{card.text ? linked(card.text) : <span className="muted">{t("notifications.noText")}</span>}</p>
          {card.button && (
            <p>
              <Link to={card.url}>{card.button}</Link>
            </p>
          )}
        </div>
      ) : (
        <p className="muted">{t("notifications.noPreview")}</p>
      )}
      {isDraft && <p className="field-hint">{t("notifications.previewHint")}</p>}
    </section>
  );
}
