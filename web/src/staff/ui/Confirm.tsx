import Modal from "@douyinfe/semi-ui-19/lib/es/modal";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

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
  return (
    <Modal
      visible={visible}
      title={title}
      okText={action}
      cancelText={t("cancel")}
      // By themselves both have English names for screen readers.
      okButtonProps={{ type: "danger", loading: pending, "aria-label": action }}
      cancelButtonProps={{ "aria-label": t("cancel") }}
      closable={false}
      onOk={onConfirm}
      onCancel={onCancel}
    >
      {children}
    </Modal>
  );
}
