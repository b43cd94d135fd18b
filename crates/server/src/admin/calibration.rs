//! How a help desk's scores are fitted to what became of its answers.

use axum::Json;
use axum::extract::State;
use desk::calibration::{self, Kept, Kind, Label, Verdict};
use retrieval::Calibration;
use retrieval::calibration as engine;
use schemars::JsonSchema;
use serde::Serialize;
use wire::Nothing;

use super::Visitor;
use super::desks::of_path;
use crate::api::error::ApiError;
use crate::app::App;
use crate::calibrating::{of_engine, scored_by};
use crate::guest::Segment;

/// How log-odds become scores on a help desk, what that rests on, and how true the scores are.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminCalibration")]
pub struct CalibrationOut {
    /// Whether scores differ from the model's own.
    in_use: bool,
    /// What came of the last fit: `better` (labels make the scores better), `too_few` (labels), `no_better` (than the
    /// model's own scores), `none` (there was none since the last reset).
    #[schemars(extend("enum" = ["better", "too_few", "no_better", "none"]))]
    verdict: &'static str,
    /// The same in words.
    why: String,
    /// What the model's log-odds are multiplied by; 1 is the model's own.
    #[schemars(range(min = 0.25, max = 4.0))]
    slope: f64,
    /// What is added to them; 0 is the model's own.
    #[schemars(range(min = -4.0, max = 4.0))]
    offset: f64,
    /// When it was fitted or reset last, Unix ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    fitted_at: Option<i64>,
    /// Questions with a word on the engine's answer, the newest 2,000 of them, by what was said.
    labels: LabelCounts,
    /// What they count for together: one guest's questions for 3 at most.
    weight: f64,
    /// What they have to count for before anything is fitted.
    needed: f64,
    /// How far scores are from the share that was right, on average over the bands, 0 to 1; left out without labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<f64>,
    /// The same for the model's own scores.
    #[serde(skip_serializing_if = "Option::is_none")]
    error_without: Option<f64>,
    /// How often the best FAQ was right, by their score as it would be now; bands without labels are left out.
    bands: Vec<BandOut>,
}

/// Questions by what was said of the engine's answer.
#[derive(Debug, Default, Serialize, JsonSchema)]
struct LabelCounts {
    /// All.
    total: usize,
    /// The guest: the answer solved it.
    solved: usize,
    /// The guest: it did not.
    not_solved: usize,
    /// The guest picked the best FAQ from a list.
    chosen_first: usize,
    /// The guest picked another one.
    chosen_other: usize,
    /// An agent answered with the best FAQ.
    agent_first: usize,
    /// An agent answered with another one.
    agent_other: usize,
}

/// Scores between two bounds, and how often they were right.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ScoreBand")]
struct BandOut {
    /// The least score of the band.
    from: f64,
    /// The score above it.
    to: f64,
    /// Questions whose best FAQ is in it.
    labels: usize,
    /// Their mean score.
    score: f64,
    /// The share that was right, 0 to 1.
    right: f64,
}

impl LabelCounts {
    fn of(labels: &[Label]) -> Self {
        let mut counts = Self { total: labels.len(), ..Self::default() };
        for label in labels {
            *match label.kind {
                Kind::Solved => &mut counts.solved,
                Kind::NotSolved => &mut counts.not_solved,
                Kind::ChosenFirst => &mut counts.chosen_first,
                Kind::ChosenOther => &mut counts.chosen_other,
                Kind::AgentFirst => &mut counts.agent_first,
                Kind::AgentOther => &mut counts.agent_other,
            } += 1;
        }
        counts
    }
}

impl CalibrationOut {
    fn of(kept: &Kept, labels: &[Label]) -> Self {
        let calibration = scored_by(kept.curve);
        let known = of_engine(labels, kept.seen);
        let weight = engine::weight(&known);
        let some = |error: f64| (!known.is_empty()).then_some(error);
        let band =
            |b: engine::Band| BandOut { from: b.from, to: b.to, labels: b.labels, score: b.score, right: b.right };
        Self {
            in_use: calibration != Calibration::default(),
            verdict: kept.verdict.map_or("none", Verdict::as_str),
            why: why(kept, weight),
            slope: calibration.slope(),
            offset: calibration.offset(),
            fitted_at: (kept.version > 0).then_some(kept.fitted_at),
            labels: LabelCounts::of(labels),
            weight,
            needed: engine::LEAST,
            error: some(engine::error(&known, calibration)),
            error_without: some(engine::error(&known, Calibration::default())),
            bands: engine::reliability(&known, calibration).into_iter().map(band).collect(),
        }
    }
}

fn why(kept: &Kept, weight: f64) -> String {
    let back = if kept.curve == calibration::Curve::default() {
        "the model's own scores are in use"
    } else {
        "scores go back to the model's own with what is said next"
    };
    match kept.verdict {
        None => format!("nothing has been fitted yet; {back}"),
        Some(Verdict::Better) => {
            format!("{} questions were fitted, and make scores better for others than their own", kept.labels)
        }
        Some(Verdict::TooFew) => {
            let least = engine::LEAST;
            let most = engine::GUEST_MOST;
            format!("labels count for {weight:.1} where {least} are needed, and one guest's for {most} at most; {back}")
        }
        Some(Verdict::NoBetter) => {
            format!("on questions held back from it, a fit was no better than the model's own scores; {back}")
        }
    }
}

/// `GET /admin/v1/desks/:helpdesk_id/calibration`
pub async fn show(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
) -> Result<Json<CalibrationOut>, ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    let (kept, labels) = app
        .read(move |tx, _| {
            let kept = calibration::kept(tx, &desk)?;
            let (labels, _) = calibration::labels(tx, &desk, kept.forgotten)?;
            Ok((kept, labels))
        })
        .await?;
    Ok(Json(CalibrationOut::of(&kept, &labels)))
}

/// `DELETE /admin/v1/desks/:helpdesk_id/calibration`
pub async fn reset(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
) -> Result<Json<Nothing>, ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    app.write(move |tx, cx| Ok(calibration::reset(tx, cx, &desk)?)).await?;
    Ok(Json(Nothing {}))
}
