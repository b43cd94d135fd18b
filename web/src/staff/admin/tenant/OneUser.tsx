// One user: what is known of them, what they may do, their password.

import Button from "@douyinfe/semi-ui-19/lib/es/button";
import Input from "@douyinfe/semi-ui-19/lib/es/input";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../api/client";
import { asFailure } from "../../api/failure";
import { Page } from "../../shell/Shell";
import { Fault, Read } from "../../shell/states";
import { Field } from "../../ui/Field";
import { Confirmed } from "../../ui/Confirmed";
import { SaveRow } from "../../ui/SaveRow";
import { useSignedIn } from "../../api/session";
import type { User } from "./api";

const TEXTS = ["city", "country", "language"] as const;

function UserForm({ user }: { user?: User | undefined }) {
  const { t } = useTranslation("admin");
  const client = useQueryClient();
  const navigate = useNavigate();
  const [draft, setDraft] = useState({
    name: user?.name ?? "",
    email: user?.email ?? "",
    is_admin: user?.role === "admin",
    city: user?.city ?? "",
    country: user?.country ?? "",
    language: user?.language ?? "",
    /** Ids, as they are written: with commas between them. */
    departments: user?.departments.join(", ") ?? "",
  });
  const [password, setPassword] = useState("");
  const save = useMutation({
    mutationFn: () => {
      const body = { ...draft, departments: draft.departments.split(",").map((id) => id.trim()).filter(Boolean) };
      return answer(
        user
          ? api.PATCH("/admin/v1/users/{user_id}", { params: { path: { user_id: user.user_id } }, body })
          : api.POST("/admin/v1/users", { body: { user: body, ...(password && { password }) } }),
      );
    },
    onSuccess: async ({ user: saved }) => {
      await client.invalidateQueries({ queryKey: ["users"] });
      if (!user) await navigate({ to: "/users/$userId", params: { userId: saved.user_id }, replace: true });
    },
  });
  const set = (change: Partial<typeof draft>): void => {
    setDraft((before) => ({ ...before, ...change }));
    save.reset();
  };
  const failure = save.error ? asFailure(save.error) : null;
  const why = (at: string): string | undefined => failure?.fields.find(({ field }) => field.replace(/^user\./, "").startsWith(at))?.why;
  const told = ["name", "email", "password", "departments", ...TEXTS].some(why);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form className="card stack" onSubmit={submit} noValidate>
      <Field label={t("users.name")} why={why("name")}>
        {(attributes) => <Input {...attributes} maxLength={200} autoComplete="off" value={draft.name} onChange={(name) => set({ name })} />}
      </Field>
      <Field label={t("users.email")} hint={t("users.emailHint")} why={why("email")}>
        {(attributes) => <Input {...attributes} type="email" autoComplete="off" value={draft.email} onChange={(email) => set({ email })} />}
      </Field>
      {!user && (
        <Field label={t("users.password")} hint={t("users.passwordHint")} why={why("password")}>
          {(attributes) => <Input {...attributes} type="password" autoComplete="new-password" value={password} onChange={setPassword} />}
        </Field>
      )}
      <label className="row tick">
        <input type="checkbox" checked={draft.is_admin} onChange={(event) => set({ is_admin: event.target.checked })} /> {t("users.isAdmin")}
      </label>
      <details>
        <summary>{t("users.more")}</summary>
        <div className="stack">
          {TEXTS.map((at) => (
            <Field key={at} label={t(`users.text.${at}`)} why={why(at)}>
              {(attributes) => <Input {...attributes} value={draft[at]} onChange={(value) => set({ [at]: value })} />}
            </Field>
          ))}
          <Field label={t("users.departments")} hint={t("users.departmentsHint")} why={why("departments")}>
            {(attributes) => <Input {...attributes} value={draft.departments} onChange={(text) => set({ departments: text })} />}
          </Field>
        </div>
      </details>
      {failure && !told && <Fault error={failure} />}
      <SaveRow save={save} saved={t("users.saved")} />
    </form>
  );
}

