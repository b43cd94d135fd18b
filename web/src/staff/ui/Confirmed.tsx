import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Fault } from "../shell/states";
import { Confirm } from "./Confirm";

interface ConfirmedProps<T> {
  /** What is going to be done, as both buttons say it. */
  label: string;
  /** For screen readers, where several such buttons stand below each other. */
  name?: string;
  title: string;
  /** Whether something is lost by it for good. */
  danger?: boolean;
  disabled?: boolean;
  act: () => Promise<T>;
  onDone: (done: T) => unknown;
  /** What it means. */
  children: ReactNode;
}

/** A button for what takes others along: it is done once that is confirmed. */
export function Confirmed<T>({ label, name, title, danger = false, disabled = false, act, onDone, children }: ConfirmedProps<T>) {
  const [asking, setAsking] = useState(false);
  const doing = useMutation({
    mutationFn: act,
    onSuccess: (done) => {
      setAsking(false);
      return onDone(done);
    },
  });
  const cancel = (): void => {
    setAsking(false);
    doing.reset();
  };
  return (
    <>
      <Button type={danger ? "danger" : "primary"} disabled={disabled} onClick={() => setAsking(true)} {...(name && { "aria-label": name })}>
        {label}
      </Button>
      <Confirm visible={asking} title={title} action={label} pending={doing.isPending} onConfirm={() => doing.mutate()} onCancel={cancel}>
        {children}
        {doing.error && <Fault error={doing.error} />}
      </Confirm>
    </>
  );
}
