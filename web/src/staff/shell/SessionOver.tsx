import Modal from "@douyinfe/semi-ui-19/lib/es/modal";
import { useTranslation } from "react-i18next";
import { SignInForm } from "./SignInForm";

/** Over a page whose session is over: what was typed stays until its writer is back. */
export default function SessionOver({ email }: { email: string }) {
  const { t } = useTranslation();
  return (
    <Modal visible title={t("signIn.title")} footer={null} closable={false} maskClosable={false} closeOnEsc={false}>
      <p>{t("signIn.again")}</p>
      <SignInForm email={email} />
    </Modal>
  );
}
