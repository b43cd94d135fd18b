// The customized fields of tickets, in their order.

import IconArrowDown from "@douyinfe/semi-icons/lib/es/icons/IconArrowDown";
import IconArrowUp from "@douyinfe/semi-icons/lib/es/icons/IconArrowUp";
import IconPlus from "@douyinfe/semi-icons/lib/es/icons/IconPlus";
import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../../api/client";
import { Page } from "../../shell/Shell";
import { Fault, Nothing, Read } from "../../shell/states";
import { Badge } from "../../ui/Badge";
import { useDesk } from "../desk";

export type TicketField = Schemas["TicketField"];
export type FieldType = "string" | "multiline" | "dropdown" | "dropdown_nested";

export function useFields(deskId: string) {
  return useQuery({
    queryKey: ["fields", deskId],
    queryFn: () => answer(api.GET("/admin/v1/desks/{helpdesk_id}/fields", { params: { path: { helpdesk_id: deskId } } })),
  });
}

export const idOf = (field: TicketField): string => field.ticket_customized_field_id ?? "";

/** The ids with the one at `from` in another place. */
function moved(fields: TicketField[], from: number, to: number): string[] {
  const ids = fields.map(idOf);
  ids.splice(to, 0, ...ids.splice(from, 1));
  return ids;
}

export function Fields() {
  const { t } = useTranslation("admin");
  const { deskId } = useParams({ strict: false }) as { deskId: string };
  const navigate = useNavigate();
  const client = useQueryClient();
  const desk = useDesk();
  const query = useFields(deskId);
  const arrange = useMutation({
    mutationFn: (ids: string[]) => answer(api.PUT("/admin/v1/desks/{helpdesk_id}/field-order", { params: { path: { helpdesk_id: deskId } }, body: { ids } })),
    onSuccess: (list) => client.setQueryData(["fields", deskId], list),
    onError: () => client.invalidateQueries({ queryKey: ["fields", deskId] }),
  });
  const add = (
    <Button theme="solid" icon={<IconPlus aria-hidden />} onClick={() => void navigate({ to: "/desks/$deskId/fields/$fieldId", params: { deskId, fieldId: "new" } })}>
      {t("fields.add")}
    </Button>
  );
  return (
    <Page title={t("fields.title")} lead={desk?.name} actions={add}>
      <p className="muted count">{t("fields.lead")}</p>
      {arrange.error && <Fault error={arrange.error} />}
      <Read query={query}>
        {({ fields }) =>
          fields.length === 0 ? (
            <Nothing title={t("fields.none")}>{t("fields.noneWhy")}</Nothing>
          ) : (
            <ul className="rows">
              {fields.map((field, at) => (
                <li key={idOf(field)} className="line">
                  <span className="line-main">
                    <Link to="/desks/$deskId/fields/$fieldId" params={{ deskId, fieldId: idOf(field) }}>
                      <strong>{field.display_name}</strong>
                    </Link>{" "}
                    {field.required && <Badge>{t("fields.isRequired")}</Badge>} {field.visible === false && <Badge tone="warn">{t("fields.isHidden")}</Badge>}
                    <span className="line-why">
                      <code>{field.key_name}</code> · {t(`fields.types.${field.field_type as FieldType}`)}
                    </span>
                  </span>
                  <span className="line-end">
                    <Button theme="borderless" type="tertiary" icon={<IconArrowUp aria-hidden />} disabled={at === 0 || arrange.isPending} aria-label={t("fields.up", { name: field.display_name })} onClick={() => arrange.mutate(moved(fields, at, at - 1))} />
                    <Button theme="borderless" type="tertiary" icon={<IconArrowDown aria-hidden />} disabled={at === fields.length - 1 || arrange.isPending} aria-label={t("fields.down", { name: field.display_name })} onClick={() => arrange.mutate(moved(fields, at, at + 1))} />
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </Read>
    </Page>
  );
}
