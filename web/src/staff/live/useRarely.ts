import { useCallback, useEffect, useRef } from "react";

/** The function, called at once and then at most once in `ms`. */
export function useRarely(call: () => void, ms: number): () => void {
  const state = useRef<{ timer: ReturnType<typeof setTimeout> | undefined; again: boolean }>({ timer: undefined, again: false });
  useEffect(() => () => clearTimeout(state.current.timer), []);
  return useCallback(() => {
    const rest = (): void => {
      state.current.timer = undefined;
      if (!state.current.again) return;
      state.current.again = false;
      call();
      state.current.timer = setTimeout(rest, ms);
    };
    if (state.current.timer !== undefined) {
      state.current.again = true;
      return;
    }
    call();
    state.current.timer = setTimeout(rest, ms);
  }, [call, ms]);
}
