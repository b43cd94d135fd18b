import { useTranslation } from "react-i18next";
import { Dialog } from "../ui/Dialog";
import { SignInForm } from "./SignInForm";

/** Over a page whose session is over, and over its dialogs: what was typed stays until its writer is back. */
export default function SessionOver({ email }: { email: string }) {
  const { t } = useTranslation();
  return (
    <Dialog title={t("signIn.title")}>
      <p>{t("signIn.again")}</p>
      <SignInForm email={email} />
    </Dialog>
  );
}
