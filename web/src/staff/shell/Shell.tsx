// The frame around every page: where one can go, who is signed in, whether the connection holds.

import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { Fragment, type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { rightsOf, useSession } from "../api/session";
import { ConnectionBanner } from "../live/ConnectionBanner";
import { Choices, Person } from "./Controls";
import { Boundary } from "./states";

export type AppName = "agent" | "admin" | "dev";

export interface Section {
  /** Its address inside the app, such as `/faqs`. */
  to: string;
  label: string;
  icon: ReactNode;
  /** What this one and those below it are about, where a group begins. */
  heading?: ReactNode;
}

/** Whether this server is a developer's; the server writes it into the page. */
const isDev = document.querySelector<HTMLMetaElement>('meta[name="deskwire-mode"]')?.content === "dev";

interface ShellProps {
  app: AppName;
  sections: Section[];
  /** Without the margin that pages have, for those that fill the window. */
  wide?: boolean;
  /** What stands in the page's place, where its address leads nowhere. */
  instead?: ReactNode;
}

export function Shell({ app, sections, wide = false, instead }: ShellProps) {
  const { t } = useTranslation();
  const { data: session } = useSession();
  const main = useRef<HTMLElement>(null);
  const nav = useRef<HTMLElement>(null);
  const path = useRouterState({ select: (state) => state.location.pathname });
  // What a list opens beside itself is no other page.
  const page = useRouterState({ select: (state) => state.matches[1]?.pathname });
  const shown = useRef(page);
  useEffect(() => {
    // On a phone the sections are a strip that is scrolled.
    nav.current?.querySelector(".active")?.scrollIntoView({ block: "nearest", inline: "nearest" });
    if (shown.current === page) return;
    // A keyboard goes on from the beginning of another page.
    if (shown.current !== undefined) main.current?.focus({ preventScroll: true });
    shown.current = page;
    scrollTo(0, 0);
  }, [page]);
  const apps: AppName[] = [];
  // Without a session only the inspector is shown; its reader finds the other pages all the same.
  const rights = session ? rightsOf(session) : "admin";
  apps.push("agent");
  if (rights !== "agent") apps.push("admin");
  if (isDev) apps.push("dev");
  return (
    <div className={wide ? "shell shell-wide" : "shell"}>
      <a className="skip" href="#content" onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        {t("skip")}
      </a>
      <header className="top">
        <a className="brand" href="/">
          <img src="/assets/favicon.svg" alt="" width="26" height="26" />
          <span>{t("product")}</span>
        </a>
        <nav className="apps" aria-label={t("apps")}>
          {apps.map((name) => (
            <a key={name} href={`/${name}`} aria-current={name === app ? "page" : undefined}>
              {t(`app.${name}`)}
            </a>
          ))}
        </nav>
        <div className="top-end">
          <Choices />
          {session && <Person session={session} />}
        </div>
      </header>
      <ConnectionBanner />
      {sections.length > 0 && (
        <nav ref={nav} className="sections" aria-label={t("sections")}>
          {sections.map(({ to, label, icon, heading }) => (
            <Fragment key={to}>
              {heading && <div className="sections-head">{heading}</div>}
              <Link to={to} activeOptions={{ exact: to === "/", includeSearch: false }}>
                {icon}
                <span>{label}</span>
              </Link>
            </Fragment>
          ))}
        </nav>
      )}
      <main id="content" ref={main} tabIndex={-1}>
        <Boundary at={path}>
          {instead || <Outlet />}
        </Boundary>
      </main>
    </div>
  );
}

interface PageProps {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** A page inside the shell: its heading, which is the window's title too, and what can be done here. */
export function Page({ title, lead, actions, children }: PageProps) {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = `${title} · ${t("product")}`;
  }, [title, t]);
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>{title}</h1>
          {lead && <p className="muted">{lead}</p>}
        </div>
        {actions && <div className="page-actions">{actions}</div>}
      </div>
      {children}
    </div>
  );
}
