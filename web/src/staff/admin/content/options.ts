// The options of a drop-down as rows of a form, and as the server keeps them.

import type { Schemas } from "../../api/client";

type Option = Schemas["DropdownOption"];

/** Most levels of a nested drop-down. */
export const LEVELS = 3;

export interface Row {
  /** What the row is told apart by while it is moved about. */
  id: number;
  tag: string;
  name: string;
  /** 0 at the top. */
  depth: number;
}

export function rowsOf(options: Option[] | undefined, depth = 0): Row[] {
  const rows = (options ?? []).flatMap(({ tag, display_name: name, children }): Row[] => [{ id: 0, tag, name, depth }, ...rowsOf(children ?? undefined, depth + 1)]);
  return rows.map((row, id) => ({ ...row, id }));
}

/** The tree that rows stand for; rows without a name are none. A tag that nobody wrote is the name. */
export function treeOf(rows: Row[]): Option[] {
  const top: Option[] = [];
  const open: Option[][] = [top];
  for (const { tag, name, depth } of rows.filter(({ name }) => name.trim())) {
    open.length = Math.min(open.length, depth + 1);
    const option: Option = { tag: tag.trim() || name.trim(), display_name: name.trim() };
    open.at(-1)?.push(option);
    open.push(childrenOf(option));
  }
  return top.map(pruned);
}

function childrenOf(option: Option): Option[] {
  const children: Option[] = [];
  option.children = children;
  return children;
}

function pruned({ children, ...option }: Option): Option {
  return children?.length ? { ...option, children: children.map(pruned) } : option;
}

/** With a row one level in or out; what stands below it comes along. */
export function shifted(rows: Row[], at: number, by: number): Row[] {
  const depth = rows[at]?.depth ?? 0;
  const end = rows.findIndex((row, number) => number > at && row.depth <= depth);
  return rows.map((row, number) => (number >= at && (end < 0 || number < end) ? { ...row, depth: row.depth + by } : row));
}

/** Whether a row may go one level in: below the one before it, and no deeper than there are levels. */
export function mayGoIn(rows: Row[], at: number): boolean {
  const [row, before] = [rows[at], rows[at - 1]];
  if (!row || !before || row.depth > before.depth) return false;
  return Math.max(...shifted(rows, at, 1).map(({ depth }) => depth)) < LEVELS;
}
