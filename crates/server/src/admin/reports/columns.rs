//! The figures of a report as columns of a file.

use super::shape::FiguresOut;

fn shown<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

type Column = (&'static str, fn(&FiguresOut) -> String);

/// The figures as columns, named as in JSON.
pub(super) const FIGURES: &[Column] = &[
    ("opened", |f| f.opened.to_string()),
    ("open", |f| f.open.to_string()),
    ("closed", |f| f.closed.to_string()),
    ("intercepted", |f| f.intercepted.to_string()),
    ("intercepted_share", |f| shown(f.intercepted_share)),
    ("handed_over", |f| f.handed_over.to_string()),
    ("answered", |f| f.answered.to_string()),
    ("unanswered", |f| f.unanswered.to_string()),
    ("first_response_median_s", |f| shown(f.first_response_median_s)),
    ("first_response_p90_s", |f| shown(f.first_response_p90_s)),
    ("resolved", |f| f.resolved.to_string()),
    ("resolution_median_s", |f| shown(f.resolution_median_s)),
    ("resolution_p90_s", |f| shown(f.resolution_p90_s)),
    ("queued", |f| f.queued.to_string()),
    ("taken", |f| f.taken.to_string()),
    ("abandoned", |f| f.abandoned.to_string()),
    ("waiting", |f| f.waiting.to_string()),
    ("queue_median_s", |f| shown(f.queue_median_s)),
    ("queue_p90_s", |f| shown(f.queue_p90_s)),
    ("solved", |f| f.solved.to_string()),
    ("not_solved", |f| f.not_solved.to_string()),
    ("solved_share", |f| shown(f.solved_share)),
    ("rated", |f| f.rated.to_string()),
    ("rated_share", |f| shown(f.rated_share)),
    ("satisfaction", |f| shown(f.satisfaction)),
    ("dissatisfied", |f| f.dissatisfied.to_string()),
    ("neutral", |f| f.neutral.to_string()),
    ("satisfied", |f| f.satisfied.to_string()),
];
