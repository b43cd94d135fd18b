// Over the conversation: whose ticket it is, how it stands, what can be done.

import IconArrowLeft from "@douyinfe/semi-icons/lib/es/icons/IconArrowLeft";
import IconForward from "@douyinfe/semi-icons/lib/es/icons/IconForward";
import IconPause from "@douyinfe/semi-icons/lib/es/icons/IconPause";
import IconPlay from "@douyinfe/semi-icons/lib/es/icons/IconPlay";
import IconSidebar from "@douyinfe/semi-icons/lib/es/icons/IconSidebar";
import IconTickCircle from "@douyinfe/semi-icons/lib/es/icons/IconTickCircle";
import IconUserAdd from "@douyinfe/semi-icons/lib/es/icons/IconUserAdd";
import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { useTranslation } from "react-i18next";
import type { TicketView } from "../api/calls";
import { Status, Wait } from "../inbox/Row";
import { useGo, usePlace } from "../place";
import { Avatar } from "../ui/Avatar";
import { ask } from "./asking";
import { possible, type useAct } from "./acting";

export function Head({ view, act }: { view: TicketView; act: ReturnType<typeof useAct> }) {
  const { t } = useTranslation("agent");
  const go = useGo();
  const place = usePlace();
  const { ticket, guest } = view;
  const can = possible(view);
  const busy = act.isPending ? act.variables.action : null;
  return (
    <header className="ticket-head">
      <Button className="phone-only" theme="borderless" type="tertiary" icon={<IconArrowLeft aria-hidden />} aria-label={t("act.back")} onClick={() => go({ ticket: undefined, side: undefined })} />
      <Avatar name={guest.name} id={guest.open_id} />
      <div className="ticket-title">
        <h1>{guest.name}</h1>
        <p className="ticket-facts">
          <Status ticket={ticket} />
          {ticket.owner ? <span>{t("ticket.has", { name: ticket.owner.name })}</span> : ticket.stage === 2 && ticket.status < 50 && <span>{t("ticket.nobodys")}</span>}
          <Wait ticket={ticket} long />
        </p>
      </div>
      <div className="ticket-actions">
        {can.take && (
          <Button theme="solid" icon={<IconUserAdd aria-hidden />} loading={busy === "take"} onClick={() => act.mutate({ action: "take" })}>
            {t("act.take")}
          </Button>
        )}
        {can.hold && (
          <Button icon={<IconPause aria-hidden />} loading={busy === "hold"} onClick={() => act.mutate({ action: "hold" })}>
            {t("act.hold")}
          </Button>
        )}
        {can.resume && (
          <Button icon={<IconPlay aria-hidden />} loading={busy === "resume"} onClick={() => act.mutate({ action: "resume" })}>
            {t("act.resume")}
          </Button>
        )}
        {can.transfer && (
          <Button icon={<IconForward aria-hidden />} onClick={() => ask("transfer")}>
            {t("act.transfer")}
          </Button>
        )}
        {can.close && (
          <Button icon={<IconTickCircle aria-hidden />} loading={busy === "close"} onClick={() => ask("close")}>
            {t("act.close")}
          </Button>
        )}
        <Button
          className="side-toggle"
          theme="borderless"
          type="tertiary"
          icon={<IconSidebar aria-hidden />}
          aria-label={t("side.show")}
          aria-pressed={place.side === "open"}
          onClick={() => go({ side: place.side === "open" ? undefined : "open" }, true)}
        />
      </div>
    </header>
  );
}
