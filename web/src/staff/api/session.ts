// Who is signed in.

import { type QueryClient, queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { createStore, useStore } from "../ui/store";
import { answer, api, type Schemas, trustToken } from "./client";
import { Failure } from "./failure";

export type Session = Schemas["AdminSession"];
export type Rights = Schemas["AdminDesk"]["rights"];

/** `null`: nobody is signed in. */
const session = queryOptions<Session | null>({
  queryKey: ["session"],
  staleTime: 60_000,
  queryFn: async () => {
    try {
      return trusted(await answer(api.GET("/admin/v1/session")));
    } catch (error) {
      if (error instanceof Failure && error.status === 401) return null;
      throw error;
    }
  },
});

/** Whether a call was refused because the session is over, while the page still shows somebody. */
const lapsed = createStore(false);

function trusted(signedIn: Session): Session {
  trustToken(signedIn.csrf_token);
  return signedIn;
}

export function useSession() {
  return useQuery({ ...session, refetchOnWindowFocus: false });
}

export function useLapsed(): boolean {
  return useStore(lapsed);
}

/** The session of whoever looks at a page; inside the shell there always is one. */
export function useSignedIn(): Session {
  const { data } = useSession();
  if (!data) throw new Error("a page for people who are signed in was shown to nobody");
  return data;
}

export interface Login {
  email: string;
  password: string;
  tenant?: string;
}

export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (body: Login) => trusted(await answer(api.POST("/admin/v1/session", { body }))),
    onSuccess: (signedIn) => {
      const before = client.getQueryData(session.queryKey);
      // What one person has read is not for another's eyes.
      if (before && before.person.open_id !== signedIn.person.open_id) return location.reload();
      client.setQueryData(session.queryKey, signedIn);
      lapsed.set(false);
      void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== "session" });
    },
  });
}

export function useSignOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      try {
        await answer(api.DELETE("/admin/v1/session"));
      } catch (error) {
        // It was over already.
        if (!(error instanceof Failure && error.status === 401)) throw error;
      }
    },
    onSuccess: () => {
      trustToken("");
      lapsed.set(false);
      client.setQueryData(session.queryKey, null);
      client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== "session" });
    },
  });
}

/** Looks at a failed call: if the session is over, whoever sits there is asked to sign in again. */
export function noticeLapse(client: QueryClient, error: unknown): void {
  if (error instanceof Failure && error.status === 401 && client.getQueryData(session.queryKey)) lapsed.set(true);
}

/** The most that somebody may do anywhere: it decides which pages they are offered. */
export function rightsOf({ person, desks }: Session): Rights {
  if (person.role === "admin" || desks.some((desk) => desk.rights === "admin")) return "admin";
  return desks.some((desk) => desk.rights === "owner") ? "owner" : "agent";
}
