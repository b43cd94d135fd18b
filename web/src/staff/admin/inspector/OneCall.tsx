// One call of the open API, masked: what came, what was answered, what went wrong and what mends it.

import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../api/client";
import { Read } from "../../shell/states";
import { CallView } from "../../ui/CallView";
import { Copy } from "../../ui/Copy";
import { asCurl } from "../../ui/curl";
import { Detail } from "../../ui/Detail";

export function OneCall() {
  const { t } = useTranslation();
  const { logId = "" } = useParams({ strict: false }) as { logId?: string };
  const query = useQuery({
    queryKey: ["api-call", logId],
    queryFn: () => answer(api.GET("/admin/v1/calls/{log_id}", { params: { path: { log_id: logId } } })),
  });
  const { data } = query;
  return (
    <Detail title={t("call.title")} back="/calls" actions={data && <Copy label={t("asCurl")} text={() => asCurl({ ...data.call, ...data }, location.origin)} />}>
      <Read query={query}>
        {(whole) => {
          const response = whole.answer_body && { headers: whole.answer_headers, body: whole.answer_body };
          return <CallView masked call={whole.call} query={whole.query} request={whole} response={response} mistake={whole} />;
        }}
      </Read>
    </Detail>
  );
}
