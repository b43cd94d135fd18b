import { Link } from "@tanstack/react-router";
import type { Figure, Figures, Filter, Range } from "./range";
import { useFormat } from "./format";

interface CountProps {
  deskId: string;
  range: Range;
  figure: Figure;
  figures: Figures;
  /** Which tickets besides; the row that the number stands in. */
  filter?: Filter;
  /** What a screen reader hears before the figure's name: the row. */
  of?: string;
}

/** A number that leads to its tickets. */
export function Count({ deskId, range, figure, figures, filter = {}, of }: CountProps) {
  const { t, number } = useFormat();
  const label = [of, t(`reports.figure.${figure}`), number(figures[figure])].filter(Boolean).join(": ");
  return (
    <Link to="/desks/$deskId/reports/tickets" params={{ deskId }} search={{ ...range, ...filter, figure } as never} aria-label={label}>
      {number(figures[figure])}
    </Link>
  );
}
