//! The frame around every answer (reference: platform-protocol 3.2).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::code::Code;

/// A success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Success<T> {
    /// Always 0.
    pub code: i64,
    /// Always `success`.
    pub msg: String,
    /// What was asked for.
    pub data: T,
}

/// A success as it is written, without owning the text.
#[derive(Debug, Serialize)]
pub struct SuccessRef<'a, T> {
    code: i64,
    msg: &'static str,
    data: &'a T,
}

impl<'a, T: Serialize> SuccessRef<'a, T> {
    /// The envelope of `data`.
    pub fn new(data: &'a T) -> Self {
        Self { code: Code::SUCCESS.number, msg: Code::SUCCESS.msg, data }
    }
}

/// A failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// Not 0.
    pub code: i64,
    /// The code's text; not a stable interface.
    pub msg: String,
    /// What happened in this case.
    #[serde(default)]
    pub error: ErrorDetail,
}

/// What happened and where. Members without content are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ErrorDetail {
    /// What happened and what is allowed, in a sentence.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// The request's id, as in `X-Tt-Logid`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub log_id: String,
    /// Where to look further.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub troubleshooter: String,
    /// Scopes or rights that are missing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub permission_violations: Vec<PermissionViolation>,
    /// Fields that are missing or wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub field_violations: Vec<FieldViolation>,
    /// Pages that help.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub helps: Vec<Help>,
    /// Why, for clients that say it in their reader's language. Only calls outside of the open API that name their codes have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Box<Reason>>,
}

/// Why a call failed, as a code with its values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// Which of the call's codes it is.
    pub code: String,
    /// What the code's sentence is filled with.
    #[serde(flatten)]
    pub values: BTreeMap<String, Value>,
}

/// A scope or right that is missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PermissionViolation {
    /// `action_scope_required` or `action_privilege_required`.
    pub r#type: String,
    /// The scope, such as `helpdesk:all`.
    pub subject: String,
}

/// A field that is missing or wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct FieldViolation {
    /// The field's path, such as `faqs[0].score`.
    pub field: String,
    /// The value as sent, shortened; empty if there was none.
    pub value: String,
    /// What is wrong and what is allowed, such as `event_id is required`.
    pub description: String,
}

/// A page that helps.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Help {
    /// Its address.
    pub url: String,
    /// What it is about.
    pub description: String,
}

/// An object without members: no query, no body, no result. Members that are sent are ignored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Nothing {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_success_without_result_has_an_empty_data_object() {
        let text = serde_json::to_string(&SuccessRef::new(&Nothing {})).unwrap();
        assert_eq!(text, r#"{"code":0,"msg":"success","data":{}}"#);
    }

    #[test]
    fn unset_members_of_a_failure_are_left_out() {
        let failure = Failure {
            code: 154_000,
            msg: "m".into(),
            error: ErrorDetail { log_id: "l".into(), ..ErrorDetail::default() },
        };
        let text = serde_json::to_string(&failure).unwrap();
        assert_eq!(text, r#"{"code":154000,"msg":"m","error":{"log_id":"l"}}"#);
    }
}
