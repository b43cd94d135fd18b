//! `deskwire answer --shadow-report`: how often the engine would have been right.

use answerer::{Band, Outcomes, Report, ReportSettings, Settings};
use serde_json::{Value, json};

use crate::answer::failure;
use crate::fail::Failure;
use crate::out;

/// Makes the report and prints it.
pub async fn run(settings: Settings, as_json: bool) -> Result<(), Failure> {
    let Settings { base_url, credentials, data_dir, clock, .. } = settings;
    let asked = ReportSettings { base_url, credentials, data_dir, clock };
    let report = answerer::report(asked).await.map_err(failure)?;
    Ok(out::line(&if as_json { json(&report).to_string() } else { text(&report) })?)
}

fn json(report: &Report) -> Value {
    let precision = |outcomes: &Outcomes| outcomes.precision().map(|(share, _)| share);
    let band = |band: &Band| {
        json!({"score_from": from(band), "score_to": to(band), "questions": band.questions, "outcomes": band.outcomes,
               "precision": precision(&band.outcomes)})
    };
    json!({
        "questions": report.questions,
        "direct": report.direct,
        "listed": report.listed,
        "nothing": report.nothing,
        "outcomes": report.outcomes,
        "precision": precision(&report.outcomes),
        "bands": report.bands.iter().map(band).collect::<Vec<_>>(),
    })
}

fn text(report: &Report) -> String {
    let of = &report.outcomes;
    let mut lines = vec![
        format!("{} questions seen", report.questions),
        format!("  {} would have been answered directly", report.direct),
        format!("  {} would have had FAQs to choose from", report.listed),
        format!("  {} would have had nothing", report.nothing),
        "what became of them".to_owned(),
        format!("  {} an agent answered the same as a FAQ meant for them", of.same),
        format!("  {} an agent answered something else", of.other),
        format!("  {} were solved without an agent's answer", of.alone),
        format!("  {} left the guest dissatisfied, without an agent's answer", of.unsolved),
        format!("  {} unknown: nothing tells what the right answer was", of.unknown),
        format!("  {} still open; the next report looks again", of.open),
        format!("precision {}", share(of)),
    ];
    if !report.bands.is_empty() {
        lines.push("score      questions  same  other  alone  unsolved  unknown  open  precision".to_owned());
    }
    for band in &report.bands {
        let of = &band.outcomes;
        lines.push(format!(
            "{:.1} to {:.1} {:>9}  {:>4}  {:>5}  {:>5}  {:>8}  {:>7}  {:>4}  {}",
            from(band),
            to(band),
            band.questions,
            of.same,
            of.other,
            of.alone,
            of.unsolved,
            of.unknown,
            of.open,
            share(of)
        ));
    }
    lines.join("\n")
}

fn share(outcomes: &Outcomes) -> String {
    match outcomes.precision() {
        Some((share, judged)) => format!("{:.0} % of {judged} judged by an agent's answer", share * 100.0),
        None => "unknown: no agent's answer to judge by".to_owned(),
    }
}

/// Lowest score of a band.
fn from(band: &Band) -> f64 {
    f64::from(u32::try_from(band.from).unwrap_or(100)) / 100.0
}

/// Where a band ends.
fn to(band: &Band) -> f64 {
    f64::from(u32::try_from(band.from + 10).unwrap_or(100)) / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let outcomes = Outcomes { same: 3, other: 1, unknown: 2, ..Outcomes::default() };
        let band = Band { from: 90, questions: 6, outcomes };
        Report { questions: 7, direct: 6, nothing: 1, outcomes, bands: vec![band], ..Report::default() }
    }

    #[test]
    fn text_and_json_tell_the_same() {
        let text = text(&report());
        assert!(text.contains("precision 75 % of 4 judged by an agent's answer\n"), "{text}");
        assert!(
            text.contains("0.9 to 1.0         6     3      1      0         0        2     0  75 % of 4"),
            "{text}"
        );
        let json = json(&report());
        assert_eq!((&json["precision"], &json["bands"][0]["score_from"]), (&0.75.into(), &0.9.into()));
        assert_eq!((&json["outcomes"]["unknown"], &json["bands"][0]["outcomes"]["same"]), (&2.into(), &3.into()));
    }

    #[test]
    fn without_an_agents_answer_the_precision_is_unknown() {
        assert!(text(&Report::default()).ends_with("precision unknown: no agent's answer to judge by"));
        assert_eq!(json(&Report::default())["precision"], Value::Null);
    }
}
