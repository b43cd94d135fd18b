import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { SignInForm } from "./SignInForm";

/** The page for people who are not signed in. */
export default function SignIn({ controls }: { controls: ReactNode }) {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = `${t("signIn.title")} · ${t("product")}`;
  }, [t]);
  return (
    <div className="sign-in">
      <div className="sign-in-controls">{controls}</div>
      <main className="sign-in-card">
        <img src="/assets/favicon.svg" alt="" width="44" height="44" />
        <h1>{t("signIn.title")}</h1>
        <p className="muted">{t("signIn.lead")}</p>
        <SignInForm />
      </main>
    </div>
  );
}
