import Button from "@douyinfe/semi-ui-19/lib/es/button";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Fault, Loading } from "../shell/states";

interface PagedProps<T> {
  query: { data: unknown; error: unknown; refetch: () => unknown; hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
  items: T[];
  keyOf: (item: T) => string | number;
  /** What stands there when there are none. */
  nothing: ReactNode;
  children: (item: T) => ReactNode;
}

/** A list that is read part by part. What was read before stays on screen when another look at it fails. */
export function Paged<T>({ query, items, keyOf, nothing, children }: PagedProps<T>) {
  const { t } = useTranslation();
  if (!query.data) return query.error ? <Fault error={query.error} onRetry={() => void query.refetch()} /> : <Loading />;
  return (
    <>
      {items.length === 0 ? (
        nothing
      ) : (
        <ul className="rows">
          {items.map((item) => (
            <li key={keyOf(item)}>{children(item)}</li>
          ))}
        </ul>
      )}
      {query.hasNextPage && (
        <Button block loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t("more")}
        </Button>
      )}
    </>
  );
}
