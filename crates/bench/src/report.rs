//! The table of figures, as Markdown.

use std::io::Write as _;
use std::time::Duration;

/// A figure.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// What was measured.
    pub figure: String,
    /// Callers at the same time.
    pub callers: Option<u32>,
    /// How many a second.
    pub rate: Option<f64>,
    /// Median, in microseconds.
    pub p50: Option<f64>,
    /// 99 of 100 were faster, in microseconds.
    pub p99: Option<f64>,
    /// The figure itself where it is none of these, or what belongs to it.
    pub value: String,
    /// What is wanted, and whether it was met.
    pub target: Option<(String, bool)>,
}

impl Row {
    /// A figure that is only a text.
    pub fn value(figure: impl Into<String>, value: impl Into<String>) -> Self {
        Self { figure: figure.into(), value: value.into(), ..Self::default() }
    }

    /// The same with a target.
    #[must_use]
    pub fn target(mut self, text: impl Into<String>, met: bool) -> Self {
        self.target = Some((text.into(), met));
        self
    }

    fn cells(&self) -> [String; 8] {
        let millis = |micros: Option<f64>| micros.map(|m| format!("{:.2}", m / 1000.0)).unwrap_or_default();
        let (target, verdict) = match &self.target {
            Some((text, true)) => (text.clone(), "met".to_owned()),
            Some((text, false)) => (text.clone(), "missed".to_owned()),
            None => <(String, String)>::default(),
        };
        [
            self.figure.clone(),
            self.callers.map(|n| n.to_string()).unwrap_or_default(),
            self.rate.map(|rate| format!("{rate:.0}")).unwrap_or_default(),
            millis(self.p50),
            millis(self.p99),
            self.value.clone(),
            target,
            verdict,
        ]
    }
}

/// The whole table.
pub fn print(rows: &[Row]) {
    let head = ["Figure", "Callers", "Per second", "p50 ms", "p99 ms", "Value", "Target", "Verdict"].map(str::to_owned);
    let right = [false, true, true, true, true, false, false, false];
    let body: Vec<[String; 8]> = rows.iter().map(Row::cells).collect();
    let mut widths = head.each_ref().map(|text| text.chars().count());
    for cells in &body {
        for (width, text) in widths.iter_mut().zip(cells) {
            *width = (*width).max(text.chars().count());
        }
    }
    let show = |cells: &[String; 8]| {
        let padded = cells.iter().zip(widths).zip(right);
        let cells: Vec<String> = padded
            .map(|((text, width), right)| if right { format!("{text:>width$}") } else { format!("{text:<width$}") })
            .collect();
        line(&format!("| {} |", cells.join(" | ")));
    };
    show(&head);
    let rules: Vec<String> = widths
        .iter()
        .zip(right)
        .map(|(width, right)| if right { format!("{}:", "-".repeat(width + 1)) } else { "-".repeat(width + 2) })
        .collect();
    line(&format!("|{}|", rules.join("|")));
    for cells in &body {
        show(cells);
    }
}

/// A line of the result.
pub fn line(text: &str) {
    // Nobody reads it any more; the exit status tells the rest.
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// What is being done, for who waits.
pub fn progress(text: &str) {
    let _ = writeln!(std::io::stderr(), "bench: {text}");
}

/// The value below which `share` (0 to 1) of the sorted times lie, in microseconds.
pub fn percentile(sorted: &[Duration], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = (crate::number(u64::try_from(last).ok()?) * share).round();
    sorted
        .iter()
        .enumerate()
        .find(|(at, _)| crate::number(u64::try_from(*at).unwrap_or(0)) >= place)
        .map(|(_, d)| micros(*d))
}

/// Microseconds.
pub fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
