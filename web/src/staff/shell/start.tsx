// Starts one of the staff's pages.

import "@douyinfe/semi-ui-19/lib/es/_base/base.css";
import "./shell.css";
import LocaleProvider from "@douyinfe/semi-ui-19/lib/es/locale/localeProvider";
import en_US from "@douyinfe/semi-ui-19/lib/es/locale/source/en_US";
import zh_CN from "@douyinfe/semi-ui-19/lib/es/locale/source/zh_CN";
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type AnyRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { lazy, type ReactNode, StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { useTranslation } from "react-i18next";
import { asFailure } from "../api/failure";
import { noticeLapse, rightsOf, useLapsed, useSession } from "../api/session";
import { type Catalogue, language, startTexts } from "../i18n";
import { useStore } from "../ui/store";
import { Choices, Person } from "./Controls";
import type { AppName } from "./Shell";
import { Boundary, Broken, Loading, Nothing, Read } from "./states";
import { startTheme } from "./theme";

/** Who may see an app: whoever is signed in, those who run a help desk, or everybody who reaches the server. */
export type Needs = "session" | "owner" | "nobody";

export interface StaffApp {
  name: AppName;
  needs: Needs;
  texts: Catalogue;
  /** Texts that parts of several apps share, though not all of them. */
  shared?: Catalogue;
  routeTree: AnyRoute;
}

const STALE_MS = 5_000;

// Most of the time somebody is signed in already.
const SignIn = lazy(() => import("./SignIn"));
const SessionOver = lazy(() => import("./SessionOver"));

export async function start({ name, needs, texts, shared, routeTree }: StaffApp): Promise<void> {
  startTheme();
  await startTexts(name, texts, shared);
  const client = newClient();
  const router = createRouter({
    routeTree,
    basepath: `/${name}`,
    defaultPreload: "intent",
    defaultErrorComponent: Broken,
    defaultNotFoundComponent: Gone,
    defaultPendingComponent: Loading,
    scrollRestoration: false,
    // Queries are text: the router would read ids as numbers, which they are too long for.
    parseSearch: (query) => Object.fromEntries(new URLSearchParams(query)),
    stringifySearch,
  });
  const node = document.getElementById("page");
  if (!node) throw new Error("the page has no element for its content");
  createRoot(node).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <Localised>
          <Boundary>
            <Gate needs={needs}>
              <RouterProvider router={router} />
            </Gate>
          </Boundary>
        </Localised>
      </QueryClientProvider>
    </StrictMode>,
  );
}

/** A query of texts; what is empty is left out. */
function stringifySearch(search: Record<string, unknown>): string {
  const query = new URLSearchParams(Object.entries(search).flatMap(([name, value]) => (value === undefined || value === "" ? [] : [[name, String(value)]]))).toString();
  return query && `?${query}`;
}

function newClient(): QueryClient {
  const onError = (error: unknown): void => noticeLapse(client, error);
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: STALE_MS,
        retry: (times, error) => {
          const failure = asFailure(error);
          return failure.passing && failure.status !== 429 && times < 2;
        },
      },
    },
  });
  return client;
}

function Localised({ children }: { children: ReactNode }) {
  const spoken = useStore(language);
  return <LocaleProvider locale={spoken === "zh" ? zh_CN : en_US}>{children}</LocaleProvider>;
}

/** Lets in whom the page is for. */
function Gate({ needs, children }: { needs: Needs; children: ReactNode }) {
  const { t } = useTranslation();
  const session = useSession();
  const lapsed = useLapsed();
  if (needs === "nobody") return children;
  return (
    <Read query={session}>
      {(signedIn) => {
        if (!signedIn) {
          return (
            <Suspense fallback={<Loading />}>
              <SignIn controls={<Choices />} />
            </Suspense>
          );
        }
        if (needs === "owner" && rightsOf(signedIn) === "agent") {
          return (
            <main>
              <div className="sign-in-controls">
                <Choices />
                <Person session={signedIn} />
              </div>
              <Nothing title={t("notForYou")} action={<a href="/agent">{t("app.agent")}</a>}>
                {t("notForYouWhy")}
              </Nothing>
            </main>
          );
        }
        return (
          <>
            {children}
            {lapsed && (
              <Suspense>
                <SessionOver email={signedIn.person.email ?? ""} />
              </Suspense>
            )}
          </>
        );
      }}
    </Read>
  );
}

function Gone() {
  const { t } = useTranslation();
  return (
    <Nothing title={t("gone")} action={<a href="/">{t("toStart")}</a>}>
      {t("goneWhy")}
    </Nothing>
  );
}
