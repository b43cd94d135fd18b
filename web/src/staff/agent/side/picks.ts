// What is picked in a drop-down, as its value names it.

import type { Choice } from "../api/calls";

export interface Leaf {
  tag: string;
  /** The names from the top down. */
  name: string;
}

/** What can be picked: the ends of the tree. */
export function leavesOf(choices: Choice[], above = ""): Leaf[] {
  return choices.flatMap(({ tag, display_name, children }) => {
    const name = above ? `${above}/${display_name}` : display_name;
    return children && children.length > 0 ? leavesOf(children, name) : [{ tag, name }];
  });
}

/** The picks that a value names. Names may hold commas themselves, so the longest that fits is taken each time. */
export function picksOf(value: string, leaves: Leaf[]): Leaf[] {
  const picks: Leaf[] = [];
  const longestFirst = [...leaves].sort((a, b) => b.name.length - a.name.length);
  let rest = value;
  while (rest !== "") {
    const found = longestFirst.find(({ name }) => rest === name || rest.startsWith(`${name},`));
    if (!found) return picks;
    picks.push(found);
    rest = rest.slice(found.name.length + 1);
  }
  return picks;
}
