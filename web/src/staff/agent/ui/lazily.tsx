// Parts that are not needed at first: they come once the page has nothing else to do, or when they are asked for before that.

import { type ComponentType, createElement, useEffect, useEffectEvent, useState } from "react";
import { ask } from "../ticket/asking";
import { useSayFailure } from "./say";

const later: (() => Promise<unknown>)[] = [];

/** A dialog that comes by itself; if it cannot come, that is said, and nothing is open. */
export function lazily<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let there: ComponentType<P> | undefined;
  const come = async (): Promise<void> => {
    there ??= await load();
  };
  later.push(come);
  return function Lazily(props: P) {
    const [, setCame] = useState(there !== undefined);
    const sayFailure = useSayFailure();
    const fail = useEffectEvent((error: unknown) => (sayFailure(error), ask(null)));
    useEffect(() => {
      if (!there) come().then(() => setCame(true), fail);
    }, []);
    return there ? createElement(there, props) : null;
  };
}

/** Fetches what was not needed at first, so that it is there when the server is not. */
export function fetchTheRest(): void {
  const fetch = (): void => {
    // What fails now is tried again when it is asked for.
    for (const come of later) come().catch(() => undefined);
  };
  if ("requestIdleCallback" in window) requestIdleCallback(fetch, { timeout: 5_000 });
  else setTimeout(fetch, 2_000);
}
