import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Fault } from "../shell/states";
import { Confirm } from "./Confirm";

interface RemovalProps {
  /** What is going to be done, as both buttons say it. */
  label: string;
  /** For screen readers, where several such buttons stand below each other. */
  name?: string;
  title: string;
  remove: () => Promise<unknown>;
  onDone: () => unknown;
  /** What goes, and what that means. */
  children: ReactNode;
}

/** A button that deletes something, once that is confirmed. */
export function Removal({ label, name, title, remove, onDone, children }: RemovalProps) {
  const [asking, setAsking] = useState(false);
  const removal = useMutation({ mutationFn: remove, onSuccess: onDone });
  return (
    <>
      <Button type="danger" onClick={() => setAsking(true)} {...(name && { "aria-label": name })}>
        {label}
      </Button>
      <Confirm visible={asking} title={title} action={label} pending={removal.isPending} onConfirm={() => removal.mutate()} onCancel={() => setAsking(false)}>
        {children}
        {removal.error && <Fault error={removal.error} />}
      </Confirm>
    </>
  );
}
