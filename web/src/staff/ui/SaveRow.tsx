import Button from "@douyinfe/semi-ui-19/lib/es/button";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

interface SaveRowProps {
  save: { isPending: boolean; isSuccess: boolean };
  /** What is said when it is saved. */
  saved: string;
  /** What else can be done with it. */
  children?: ReactNode;
}

/** The end of a form: saves it and says that it is saved. */
export function SaveRow({ save, saved, children }: SaveRowProps) {
  const { t } = useTranslation();
  return (
    <div className="row">
      <Button htmlType="submit" theme="solid" loading={save.isPending}>
        {t("save")}
      </Button>
      {children}
      <span role="status">{save.isSuccess && saved}</span>
    </div>
  );
}
