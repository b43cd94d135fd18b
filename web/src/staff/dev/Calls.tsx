import { useTranslation } from "react-i18next";
import { Page } from "../shell/Shell";

export function Calls() {
  const { t } = useTranslation("dev");
  return <Page title={t("calls")}>{null}</Page>;
}
