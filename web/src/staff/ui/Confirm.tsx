import Button from "@douyinfe/semi-ui-19/lib/es/button";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "./Dialog";

interface ConfirmProps {
  visible: boolean;
  title: string;
  /** What is going to be done, as the button says it. */
  action: string;
  pending: boolean;
  onConfirm: () => void;
  onCancel: () => void;
  children: ReactNode;
}

/** Asks before something that takes others along. */
export function Confirm({ visible, title, action, pending, onConfirm, onCancel, children }: ConfirmProps) {
  const { t } = useTranslation();
  if (!visible) return null;
  return (
    <Dialog title={title} onClose={onCancel}>
      {children}
      <div className="dialog-actions">
        <Button onClick={onCancel}>{t("cancel")}</Button>
        <Button type="danger" theme="solid" loading={pending} onClick={onConfirm}>
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
