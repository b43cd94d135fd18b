// The skills of a help desk: which agents a ticket is for.

import IconPlus from "@douyinfe/semi-icons/lib/es/icons/IconPlus";
import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Page } from "../../shell/Shell";
import { Read } from "../../shell/states";
import { Badge } from "../../ui/Badge";
import { useDesk } from "../desk";
import { useAgents, useSkills } from "./api";

export function Skills() {
  const { t } = useTranslation("admin");
  const { deskId } = useParams({ strict: false }) as { deskId: string };
  const navigate = useNavigate();
  const desk = useDesk();
  const query = useSkills(deskId);
  const agents = useAgents(deskId).data?.agents ?? [];
  const names = (ids: string[]): string => ids.map((id) => agents.find(({ agent_id: own }) => own === id)?.name ?? id).join(", ");
  const add = (
    <Button theme="solid" icon={<IconPlus aria-hidden />} onClick={() => void navigate({ to: "/desks/$deskId/skills/$skillId", params: { deskId, skillId: "new" } })}>
      {t("skills.add")}
    </Button>
  );
  return (
    <Page title={t("skills.title")} lead={desk?.name} actions={add}>
      <p className="muted count">{t("skills.lead")}</p>
      <Read query={query}>
        {({ skills }) => (
          <ul className="rows">
            {skills.map(({ id, name, rules, agent_ids: ids, is_default: isDefault }) => (
              <li key={id}>
                <Link to="/desks/$deskId/skills/$skillId" params={{ deskId, skillId: id }} className="line">
                  <span className="line-main">
                    <strong>{name}</strong> {isDefault && <Badge>{t("skills.isDefault")}</Badge>}
                    <span className="line-why">{ids.length > 0 ? names(ids) : t("skills.nobody")}</span>
                  </span>
                  <span className="line-end muted">{isDefault ? t("skills.rest") : t("skills.rules", { count: rules.length })}</span>
                </Link>
              </li>
            ))}
          </ul>
        )}
      </Read>
    </Page>
  );
}