/** Another password, and the end of the account. */
function Access({ user }: { user: User }) {
  const { t } = useTranslation(["admin", "shell"]);
  const client = useQueryClient();
  const { person } = useSignedIn();
  const [password, setPassword] = useState("");
  const path = { user_id: user.user_id };
  const renew = () => client.invalidateQueries({ queryKey: ["users"] });
  const save = useMutation({
    mutationFn: () => answer(api.PUT("/admin/v1/users/{user_id}/password", { params: { path }, body: { password } })),
    onSuccess: () => {
      setPassword("");
      return renew();
    },
  });
  const failure = save.error ? asFailure(save.error) : null;
  const why = failure?.fields.find(({ field }) => field === "password" || field === "email")?.why;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (password) save.mutate();
  };
  const isOwn = person.open_id === user.open_id;
  const deactivate = () => answer(api.DELETE("/admin/v1/users/{user_id}", { params: { path } }));
  return (
    <form className="card stack" onSubmit={submit} noValidate aria-label={t("users.access")}>
      <h2>{t("users.access")}</h2>
      {isOwn ? (
        <p className="muted">{t("users.ownAccess")}</p>
      ) : (
        <>
          <Field label={t("users.newPassword")} hint={t(user.has_password ? "users.newPasswordHint" : "users.backHint")} why={why}>
            {(attributes) => (
              <Input
                {...attributes}
                type="password"
                autoComplete="new-password"
                value={password}
                onChange={(next) => {
                  setPassword(next);
                  save.reset();
                }}
              />
            )}
          </Field>
          {failure && !why && <Fault error={failure} />}
          <div className="row">
            <Button htmlType="submit" loading={save.isPending} disabled={!password}>
              {t("users.setPassword")}
            </Button>
            {user.has_password && (
              <Confirmed danger label={t("users.deactivate")} title={t("users.deactivateTitle", { name: user.name })} act={deactivate} onDone={renew}>
                <p>{t("users.deactivateWhy")}</p>
              </Confirmed>
            )}
            <span role="status">{save.isSuccess && t("users.passwordSet")}</span>
          </div>
        </>
      )}
    </form>
  );
}

function Desks({ user }: { user: User }) {
  const { t } = useTranslation("admin");
  return (
    <section className="card stack" aria-label={t("users.desks")}>
      <h2>{t("users.desks")}</h2>
      {user.desks.length === 0 && <p className="muted">{t("users.noDesks")}</p>}
      <ul className="picks">
        {user.desks.map(({ id, name, role }) => (
          <li key={id}>
            <Link to="/desks/$deskId/agents/$agentId" params={{ deskId: id, agentId: user.open_id }}>
              {name}
            </Link>{" "}
            · {t(`users.is.${role}`)}
          </li>
        ))}
      </ul>
    </section>
  );
}

export function OneUser() {
  const { t } = useTranslation("admin");
  const { userId } = useParams({ strict: false }) as { userId: string };
  const isNew = userId === "new";
  const query = useQuery({
    queryKey: ["users", "one", userId],
    queryFn: () => answer(api.GET("/admin/v1/users/{user_id}", { params: { path: { user_id: userId } } })),
    enabled: !isNew,
  });
  const back = <Link to="/users">← {t("users.title")}</Link>;
  return (
    <Page title={isNew ? t("users.add") : (query.data?.user.name ?? t("users.one"))} lead={back}>
      {isNew ? (
        <UserForm key="new" />
      ) : (
        <Read query={query}>
          {({ user }) => (
            <div className="stack" key={userId}>
              <p className="muted">
                <code>{user.user_id}</code> · <code>{user.open_id}</code>
              </p>
              <UserForm user={user} />
              <Access key={String(user.has_password)} user={user} />
              <Desks user={user} />
            </div>
          )}
        </Read>
      )}
    </Page>
  );
}
