// The widget's snippet, and new secrets, which are shown once.

import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../api/client";
import { Code } from "../../ui/Code";
import { Confirmed } from "../../ui/Confirmed";

interface RenewalProps {
  label: string;
  title: string;
  /** What becomes of those who use the old one. */
  warning: string;
  /** What the secret is called. */
  secret: string;
  renew: () => Promise<string>;
  /** What it is used with. */
  children?: ReactNode;
}

/** Makes a secret anew, once that is confirmed, and shows it for as long as the page is open. */
function Renewal({ label, title, warning, secret, renew, children }: RenewalProps) {
  const { t } = useTranslation("admin");
  const [made, setMade] = useState<string>();
  return (
    <>
      <div>
        <Confirmed label={label} title={title} act={renew} onDone={setMade}>
          <p>{warning}</p>
        </Confirmed>
      </div>
      {made !== undefined && (
        <div className="stack-close">
          <p role="status" className="once">
            {t("settings.shownOnce")}
          </p>
          <Code text={made} label={secret} />
          {children}
        </div>
      )}
    </>
  );
}

/** What a site has to hold for the widget. */
function snippetOf(deskId: string, more = ""): string {
  return `<script src="${location.origin}/widget.js" data-desk="${deskId}"${more} async></script>`;
}

/** How other pages come to have the chat, and who their visitors are. */
export function Widget({ deskId }: { deskId: string }) {
  const { t } = useTranslation("admin");
  const path = { helpdesk_id: deskId };
  const renew = async (): Promise<string> => (await answer(api.POST("/admin/v1/desks/{helpdesk_id}/widget-secret", { params: { path } }))).widget_secret;
  return (
    <section className="card stack" aria-labelledby="widget-title">
      <h2 id="widget-title">{t("settings.widget")}</h2>
      <p>{t("settings.widgetWhy")}</p>
      <Code text={snippetOf(deskId)} label={t("settings.snippet")} />
      <p className="chat-address">
        {t("settings.chatAddress")} <a href={`/desk/${deskId}`}>{`${location.origin}/desk/${deskId}`}</a>
      </p>
      <h3>{t("settings.widgetSecret")}</h3>
      <p>{t("settings.widgetSecretWhy")}</p>
      <Renewal label={t("settings.renewSecret")} title={t("settings.renewSecretTitle")} warning={t("settings.renewSecretWarning")} secret={t("settings.widgetSecret")} renew={renew}>
        <Code text={snippetOf(deskId, ' data-identity-token="IDENTITY_TOKEN"')} label={t("settings.snippetSigned")} />
      </Renewal>
    </section>
  );
}

/** The token by which apps name the help desk. */
export function DeskToken({ deskId }: { deskId: string }) {
  const { t } = useTranslation("admin");
  const path = { helpdesk_id: deskId };
  const renew = async (): Promise<string> => (await answer(api.POST("/admin/v1/desks/{helpdesk_id}/token", { params: { path } }))).token;
  return (
    <section className="card stack" aria-labelledby="token-title">
      <h2 id="token-title">{t("settings.token")}</h2>
      <p>
        {t("settings.tokenWhy")} <code>{deskId}</code>
      </p>
      <Renewal label={t("settings.renewToken")} title={t("settings.renewTokenTitle")} warning={t("settings.renewTokenWarning")} secret={t("settings.token")} renew={renew} />
    </section>
  );
}
