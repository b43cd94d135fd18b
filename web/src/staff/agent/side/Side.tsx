// Beside the conversation: the guest and the ticket's data, FAQs, the timeline.

import IconArrowLeft from "@douyinfe/semi-icons/lib/es/icons/IconArrowLeft";
import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Boundary } from "../../shell/states";
import { kept, useStore } from "../../ui/store";
import type { TicketView } from "../api/calls";
import { useGo } from "../place";
import { wantedFaqs } from "../ticket/asking";
import { Data } from "./Data";
import { Faqs } from "./Faqs";
import { Timeline } from "./Timeline";

const TABS = ["data", "faqs", "timeline"] as const;
type Tab = (typeof TABS)[number];

export function Side({ view }: { view: TicketView }) {
  const { t } = useTranslation("agent");
  const go = useGo();
  const [tab, setTab] = useState<Tab>(() => TABS.find((name) => name === kept.get("side")) ?? "data");
  const asked = useStore(wantedFaqs);
  const seen = useRef(asked);
  const pick = (next: Tab): void => {
    setTab(next);
    kept.set("side", next);
  };
  useEffect(() => {
    if (seen.current === asked) return;
    seen.current = asked;
    pick("faqs");
    go({ side: "open" }, true);
  }, [asked, go]);
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const next = TABS[(TABS.indexOf(tab) + step + TABS.length) % TABS.length] ?? "data";
    pick(next);
    event.currentTarget.querySelector<HTMLElement>(`#side-tab-${next}`)?.focus();
    event.preventDefault();
  };
  return (
    <aside className="side" aria-label={t("side.title")}>
      <div className="side-head">
        <Button className="side-back" theme="borderless" type="tertiary" icon={<IconArrowLeft aria-hidden />} aria-label={t("side.hide")} onClick={() => go({ side: undefined }, true)} />
        <div className="tabs" role="tablist" aria-label={t("side.title")} onKeyDown={onKeyDown}>
          {TABS.map((name) => (
            <button key={name} type="button" role="tab" id={`side-tab-${name}`} aria-selected={tab === name} aria-controls="side-panel" tabIndex={tab === name ? 0 : -1} onClick={() => pick(name)}>
              {t(`side.${name}`)}
            </button>
          ))}
        </div>
      </div>
      <div className="side-panel" role="tabpanel" id="side-panel" aria-labelledby={`side-tab-${tab}`} tabIndex={0}>
        <Boundary key={tab}>
          {tab === "data" && <Data view={view} />}
          {tab === "faqs" && <Faqs view={view} asked={asked} />}
          {tab === "timeline" && <Timeline view={view} />}
        </Boundary>
      </div>
    </aside>
  );
}
