//! Pictures of FAQs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A picture of a FAQ's rich answer: PNG, JPEG, GIF or WebP, at most 5 MiB. Either `file` or `data` has to be given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FaqImage {
    /// What `img` items name it by: `img_` and 1 to 64 letters, digits, `_` and `-`; unique in the help desk.
    #[schemars(regex(pattern = "^img_[0-9A-Za-z_-]{1,64}$"))]
    pub key: String,
    /// The picture's file; its path starts at the desk file's folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The picture itself in base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
}
