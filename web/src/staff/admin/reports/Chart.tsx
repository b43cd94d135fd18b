import { Bar, BarChart, CartesianGrid, Legend, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { useFormat } from "./format";
import type { Row } from "./range";

const AXIS = { fill: "var(--semi-color-text-1)", fontSize: 12 };

/** Tickets by day: how many the bot ended, how many went to people. The table below says the same to who does not see it. */
export function Chart({ days }: { days: Row[] }) {
  const { t, day } = useFormat();
  const data = days.map(({ key, figures }) => ({
    day: day(key),
    bot: figures.opened - figures.handed_over,
    people: figures.handed_over,
  }));
  return (
    <div className="chart" aria-hidden>
      <ResponsiveContainer width="100%" height={260}>
        <BarChart data={data} margin={{ top: 8, right: 8, bottom: 0, left: -16 }} accessibilityLayer={false}>
          <CartesianGrid vertical={false} stroke="var(--semi-color-border)" />
          <XAxis dataKey="day" tick={AXIS} stroke="var(--semi-color-border)" minTickGap={16} />
          <YAxis allowDecimals={false} tick={AXIS} stroke="var(--semi-color-border)" />
          <Tooltip
            cursor={{ fill: "var(--semi-color-fill-0)" }}
            contentStyle={{ background: "var(--semi-color-bg-3)", border: "1px solid var(--semi-color-border)", borderRadius: 8, color: "var(--semi-color-text-0)" }}
          />
          <Legend formatter={(name: string) => <span className="chart-name">{name}</span>} />
          <Bar dataKey="bot" name={t("reports.withBot")} stackId="tickets" fill="#1f8f4a" isAnimationActive={false} />
          <Bar dataKey="people" name={t("reports.withPeople")} stackId="tickets" fill="#d98200" isAnimationActive={false} />
        </BarChart>
      </ResponsiveContainer>
    </div>
  );
}
