import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { useTranslation } from "react-i18next";
import { Copy } from "../../ui/Copy";
import { Facts } from "../../ui/Detail";
import { Dialog } from "../../ui/Dialog";

interface OnceProps {
  title: string;
  /** What whoever has them can do. */
  why?: string;
  /** What is shown, by its name. */
  values: [name: string, value: string][];
  onDone: () => void;
}

/** Secrets that are told this once: the dialog stays until somebody says that they have them. */
export function Once({ title, why, values, onDone }: OnceProps) {
  const { t } = useTranslation("admin");
  return (
    <Dialog title={title}>
      <p>{why ?? t("apps.once")}</p>
      <Facts
        facts={values.map(([name, value]) => [
          name,
          <span key={name} className="row">
            <code>{value}</code> <Copy text={value} label={t("apps.copy", { name })} />
          </span>,
        ])}
      />
      <div className="dialog-actions">
        <Button theme="solid" onClick={onDone}>
          {t("apps.kept")}
        </Button>
      </div>
    </Dialog>
  );
}
