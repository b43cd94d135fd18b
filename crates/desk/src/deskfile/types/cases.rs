//! Kept cases.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A question with the answer it has to get, tried by `deskwire replay --cases`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The question as a guest would ask it; unique in the help desk.
    #[schemars(length(min = 1, max = 1000))]
    pub text: String,
    /// The FAQ that has to be shown, directly or in the list: its id or its question. `nothing` if neither may be.
    pub wanted: String,
    /// Why it is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1000))]
    pub note: Option<String>,
}
