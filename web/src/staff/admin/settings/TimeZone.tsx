import Input from "@douyinfe/semi-ui-19/lib/es/input";
import { useId, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Field } from "../../ui/Field";

/** The time zone of agents' hours, with the names that the browser knows. */
export function TimeZone({ value, why, onChange }: { value: string; why: string | undefined; onChange: (zone: string) => void }) {
  const { t } = useTranslation("admin");
  const id = useId();
  const zones = useMemo(() => Intl.supportedValuesOf("timeZone"), []);
  return (
    <Field label={t("settings.timezone")} hint={t("settings.timezoneHint")} why={why}>
      {(attributes) => (
        <>
          <Input {...attributes} list={id} value={value} onChange={onChange} />
          <datalist id={id}>
            {zones.map((zone) => (
              <option key={zone} value={zone} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}
