// A ticket: its conversation, the composer, what lies beside it.

import { useQuery } from "@tanstack/react-query";
import { type DragEvent, useEffect, useEffectEvent, useRef } from "react";
import { useTranslation } from "react-i18next";
import { asFailure } from "../../api/failure";
import { Boundary, Fault, Loading, Nothing } from "../../shell/states";
import { type Present, read, type TicketView } from "../api/calls";
import { useKeys } from "../keys/keys";
import { usePresence } from "../live/presence";
import { useGo } from "../place";
import { Side } from "../side/Side";
import { possible, useAct } from "./acting";
import { ask, leaveTicket, useQuestion, wantComposer, wantFaqs } from "./asking";
import { Composer } from "./Composer";
import { Head } from "./Head";
import { Log } from "./Log";
import { usePictures } from "./pictures";
import { lazily } from "../ui/lazily";

const Dialogs = lazily(async () => (await import("./Dialogs")).Dialogs);
const ManageCanned = lazily(async () => (await import("./ManageCanned")).ManageCanned);

export function Ticket({ id }: { id: string }) {
  const { t } = useTranslation(["agent", "shell"]);
  const go = useGo();
  const query = useQuery(read.ticket(id));
  if (query.data) return <Opened view={query.data} />;
  if (!query.error) return <Loading />;
  const isGone = [404, 400].includes(asFailure(query.error).status);
  return (
    <div className="ticket-missing">
      {isGone ? <Nothing title={t("ticket.gone")} /> : <Fault error={query.error} onRetry={() => void query.refetch()} />}
      <button type="button" className="link" onClick={() => go({ ticket: undefined })}>
        {t("act.back")}
      </button>
    </div>
  );
}

function Opened({ view }: { view: TicketView }) {
  const { t } = useTranslation(["agent", "shell"]);
  const { ticket, guest } = view;
  const id = ticket.ticket_id;
  const act = useAct(id);
  const question = useQuestion();
  const { others, onType, onSent } = usePresence(id, view);
  const can = possible(view);
  useKeys({
    t: () => can.take && act.mutate({ action: "take" }),
    h: () => (can.hold ? act.mutate({ action: "hold" }) : can.resume && act.mutate({ action: "resume" })),
    a: () => can.transfer && ask("transfer"),
    c: () => can.collaborate && ask("collaborator"),
    e: () => can.close && ask("close"),
    r: () => can.reply && wantComposer("reply"),
    n: () => wantComposer("note"),
    f: () => wantFaqs(),
  });
  useEffect(() => {
    document.title = `${guest.name} · ${t("shell:app.agent")} · ${t("shell:product")}`;
  }, [guest.name, t]);
  const { attach } = usePictures(id);
  const onDrop = (event: DragEvent): void => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    if (can.reply) attach([...event.dataTransfer.files]);
  };
  useEffect(() => leaveTicket, []);
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a phone the list that had the focus is gone now.
    if (isPhone.matches) section.current?.focus({ preventScroll: true });
  }, []);
  const forget = useEffectEvent(() => {
    // What is still on its way may yet fail, and is told then.
    if (!act.isPending) act.reset();
  });
  useEffect(() => forget(), [question]);
  // A dialog shows its own failures.
  const failed = act.error !== null && question === null;
  return (
    <>
      <section className="conversation" ref={section} tabIndex={-1} aria-label={t("ticket.of", { name: guest.name })} onDragOver={(event) => event.dataTransfer.types.includes("Files") && event.preventDefault()} onDrop={onDrop}>
        <Head view={view} act={act} />
        <Others others={others} />
        {failed && <Fault error={act.error} />}
        <Boundary>
          <Log ticketId={id} />
        </Boundary>
        {!can.reply && <p className="no-reply">{whyNot(view, t)}</p>}
        <Composer view={view} onType={onType} onSent={onSent} />
      </section>
      <Side view={view} />
      {question !== null && <Dialogs view={view} act={act} />}
      {question === "canned" && <ManageCanned desk={ticket.helpdesk_id} />}
    </>
  );
}

const isPhone = matchMedia("(max-width: 760px)");

function whyNot({ ticket, may }: TicketView, t: ReturnType<typeof useTranslation<["agent", "shell"]>>["t"]): string {
  if (ticket.status >= 50) return t("write.closed");
  if (ticket.stage === 1) return t("write.withBot");
  if (ticket.owner) return t("write.others");
  return t(may.take ? "write.takeFirst" : may.act ? "write.handFirst" : "write.others");
}

/** A warning that somebody else is here too. */
function Others({ others }: { others: Present[] }) {
  const { t } = useTranslation("agent");
  const typing = others.filter((other) => other.typing);
  const names = (people: Present[]): string => people.map(({ name }) => name).join(", ");
  return (
    <div role="status">
      {others.length > 0 && (
        <p className={`others${typing.length > 0 ? " others-typing" : ""}`}>{typing.length > 0 ? t("others.type", { names: names(typing) }) : t("others.here", { names: names(others) })}</p>
      )}
    </div>
  );
}
