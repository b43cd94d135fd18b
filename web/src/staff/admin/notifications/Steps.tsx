// What may be done with a notification now, as the server says it.

import Button from "@douyinfe/semi-ui-19/lib/es/button";
import Input from "@douyinfe/semi-ui-19/lib/es/input";
import TextArea from "@douyinfe/semi-ui-19/lib/es/input/textarea";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { asFailure } from "../../api/failure";
import { Fault } from "../../shell/states";
import { Confirm } from "../../ui/Confirm";
import { Dialog } from "../../ui/Dialog";
import { Field } from "../../ui/Field";
import { type Act, type Shown, type Step, useAct } from "./api";

/** Steps that are asked about first: for a reason, a time, or whether it is meant. */
type Asked = "submit" | "approve" | "reject" | "send" | "recall";

const ORDER: Step[] = ["preview", "submit", "approve", "reject", "send", "withdraw", "stop", "recall"];
const MAIN: Step[] = ["submit", "approve", "send"];

function isAsked(step: Step): step is Asked {
  return ["submit", "approve", "reject", "send", "recall"].includes(step);
}

interface AskProps {
  step: "submit" | "approve" | "reject" | "send";
  act: ReturnType<typeof useAct>;
  seen: number;
  onClose: () => void;
}

/** Asks for a reason or a time. */
function Ask({ step, act, seen, onClose }: AskProps) {
  const { t } = useTranslation(["admin", "shell"]);
  const [reason, setReason] = useState("");
  const [later, setLater] = useState(false);
  const [at, setAt] = useState("");
  const failure = act.error ? asFailure(act.error) : null;
  const why = (field: string): string | undefined => failure?.fields.find(({ field: named }) => named === field)?.why;
  const made = (): Act => {
    if (step === "submit") return { what: "submit", reason };
    if (step === "send") return { what: "send", ...(later && { at: new Date(at).getTime() }) };
    return { what: "decide", approve: step === "approve", reason, seen };
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    act.mutate(made(), { onSuccess: onClose });
  };
  return (
    <Dialog title={t(`notifications.ask.${step}.title`)} onClose={onClose}>
      <form className="stack" onSubmit={submit} noValidate>
        <p>{t(`notifications.ask.${step}.why`)}</p>
        {step === "send" ? (
          <>
            <div>
              {([false, true] as const).map((value) => (
                <label key={String(value)} className="row tick">
                  <input type="radio" name="when" checked={later === value} onChange={() => setLater(value)} /> {t(value ? "notifications.later" : "notifications.now")}
                </label>
              ))}
            </div>
            {later && (
              <Field label={t("notifications.at")} why={why("send_at")}>
                {(attributes) => <Input {...attributes} type="datetime-local" value={at} onChange={setAt} />}
              </Field>
            )}
          </>
        ) : (
          <Field label={t("notifications.reason")} why={why("reason")}>
            {(attributes) => <TextArea {...attributes} autosize={{ minRows: 2, maxRows: 6 }} value={reason} onChange={(text) => (setReason(text), act.reset())} />}
          </Field>
        )}
        {failure && !why("reason") && !why("send_at") && <Fault error={failure} />}
        <div className="dialog-actions">
          <Button onClick={onClose}>{t("shell:cancel")}</Button>
          <Button htmlType="submit" theme="solid" loading={act.isPending} disabled={later && !at}>
            {t(`notifications.steps.${step}`)}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

export function Steps({ deskId, shown }: { deskId: string; shown: Shown }) {
  const { t } = useTranslation("admin");
  const act = useAct(deskId, shown.notification.id);
  const [asking, setAsking] = useState<Asked | null>(null);
  const end = (): void => {
    setAsking(null);
    act.reset();
  };
  const press = (step: Step): void => {
    act.reset();
    if (isAsked(step)) setAsking(step);
    else if (step === "preview" || step === "withdraw") act.mutate({ what: step });
    else if (step === "stop") act.mutate({ what: "cancel", recall: false });
  };
  const steps = ORDER.filter((step) => shown.allowed.includes(step));
  const previewed = act.isSuccess && act.variables.what === "preview";
  return (
    <>
      {shown.allowed.includes("approve") || shown.state !== "under_review" ? null : <p>{t("notifications.waitsForOwner")}</p>}
      {steps.length > 0 && (
        <div className="row">
          {steps.map((step) => (
            <Button key={step} theme={MAIN.includes(step) ? "solid" : "light"} type={step === "recall" || step === "reject" ? "danger" : "primary"} loading={act.isPending && !asking} onClick={() => press(step)}>
              {t(`notifications.steps.${step}`)}
            </Button>
          ))}
          <span role="status">{previewed && t("notifications.previewed")}</span>
        </div>
      )}
      {!asking && act.error && <Fault error={act.error} />}
      {asking && asking !== "recall" && <Ask step={asking} act={act} seen={Number(shown.notification.updated_at)} onClose={end} />}
      <Confirm visible={asking === "recall"} title={t("notifications.recallTitle")} action={t("notifications.steps.recall")} pending={act.isPending} onConfirm={() => act.mutate({ what: "cancel", recall: true }, { onSuccess: end })} onCancel={end}>
        <p>{t("notifications.recallWhy")}</p>
        {act.error && <Fault error={act.error} />}
      </Confirm>
    </>
  );
}
