//! How a help desk answers questions: who speaks first, how long it waits for an app, and from which score on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::threshold::Thresholds;

/// Who answers a guest's question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The built-in engine, at once.
    Builtin,
    /// An app, through `answer_user_query`, however long it takes.
    App,
    /// An app for `app_timeout_ms`, then the built-in engine.
    AppThenBuiltin,
}

/// A help desk's answering rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Answering {
    /// Who answers. Without an app that is subscribed to message events, the app modes act as `builtin`.
    pub by: By,
    /// How long an app has before the built-in engine answers, in milliseconds (100 to 600000).
    #[schemars(range(min = 100, max = 600_000))]
    pub app_timeout_ms: i64,
    /// From this score on (0 to 1), the best FAQ's answer is shown.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub direct_score: f64,
    /// From this score on (0 to 1, at most `direct_score`), a list of questions is shown; below it, the way to a human.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub list_score: f64,
    /// How many questions a list, or the related questions under an answer, may hold (1 to 10).
    #[schemars(range(min = 1, max = 10))]
    pub list_size: usize,
    /// After how many minutes without a word of the guest a ticket that is still with the bot is closed (1 to 43200);
    /// never, if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 43_200))]
    pub idle_close_min: Option<i64>,
}

impl Default for Answering {
    fn default() -> Self {
        Self {
            by: By::AppThenBuiltin,
            app_timeout_ms: 3_000,
            direct_score: 0.8,
            list_score: 0.25,
            list_size: 3,
            idle_close_min: None,
        }
    }
}

impl Answering {
    /// The first value that is out of range: its key and what is allowed.
    pub fn fault(&self) -> Option<(&'static str, String)> {
        if !(100..=600_000).contains(&self.app_timeout_ms) {
            return Some(("app_timeout_ms", format!("{} is not in 100..=600000", self.app_timeout_ms)));
        }
        if let Some(fault) = Thresholds::of(self).fault() {
            return Some(fault);
        }
        if !(1..=10).contains(&self.list_size) {
            return Some(("list_size", format!("{} is not in 1..=10", self.list_size)));
        }
        if self.idle_close_min.is_some_and(|min| !(1..=43_200).contains(&min)) {
            return Some(("idle_close_min", format!("{} is not in 1..=43200", self.idle_close_min.unwrap_or(0))));
        }
        None
    }
}
