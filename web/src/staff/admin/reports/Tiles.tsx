import type { ReactNode } from "react";
import { Count } from "./Count";
import { useFormat } from "./format";
import type { Figure, Figures, Range } from "./range";

interface TilesProps {
  deskId: string;
  range: Range;
  total: Figures;
  before: Figures;
}

/** The figures of all tickets, each beside that of the days before. */
export function Tiles({ deskId, range, total, before }: TilesProps) {
  const { t, number, share, duration } = useFormat();
  const notes = (...figures: Figure[]) => (
    <dl className="tile-notes">
      {figures.map((figure) => (
        <div key={figure}>
          <dt>{t(`reports.figure.${figure}`)}</dt>
          <dd>
            <Count {...{ deskId, range, figure, figures: total }} />
          </dd>
        </div>
      ))}
    </dl>
  );
  const slow = (seconds: number | undefined) => (seconds === undefined ? undefined : t("reports.p90", { time: duration(seconds) }));
  return (
    <ul className="cards tiles">
      <Tile title={t("reports.volume")} value={number(total.opened)} before={number(before.opened)}>
        {notes("opened", "open", "closed")}
      </Tile>
      <Tile title={t("reports.interception")} value={share(total.intercepted_share)} before={share(before.intercepted_share)}>
        {notes("intercepted", "handed_over")}
      </Tile>
      <Tile title={t("reports.solvedRate")} value={share(total.solved_share)} before={share(before.solved_share)}>
        {notes("solved", "not_solved")}
      </Tile>
      <Tile title={t("reports.firstResponse")} value={duration(total.first_response_median_s)} before={duration(before.first_response_median_s)} hint={slow(total.first_response_p90_s)}>
        {notes("answered", "unanswered")}
      </Tile>
      <Tile title={t("reports.resolution")} value={duration(total.resolution_median_s)} before={duration(before.resolution_median_s)} hint={slow(total.resolution_p90_s)}>
        {notes("resolved")}
      </Tile>
      <Tile title={t("reports.queue")} value={duration(total.queue_median_s)} before={duration(before.queue_median_s)} hint={slow(total.queue_p90_s)}>
        {notes("queued", "taken", "abandoned", "waiting")}
      </Tile>
      <Tile
        title={t("reports.satisfaction")}
        value={number(total.satisfaction, 2)}
        before={number(before.satisfaction, 2)}
        hint={t("reports.ratedShare", { share: share(total.rated_share) })}
      >
        {notes("rated", "satisfied", "neutral", "dissatisfied")}
      </Tile>
    </ul>
  );
}

function Tile({ title, value, before, hint, children }: { title: string; value: string; before: string; hint?: string | undefined; children: ReactNode }) {
  const { t } = useFormat();
  return (
    <li className="card tile">
      <h2>{title}</h2>
      <p className="tile-value">{value}</p>
      <p className="muted">{t("reports.beforeWas", { value: before })}</p>
      {hint && <p className="muted">{hint}</p>}
      {children}
    </li>
  );
}
