import Button from "@douyinfe/semi-ui-19/lib/es/button";
import Input from "@douyinfe/semi-ui-19/lib/es/input";
import { type FormEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { asFailure, type Failure } from "../api/failure";
import { useSignIn } from "../api/session";
import { Field } from "../ui/Field";
import { useFailureText } from "./states";

/** Seconds that are left of a wait; none when it is over. */
function useCountdown(failure: Failure | null): number {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (!failure?.waitS) return setLeft(0);
    const until = Date.now() + failure.waitS * 1000;
    const look = (): void => setLeft(Math.max(0, Math.ceil((until - Date.now()) / 1000)));
    look();
    const timer = setInterval(look, 500);
    return () => clearInterval(timer);
  }, [failure]);
  return left;
}

/** The form. `email` is filled in when somebody's session is over. */
export function SignInForm({ email: known = "" }: { email?: string }) {
  const { t } = useTranslation();
  const text = useFailureText();
  const signIn = useSignIn();
  const [email, setEmail] = useState(known);
  const [password, setPassword] = useState("");
  const [tenant, setTenant] = useState("");
  const [tried, setTried] = useState(false);
  const failure = signIn.error ? asFailure(signIn.error) : null;
  const wait = useCountdown(failure);
  const [choosesTenant, setChoosesTenant] = useState(false);
  const asksTenant = failure?.fields.some(({ field }) => field === "tenant") ?? false;
  useEffect(() => {
    if (asksTenant) setChoosesTenant(true);
  }, [asksTenant]);

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (!email.trim() || !password || wait > 0 || signIn.isPending) return;
    signIn.mutate({ email: email.trim(), password, ...(tenant.trim() && { tenant: tenant.trim() }) });
  };
  const said = (): string | null => {
    if (!failure) return null;
    if (failure.status === 401) return t("signIn.wrong");
    if (failure.status === 403) return t("signIn.notAllowed");
    if (failure.status === 429) return wait > 0 ? t("signIn.wait", { count: wait }) : null;
    return asksTenant ? null : text(failure);
  };
  const message = said();
  const missing = (value: string): string | undefined => (tried && !value.trim() ? t("signIn.missing") : undefined);
  return (
    <form className="sign-in-form" onSubmit={submit} noValidate>
      <Field label={t("signIn.email")} why={missing(email)}>
        {(attributes) => <Input {...attributes} size="large" type="email" name="email" autoComplete="username" value={email} onChange={setEmail} />}
      </Field>
      <Field label={t("signIn.password")} why={missing(password)}>
        {(attributes) => <Input {...attributes} size="large" type="password" name="password" autoComplete="current-password" value={password} onChange={setPassword} />}
      </Field>
      {choosesTenant && (
        <Field label={t("signIn.tenant")} why={asksTenant ? `${t("signIn.tenantWhy")} ${failure?.message ?? ""}` : undefined}>
          {(attributes) => <Input {...attributes} size="large" name="tenant" autoFocus value={tenant} onChange={setTenant} />}
        </Field>
      )}
      <div role="alert">{message && <p className="sign-in-failed">{message}</p>}</div>
      <Button htmlType="submit" theme="solid" size="large" block loading={signIn.isPending} disabled={wait > 0}>
        {t("signIn.submit")}
      </Button>
    </form>
  );
}
