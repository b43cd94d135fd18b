import { useNow } from "./clock";
import { useFullTime, useMoment } from "./when";

/** A moment; the pointer tells it in full. */
export function Moment({ at }: { at: number }) {
  const moment = useMoment();
  const full = useFullTime();
  const now = useNow();
  return (
    <time dateTime={new Date(at).toISOString()} title={full(at)}>
      {moment(at, now)}
    </time>
  );
}
