// What a FAQ said before: its versions, what differs, and the way back.

import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../../api/client";
import { Page } from "../../shell/Shell";
import { Nothing, Read } from "../../shell/states";
import { Confirmed } from "../../ui/Confirmed";
import { Paged } from "../../ui/Paged";
import { Time } from "../../ui/Time";

type Line = Schemas["VersionLine"];
type Piece = Schemas["VersionPiece"];

const PAGE = 20;

interface Of {
  deskId: string;
  faqId: string;
}

/** A text in which words were added and removed; screen readers hear both as such. */
function Words({ pieces }: { pieces: Piece[] }) {
  return (
    <p className="version-text">
      {pieces.map(({ side, text }, at) => {
        const key = `${at}`;
        if (side === "added") return <ins key={key}>{text}</ins>;
        if (side === "removed") return <del key={key}>{text}</del>;
        return <span key={key}>{text}</span>;
      })}
    </p>
  );
}

function Several({ pieces }: { pieces: Piece[] }) {
  return (
    <ul className="version-list">
      {pieces.map((piece, at) => (
        <li key={`${at}`}>
          <Words pieces={[piece]} />
        </li>
      ))}
    </ul>
  );
}

function Whole({ deskId, faqId, version }: Of & { version: string }) {
  const { t } = useTranslation("admin");
  const query = useQuery({
    queryKey: ["faqs", deskId, "version", faqId, version],
    queryFn: () => answer(api.GET("/admin/v1/desks/{helpdesk_id}/faqs/{faq_id}/history/{version}", { params: { path: { helpdesk_id: deskId, faq_id: faqId, version } } })),
  });
  return (
    <Read query={query}>
      {({ difference, against }) => {
        // The first one differs from nothing; it is shown as it is.
        const marked = (pieces: Piece[]): Piece[] => (against ? pieces : pieces.map(({ text }) => ({ side: "same", text })));
        const text = (pieces: Piece[]) => pieces.map((piece) => piece.side + piece.text).join("\n");
        // The rich answer says the same with links and pictures; it is told apart only where it differs on its own.
        const isRich = text(difference.answer_richtext) !== text(difference.answer);
        return (
          <div className="version-whole">
            <p className="muted">{against ? t("history.against", { version: against }) : t("history.first")}</p>
            <h3>{t("faq.question")}</h3>
            <Words pieces={marked(difference.question)} />
            {difference.similar.length > 0 && (
              <>
                <h3>{t("faq.similar")}</h3>
                <Several pieces={marked(difference.similar)} />
              </>
            )}
            <h3>{t("faq.answer")}</h3>
            <Words pieces={marked(difference.answer)} />
            {isRich && (
              <>
                <h3>{t("history.rich")}</h3>
                <Words pieces={marked(difference.answer_richtext)} />
              </>
            )}
            {difference.category.length > 0 && (
              <>
                <h3>{t("faqs.category")}</h3>
                <Several pieces={marked(difference.category)} />
              </>
            )}
          </div>
        );
      }}
    </Read>
  );
}

function Restore({ deskId, faqId, line }: Of & { line: Line }) {
  const { t } = useTranslation("admin");
  const client = useQueryClient();
  const restore = () =>
    answer(api.POST("/admin/v1/desks/{helpdesk_id}/faqs/{faq_id}/history/{version}/restore", { params: { path: { helpdesk_id: deskId, faq_id: faqId, version: line.version } } }));
  const renew = async (): Promise<void> => {
    await client.invalidateQueries({ queryKey: ["faqs", deskId] });
    // What is written in the form must be what the FAQ says now.
    client.removeQueries({ queryKey: ["faqs", deskId, "one", faqId] });
  };
  return (
    <Confirmed label={t("history.restore")} name={t("history.restoreNumber", { version: line.version })} title={t("history.restoreTitle", { version: line.version })} act={restore} onDone={renew}>
      <p>
        <strong>{line.question}</strong>
      </p>
      <p>{t("history.restoreWhy")}</p>
    </Confirmed>
  );
}

function Version({ deskId, faqId, line, isNewest }: Of & { line: Line; isNewest: boolean }) {
  const { t } = useTranslation("admin");
  const [open, setOpen] = useState(isNewest);
  const way = line.way && (line.way === "app" && line.app ? t("history.byApp", { app: line.app }) : t(`history.way.${line.way}`));
  const changed = line.changed.map((part) => t(`history.part.${part}`)).join(", ");
  return (
    <article className="version">
      <div className="version-head">
        <div className="version-main">
          <p>
            <strong>{t(`history.kind.${line.kind}`)}</strong>
            {changed && <span>: {changed}</span>}
          </p>
          <p className="muted">
            {t("history.number", { version: line.version })} · {[line.author_name ?? line.author_id, way].filter(Boolean).join(", ") || t("history.nobody")} · <Time at={line.at} />
          </p>
        </div>
        {!isNewest && <Restore deskId={deskId} faqId={faqId} line={line} />}
      </div>
      <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{t("history.differs")}</summary>
        {open && <Whole deskId={deskId} faqId={faqId} version={line.version} />}
      </details>
    </article>
  );
}

export function History() {
  const { t } = useTranslation("admin");
  const { deskId, faqId } = useParams({ strict: false }) as { deskId: string; faqId: string };
  const query = useInfiniteQuery({
    queryKey: ["faqs", deskId, "history", faqId],
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/admin/v1/desks/{helpdesk_id}/faqs/{faq_id}/history", {
          params: { path: { helpdesk_id: deskId, faq_id: faqId }, query: { page_size: PAGE, ...(pageParam && { page_token: pageParam }) } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.page_token,
  });
  const versions = query.data?.pages.flatMap((page) => page.versions) ?? [];
  const newest = versions[0]?.version;
  const back = (
    <Link to="/desks/$deskId/faqs/$faqId" params={{ deskId, faqId }}>
      ← {versions[0]?.question ?? t("faq.title")}
    </Link>
  );
  return (
    <Page title={t("history.title")} lead={back}>
      <Paged query={query} items={versions} keyOf={({ version }) => version} nothing={<Nothing title={t("history.none")}>{t("history.noneWhy")}</Nothing>}>
        {(line) => <Version deskId={deskId} faqId={faqId} line={line} isNewest={line.version === newest} />}
      </Paged>
    </Page>
  );
}
