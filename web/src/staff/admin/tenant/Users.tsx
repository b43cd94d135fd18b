// The users of a tenant.

import IconPlus from "@douyinfe/semi-icons/lib/es/icons/IconPlus";
import Button from "@douyinfe/semi-ui-19/lib/es/button";
import Input from "@douyinfe/semi-ui-19/lib/es/input";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../api/client";
import { Page } from "../../shell/Shell";
import { Nothing } from "../../shell/states";
import { Badge } from "../../ui/Badge";
import { Paged } from "../../ui/Paged";
import type { User } from "./api";

const PAGE = 50;

function Line({ user }: { user: User }) {
  const { t } = useTranslation("admin");
  const desks = user.desks.map(({ name, role }) => t("users.at", { role: t(`users.is.${role}`), name }));
  return (
    <Link to="/users/$userId" params={{ userId: user.user_id }} className="line">
      <span className="line-main">
        <strong>{user.name}</strong> {user.role === "admin" && <Badge>{t("users.admin")}</Badge>} {!user.has_password && <Badge tone="warn">{t("users.noPassword")}</Badge>}
        <span className="line-why">{user.email ?? user.user_id}</span>
      </span>
      <span className="line-main line-why">{desks.join(" · ")}</span>
    </Link>
  );
}

export function Users() {
  const { t } = useTranslation("admin");
  const navigate = useNavigate();
  const [search, setSearch] = useState("");
  const wanted = useDeferredValue(search.trim());
  const query = useInfiniteQuery({
    queryKey: ["users", "list", wanted],
    queryFn: ({ pageParam }) => answer(api.GET("/admin/v1/users", { params: { query: { page_size: PAGE, ...(wanted && { search: wanted }), ...(pageParam && { page_token: pageParam }) } } })),
    initialPageParam: "",
    getNextPageParam: (page) => page.page_token,
    placeholderData: (before) => before,
  });
  const users = query.data?.pages.flatMap((page) => page.users) ?? [];
  const add = (
    <Button theme="solid" icon={<IconPlus aria-hidden />} onClick={() => void navigate({ to: "/users/$userId", params: { userId: "new" } })}>
      {t("users.add")}
    </Button>
  );
  return (
    <Page title={t("users.title")} lead={t("users.lead")} actions={add}>
      <div className="filters">
        <Input className="filter-search" aria-label={t("users.search")} placeholder={t("users.search")} value={search} onChange={setSearch} />
      </div>
      <Paged query={query} items={users} keyOf={({ user_id: id }) => id} nothing={<Nothing title={t("users.none")}>{t("users.noneWhy")}</Nothing>}>
        {(user) => <Line user={user} />}
      </Paged>
    </Page>
  );
}
