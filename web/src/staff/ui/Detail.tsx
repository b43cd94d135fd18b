// The frame of what a list opens.

import IconClose from "@douyinfe/semi-icons/lib/es/icons/IconClose";
import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

interface DetailProps {
  title: string;
  /** Where the list is. */
  back: string;
  actions?: ReactNode;
  children: ReactNode;
}

export function Detail({ title, back, actions, children }: DetailProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const heading = useRef<HTMLHeadingElement>(null);
  // What was opened is read next.
  useEffect(() => heading.current?.focus(), [title]);
  return (
    <section className="pane-detail" aria-label={title}>
      <div className="detail-head">
        <h2 ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <div className="row">
          {actions}
          <Button theme="borderless" type="tertiary" icon={<IconClose aria-hidden />} aria-label={t("close")} onClick={() => void navigate({ to: back })} />
        </div>
      </div>
      {children}
    </section>
  );
}

/** Names and values. */
export function Facts({ facts }: { facts: [name: string, value: ReactNode][] }) {
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
