//! Customized fields.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::field::{Choice, FieldType};

/// A customized field, with the open API's names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// 19 digits; made if left out, and then the field is found by its key. A field that was deleted and comes back with
    /// the same id has its values again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[1-9][0-9]{18}$"))]
    pub id: Option<String>,
    /// The key, unique in its list.
    pub key_name: String,
    /// The name.
    pub display_name: String,
    /// The place among the fields, from 0 (the place in the list, if the field is new).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 999_999))]
    pub position: Option<i64>,
    /// What a value looks like (`string` is the default).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field_type: Option<FieldType>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether agents see it (they do, if left out).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visible: Option<bool>,
    /// Whether its value may be changed (it may, if left out).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub editable: Option<bool>,
    /// Whether agents have to fill it in (they need not, if left out).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required: Option<bool>,
    /// The options of a drop-down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dropdown_options: Option<Options>,
    /// Whether several options may be picked; only of a `dropdown`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dropdown_allow_multiple: Option<bool>,
}

/// The options of a drop-down: one level of a `dropdown`, up to three of a `dropdown_nested`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// The options at the top.
    pub children: Vec<Choice>,
}
