// A list to pick from with the keys of the field above it.

import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";

/** `asked`: what the list is of; with another it begins at `first` again. */
export function useOptions(count: number, asked: string, pick: (at: number) => void, first = 0) {
  const id = useId();
  const list = useRef<HTMLUListElement>(null);
  const [at, setActive] = useState<number | null>(null);
  const active = Math.min(at ?? first, Math.max(0, count - 1));
  useEffect(() => setActive(null), [asked]);
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move !== undefined && count > 0) setActive((active + move + count) % count);
    else if (event.key === "Enter") {
      if (count > 0) pick(active);
    } else if (move === undefined) return;
    event.preventDefault();
  };
  return {
    field: {
      role: "combobox",
      autoComplete: "off",
      "aria-autocomplete": "list",
      "aria-expanded": true,
      "aria-controls": id,
      "aria-activedescendant": count > 0 ? `${id}-${active}` : undefined,
      onKeyDown,
    } as const,
    list: { id, ref: list, role: "listbox" } as const,
    option: (index: number) =>
      ({ id: `${id}-${index}`, role: "option", "aria-selected": index === active, onMouseMove: () => setActive(index), onMouseDown: keepFocus, onClick: () => pick(index) }) as const,
  };
}

/** The field keeps the focus, so that its keys go on working. */
function keepFocus(event: { preventDefault: () => void }): void {
  event.preventDefault();
}
