// The graph of what a score would have done. It has a chunk of its own, for the library is larger than the page.

import { Area, AreaChart, CartesianGrid, ReferenceLine, ResponsiveContainer, XAxis, YAxis } from "recharts";
import { PARTS, type Row } from "./thresholds";

const TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1];

interface ThresholdChartProps {
  rows: Row[];
  questions: number;
  /** The score in use, and the one on the form. */
  saved: number;
  draft: number;
}

/** Hidden from screen readers, who have the words beside it and the table. */
export default function ThresholdChart({ rows, questions, saved, draft }: ThresholdChartProps) {
  const label = (at: number) => ({ value: at.toFixed(2), position: at > 0.85 ? ("insideTopRight" as const) : ("insideTopLeft" as const), fill: "currentColor", fontWeight: 600 });
  return (
    <div className="graph-area" aria-hidden="true">
      <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 280, height: 220 }}>
        <AreaChart data={rows} accessibilityLayer={false} margin={{ top: 18, right: 12, bottom: 0, left: -12 }}>
          <CartesianGrid stroke="var(--semi-color-border)" vertical={false} />
          <XAxis dataKey="at" type="number" domain={[0, 1]} ticks={TICKS} tickFormatter={(at: number) => at.toFixed(1)} stroke="var(--semi-color-text-1)" tick={{ fill: "var(--semi-color-text-1)" }} />
          <YAxis domain={[0, Math.max(1, questions)]} allowDecimals={false} stroke="var(--semi-color-text-1)" tick={{ fill: "var(--semi-color-text-1)" }} />
          {PARTS.map((part) => (
            <Area key={part} dataKey={part} stackId="all" type="stepBefore" isAnimationActive={false} stroke="none" fill={`var(--graph-${part})`} fillOpacity={1} activeDot={false} />
          ))}
          {saved !== draft && <ReferenceLine className="graph-saved" x={saved} stroke="currentColor" strokeDasharray="4 4" ifOverflow="extendDomain" />}
          <ReferenceLine className="graph-draft" x={draft} stroke="currentColor" strokeWidth={2} label={label(draft)} ifOverflow="extendDomain" />
        </AreaChart>
      </ResponsiveContainer>
    </div>
  );
}
