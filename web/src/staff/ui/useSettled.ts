import { useEffect, useState } from "react";

/** A value that somebody types, once it has stayed for `ms`; what is empty counts at once. */
export function useSettled(value: string, ms: number): string {
  const [settled, settle] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => settle(value), value ? ms : 0);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}
