// The FAQs of a help desk, and the recycle bin.

import IconPlus from "@douyinfe/semi-icons/lib/es/icons/IconPlus";
import Button from "@douyinfe/semi-ui-19/lib/es/button";
import Input from "@douyinfe/semi-ui-19/lib/es/input";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useDeferredValue, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../api/client";
import { language } from "../i18n";
import { Page } from "../shell/Shell";
import { Fault, Nothing } from "../shell/states";
import { Choice } from "../ui/Choice";
import { Paged } from "../ui/Paged";
import { useStore } from "../ui/store";
import { Time } from "../ui/Time";
import { useCategories } from "./categories";
import { useDesk } from "./desk";
import { UsageBadges, useUsages } from "./faqs/Usage";
import { TestBox } from "./TestBox";

type Faq = Schemas["Faq"];

const PAGE = 30;

function Row({ deskId, faq, usage }: { deskId: string; faq: Faq; usage: Schemas["FaqUsage"] | undefined }) {
  const { t } = useTranslation("admin");
  const similar = faq.tags?.length ?? 0;
  return (
    <Link to="/desks/$deskId/faqs/$faqId" params={{ deskId, faqId: faq.faq_id }} className="line">
      <span className="line-main">
        <strong>{faq.question}</strong>
        <span className="line-why">
          {faq.categories?.[0]?.name ?? t("faqs.noCategory")}
          {similar > 0 && `, ${t("faqs.similar", { count: similar })}`}
        </span>
      </span>
      <span className="line-end muted">
        <UsageBadges usage={usage} />
        {faq.update_time !== undefined && <Time at={faq.update_time * 1000} />}
      </span>
    </Link>
  );
}

function Deleted({ deskId, faq }: { deskId: string; faq: Faq }) {
  const { t } = useTranslation("admin");
  const client = useQueryClient();
  const restore = useMutation({
    mutationFn: () => answer(api.POST("/admin/v1/desks/{helpdesk_id}/faqs/{faq_id}/restore", { params: { path: { helpdesk_id: deskId, faq_id: faq.faq_id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["faqs", deskId] }),
  });
  return (
    <div className="line">
      <span className="line-main">
        <strong>{faq.question}</strong>
        {faq.expire_time !== undefined && (
          <span className="line-why">
            {t("faqs.until")} <Time at={faq.expire_time * 1000} />
          </span>
        )}
        {restore.error && <Fault error={restore.error} />}
      </span>
      <Button loading={restore.isPending} onClick={() => restore.mutate()} aria-label={`${t("faqs.restore")}: ${faq.question}`}>
        {t("faqs.restore")}
      </Button>
    </div>
  );
}

/** Downloads of what the list shows, and the way to the import. */
function Files({ deskId, filter }: { deskId: string; filter: URLSearchParams }) {
  const { t } = useTranslation("admin");
  const navigate = useNavigate();
  const headings = useStore(language);
  const load = (format: string): void => {
    const query = new URLSearchParams([...filter, ["format", format], ["headings", headings]]);
    if (format) location.assign(`/admin/v1/desks/${deskId}/faq-file?${query}`);
  };
  return (
    <>
      <Choice label={t("import.export")} value="" options={[["csv", t("import.exportCsv")], ["xlsx", t("import.exportXlsx")]]} any={t("import.export")} onChange={load} />
      <Button onClick={() => void navigate({ to: "/desks/$deskId/faqs/import", params: { deskId } })}>{t("import.link")}</Button>
    </>
  );
}

export function Faqs() {
  const { t } = useTranslation(["admin", "shell"]);
  const { deskId } = useParams({ strict: false }) as { deskId: string };
  const navigate = useNavigate();
  const desk = useDesk();
  const categories = useCategories(deskId);
  const [search, setSearch] = useState("");
  const [category, setCategory] = useState("");
  const [deleted, setDeleted] = useState<"" | "bin">("");
  const asked = useDeferredValue({ search: search.trim(), category, deleted });
  const query = useInfiniteQuery({
    queryKey: ["faqs", deskId, "list", asked],
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/admin/v1/desks/{helpdesk_id}/faqs", {
          params: {
            path: { helpdesk_id: deskId },
            query: {
              page_size: PAGE,
              ...(asked.search && { search: asked.search }),
              ...(asked.category && { category_id: asked.category }),
              ...(asked.deleted && { deleted: true }),
              ...(pageParam && { page_token: pageParam }),
            },
          },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.page_token,
    placeholderData: (before) => before,
  });
  const faqs = query.data?.pages.flatMap((page) => page.faqs) ?? [];
  const total = query.data?.pages[0]?.total ?? 0;
  const { data: used } = useUsages(deskId);
  const usages = useMemo(() => new Map(used?.faqs.map((usage) => [usage.faq_id, usage])), [used]);
  const filtered = Boolean(asked.search || asked.category);
  const nothing = (
    <Nothing title={t(asked.deleted ? "faqs.binEmpty" : filtered ? "faqs.noneFound" : "faqs.none")}>
      {t(asked.deleted ? "faqs.binEmptyWhy" : filtered ? "faqs.noneFoundWhy" : "faqs.noneWhy")}
    </Nothing>
  );
  const filter = new URLSearchParams({ ...(asked.search && { search: asked.search }), ...(asked.category && { category_id: asked.category }), ...(asked.deleted && { deleted: "true" }) });
  const add = (
    <>
      <Files deskId={deskId} filter={filter} />
      <Button theme="solid" icon={<IconPlus aria-hidden />} onClick={() => void navigate({ to: "/desks/$deskId/faqs/$faqId", params: { deskId, faqId: "new" } })}>
        {t("faqs.add")}
      </Button>
    </>
  );
  return (
    <Page title={t("faqs.title")} lead={desk?.name} actions={add}>
      <div className="beside">
        <section aria-label={t("faqs.title")}>
          <div className="filters">
            <Input type="search" className="filter-search" aria-label={t("faqs.search")} placeholder={t("faqs.search")} value={search} onChange={setSearch} />
            <Choice label={t("faqs.category")} value={category} options={categories.map(({ id, name }) => [id, name])} any={t("faqs.anyCategory")} onChange={setCategory} />
            <Choice label={t("faqs.which")} value={deleted} options={[["bin", t("faqs.bin")]]} any={t("faqs.online")} onChange={setDeleted} />
          </div>
          <p className="muted count" role="status">
            {query.data && t("faqs.count", { count: total })}
          </p>
          <Paged query={query} items={faqs} keyOf={({ faq_id: id }) => id} nothing={nothing}>
            {(faq) => (asked.deleted ? <Deleted deskId={deskId} faq={faq} /> : <Row deskId={deskId} faq={faq} usage={usages.get(faq.faq_id)} />)}
          </Paged>
        </section>
        <TestBox deskId={deskId} />
      </div>
    </Page>
  );
}
