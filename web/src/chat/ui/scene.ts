// What every part of the screen is given.

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Conversation, State } from "../conversation";
import type { Texts } from "../texts";

export interface Scene {
  texts: Texts;
  conversation: Conversation;
  state: State;
  /** Shows a picture in full. */
  enlarge(picture: Blob): void;
  /** Puts the cursor back into the question field. */
  focusQuestion(): void;
  /** Tells a screen reader something that is on screen already. */
  speak(words: string): void;
}

const SceneContext = createContext<Scene | null>(null);
export const SceneProvider = SceneContext.Provider;

export function useScene(): Scene {
  const scene = useContext(SceneContext);
  if (!scene) throw new Error("a part of the chat stands outside of it");
  return scene;
}
