import type { ReactNode } from "react";
import { Count } from "./Count";
import { useWeekdays } from "../weekdays";
import { useFormat } from "./format";
import { fileOf, type Figure, type Filter, hourOf, type Range, type Row } from "./range";

const COLUMNS: Figure[] = ["opened", "intercepted", "handed_over", "solved", "not_solved", "abandoned", "rated"];

interface TableProps {
  deskId: string;
  range: Range;
  title: string;
  /** The table's name in the address of its file. */
  dimension: "day" | "agent" | "category" | "hour";
  children: ReactNode;
}

/** A table with its heading and its file. */
export function Part({ deskId, range, title, dimension, children }: TableProps) {
  const { t } = useFormat();
  return (
    <section className="report-part" aria-labelledby={`report-${dimension}`}>
      <div className="report-head">
        <h2 id={`report-${dimension}`}>{title}</h2>
        <a className="file" href={fileOf(deskId, `by/${dimension}`, range)} download aria-label={`${t("reports.csv")}: ${title}`}>
          {t("reports.csv")}
        </a>
      </div>
      <div className="scrolled" role="region" tabIndex={0} aria-label={title}>
        {children}
      </div>
    </section>
  );
}

interface RowsProps {
  deskId: string;
  range: Range;
  rows: Row[];
  head: string;
  nameOf: (row: Row) => string;
  /** Which days and tickets a row is of. */
  filterOf: (row: Row) => { range?: Range; filter?: Filter };
}

export function Rows({ deskId, range, rows, head, nameOf, filterOf }: RowsProps) {
  const { t, share, duration, number } = useFormat();
  if (rows.length === 0) return <p className="muted">{t("reports.none")}</p>;
  return (
    <table className="report">
      <thead>
        <tr>
          <th scope="col">{head}</th>
          {COLUMNS.map((figure) => (
            <th key={figure} scope="col">
              {t(`reports.figure.${figure}`)}
            </th>
          ))}
          <th scope="col">{t("reports.interception")}</th>
          <th scope="col">{t("reports.firstResponse")}</th>
          <th scope="col">{t("reports.resolution")}</th>
          <th scope="col">{t("reports.satisfaction")}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.key}>
            <th scope="row">{nameOf(row)}</th>
            {COLUMNS.map((figure) => (
              <td key={figure}>
                <Count {...{ deskId, range, figure, figures: row.figures, ...filterOf(row) }} of={nameOf(row)} />
              </td>
            ))}
            <td>{share(row.figures.intercepted_share)}</td>
            <td>{duration(row.figures.first_response_median_s)}</td>
            <td>{duration(row.figures.resolution_median_s)}</td>
            <td>{number(row.figures.satisfaction, 2)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7];

/** Tickets by hour of the week; the more, the stronger the colour. */
export function Heat({ deskId, range, rows }: { deskId: string; range: Range; rows: Row[] }) {
  const { t } = useFormat();
  const weekday = useWeekdays();
  const most = Math.max(1, ...rows.map(({ figures }) => figures.opened));
  const cells = new Map(rows.map((row) => [row.key, row]));
  return (
    <table className="report heat">
      <thead>
        <tr>
          <th scope="col">{t("reports.weekday")}</th>
          {HOURS.map((hour) => (
            <th key={hour} scope="col">
              {hour}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {WEEKDAYS.map((number) => (
          <tr key={number}>
            <th scope="row">{weekday(number, "short")}</th>
            {HOURS.map((hour) => {
              const row = cells.get(`${number}-${String(hour).padStart(2, "0")}`);
              if (!row) return <td key={hour} />;
              const strength = Math.round((row.figures.opened / most) * 40) + 5;
              return (
                <td key={hour} style={{ background: `color-mix(in srgb, #1f8f4a ${strength}%, transparent)` }}>
                  <Count {...{ deskId, range, figure: "opened", figures: row.figures, filter: hourOf(row.key) }} of={`${weekday(number, "short")} ${hour}:00`} />
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
