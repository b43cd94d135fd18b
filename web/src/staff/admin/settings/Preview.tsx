import type { CSSProperties } from "react";
import { useTranslation } from "react-i18next";
import { accentOf } from "../../../chat/accent";
import { DeskPicture } from "../../ui/DeskPicture";

interface PreviewProps {
  name: string;
  description: string;
  picture: string | undefined;
  welcome: string;
  away: string;
  accent: string;
}

/** The colours as the chat sets them; none where there is no colour. */
function coloursOf(accent: string): CSSProperties {
  const colours = accentOf(accent);
  if (!colours) return {};
  return { "--accent": `light-dark(${colours.light}, ${colours.dark})`, "--on-accent": `light-dark(${colours.onLight}, ${colours.onDark})` } as CSSProperties;
}

/** On which of the two grounds the colour is another than the one that was given. */
function changedOn(accent: string): "none" | "light" | "dark" | "both" {
  const colours = accentOf(accent);
  if (!colours) return "none";
  const [light, dark] = [colours.light !== colours.given, colours.dark !== colours.given];
  if (light) return dark ? "both" : "light";
  return dark ? "dark" : "none";
}

/** What the chat and the widget's button look like, light and dark. */
export function Preview({ name, description, picture, welcome, away, accent }: PreviewProps) {
  const { t } = useTranslation("admin");
  const changed = changedOn(accent);
  return (
    <section className="card stack preview-card" aria-labelledby="preview-title">
      <h2 id="preview-title">{t("settings.preview")}</h2>
      {(["light", "dark"] as const).map((scheme) => (
        <figure key={scheme} className={`look look-${scheme}`} style={coloursOf(accent)}>
          <figcaption className="visually-hidden">{t(`settings.looks.${scheme}`)}</figcaption>
          <div className="look-head">
            {picture && <DeskPicture name={name} src={picture} />}
            <span className="look-title">
              <b>{name || "…"}</b>
              {description.trim() && <small>{description}</small>}
            </span>
            <span className="look-human">{t("settings.sampleHuman")}</span>
          </div>
          <div className="look-chat">
            {welcome.trim() && <p className="look-greeting">{welcome}</p>}
            {away.trim() && <p className="look-away">{away}</p>}
            <p className="look-own">{t("settings.sampleQuestion")}</p>
            <p className="look-answer">
              {t("settings.sampleAnswer")} <span className="look-link">{t("settings.sampleLink")}</span>
            </p>
          </div>
          <div className="look-foot">
            <span className="look-send">{t("settings.sampleSend")}</span>
            <span className="look-launcher" aria-hidden="true">
              <svg viewBox="0 0 24 24">
                <path d="M5 5.5h14v10h-8l-4 3.5v-3.5H5z" />
              </svg>
            </span>
          </div>
        </figure>
      ))}
      <p className="field-hint" role="status">
        {changed === "none" ? t("settings.colourAsIs") : t(`settings.colourChanged.${changed}`)}
      </p>
    </section>
  );
}
