import IconCopy from "@douyinfe/semi-icons/lib/es/icons/IconCopy";
import IconTick from "@douyinfe/semi-icons/lib/es/icons/IconTick";
import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

const SHOWN_MS = 2_000;

/** Puts text into the clipboard; whether that worked. */
async function toClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Browsers keep the clipboard from pages on plain HTTP of another machine.
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}

interface CopyProps {
  /** What is copied, or how it is made. */
  text: string | (() => string);
  label?: string;
}

export function Copy({ text, label }: CopyProps) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async (): Promise<void> => setCopied(await toClipboard(typeof text === "string" ? text : text()));
  return (
    <>
      <Button size="small" theme="light" type="tertiary" icon={copied ? <IconTick aria-hidden /> : <IconCopy aria-hidden />} onClick={() => void copy()}>
        {label ?? t("copy")}
      </Button>
      <span role="status" className="visually-hidden">
        {copied && t("copied")}
      </span>
    </>
  );
}
