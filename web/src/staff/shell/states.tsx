// What stands where content would: on its way, empty, failed.

import Button from "@douyinfe/semi-ui-19/lib/es/button";
import Spin from "@douyinfe/semi-ui-19/lib/es/spin";
import { Component, type ErrorInfo, type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { asFailure, type Failure } from "../api/failure";

/** Something is on its way. Shown only after a moment, because most things come at once. */
export function Loading() {
  const { t } = useTranslation();
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 200);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="state" role="status" aria-label={t("loading")}>
      {late && <Spin size="large" />}
    </div>
  );
}

interface NothingProps {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}

/** There is nothing to show, and why. */
export function Nothing({ title, children, action }: NothingProps) {
  return (
    <div className="state">
      <p className="state-title">{title}</p>
      {children && <p className="state-why">{children}</p>}
      {action}
    </div>
  );
}

/** The sentence that tells what to do about a failure, in the reader's language where the server's own says no more. */
export function useFailureText(): (failure: Failure) => string {
  const { t, i18n } = useTranslation();
  return (failure) => {
    if (failure.status === 0) return t("unreachable");
    if (failure.status === 429) return t("tooOften", { count: failure.waitS ?? 1 });
    if (failure.status === 503) return t("busy");
    // In English the server names what is not there.
    if (failure.status === 404 && i18n.language === "zh") return t("goneWhy");
    return failure.message;
  };
}

interface FaultProps {
  error: unknown;
  /** What happened, where the page says it in words of its own. */
  words?: string | undefined;
  onRetry?: (() => void) | undefined;
}

/** A failed call: what happened, which fields were wrong, and its log id. */
export function Fault({ error, words, onRetry }: FaultProps) {
  const { t } = useTranslation();
  const text = useFailureText();
  const failure = asFailure(error);
  const said = words ?? text(failure);
  const fields = words ? [] : failure.fields.filter(({ why }) => !said.includes(why));
  return (
    <div className="fault" role="alert">
      <p className="fault-title">{t("failed")}</p>
      <p>{said}</p>
      {fields.length > 0 && (
        <ul>
          {fields.map(({ field, why }) => (
            <li key={field + why}>
              <code>{field}</code> {why}
            </li>
          ))}
        </ul>
      )}
      {failure.logId && (
        <p className="fault-log">
          {t("logId")} <code>{failure.logId}</code>
        </p>
      )}
      {onRetry && <Button onClick={onRetry}>{t("retry")}</Button>}
    </div>
  );
}

interface QueryLike<T> {
  data: T | undefined;
  error: unknown;
  refetch: () => unknown;
}

/** A query's content once it is there; until then its loading, or its failure. What was read before stays on screen. */
export function Read<T>({ query, children }: { query: QueryLike<T>; children: (data: T) => ReactNode }) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <Fault error={query.error} onRetry={() => void query.refetch()} />;
  return <Loading />;
}

interface BoundaryProps {
  children: ReactNode;
  /** Another one is another try. */
  at?: string;
}

/** Catches what a component throws, so that the rest of the page stays. */
export class Boundary extends Component<BoundaryProps, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override componentDidUpdate({ at }: BoundaryProps) {
    if (this.state.broken && at !== this.props.at) this.setState({ broken: false });
  }

  override componentDidCatch(error: Error, { componentStack }: ErrorInfo) {
    console.error(error, componentStack);
  }

  override render() {
    return this.state.broken ? <Broken /> : this.props.children;
  }
}

export function Broken() {
  const { t } = useTranslation();
  return (
    <div className="state" role="alert">
      <p className="state-title">{t("broken")}</p>
      <p className="state-why">{t("brokenWhy")}</p>
      <Button onClick={() => location.reload()}>{t("reload")}</Button>
    </div>
  );
}
