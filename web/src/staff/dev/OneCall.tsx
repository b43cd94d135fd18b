// One call: what came, what was answered, what went wrong and what mends it.

import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Read } from "../shell/states";
import { CallView, type Mistake } from "../ui/CallView";
import { Copy } from "../ui/Copy";
import { asCurl } from "../ui/curl";
import { Detail } from "../ui/Detail";
import { dev, type WholeCall } from "./api";

function mistakeOf({ error }: WholeCall): Mistake {
  return { cause: error?.cause, fix: error?.fix, fields: (error?.fields ?? []).map(({ field, description }) => ({ field, why: description })) };
}

export function OneCall() {
  const { t } = useTranslation();
  const { logId = "" } = useParams({ strict: false }) as { logId?: string };
  const query = useQuery({ queryKey: ["calls", "one", logId], queryFn: () => dev.call(logId) });
  return (
    <Detail title={t("call.title")} back="/calls" actions={query.data && <Copy label={t("asCurl")} text={() => asCurl(query.data, location.origin)} />}>
      <Read query={query}>{(call) => <CallView call={call} query={call.query} request={call} response={call.answer} mistake={mistakeOf(call)} />}</Read>
    </Detail>
  );
}
