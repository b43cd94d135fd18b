import { useNow } from "./clock";
import { useFullTime, useMoment } from "./when";

/** A moment, if exact to the second; the pointer tells it in full. */
export function Moment({ at, exact = false }: { at: number; exact?: boolean }) {
  const moment = useMoment();
  const full = useFullTime();
  const now = useNow();
  return (
    <time dateTime={new Date(at).toISOString()} title={full(at)}>
      {moment(at, now, exact)}
    </time>
  );
}
