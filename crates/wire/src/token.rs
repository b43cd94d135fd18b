//! Bodies of the token endpoints: everything at the top level, no `data` (reference: platform-protocol 2.1).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What an app sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AppCredentials {
    /// `cli_` and 16 hex digits.
    pub app_id: String,
    /// The app's secret.
    pub app_secret: String,
}

/// The answer of `tenant_access_token/internal`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TenantAccessToken {
    /// 0
    pub code: i64,
    /// `ok`
    pub msg: String,
    /// `t-…`
    pub tenant_access_token: String,
    /// Whole seconds the token has left, 7200 at most.
    pub expire: i64,
}

impl TenantAccessToken {
    /// A success.
    pub fn new(token: String, expire: i64) -> Self {
        Self { code: 0, msg: "ok".to_owned(), tenant_access_token: token, expire }
    }
}

/// The answer of `app_access_token/internal`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AppAccessToken {
    /// 0
    pub code: i64,
    /// `ok`
    pub msg: String,
    /// `t-…`
    pub app_access_token: String,
    /// The same token.
    pub tenant_access_token: String,
    /// Whole seconds the token has left, 7200 at most.
    pub expire: i64,
}

impl AppAccessToken {
    /// A success.
    pub fn new(token: String, expire: i64) -> Self {
        Self { code: 0, msg: "ok".to_owned(), app_access_token: token.clone(), tenant_access_token: token, expire }
    }
}

/// A failure of either; comes with HTTP 200.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokenFailure {
    /// 10003 or 10014.
    pub code: i64,
    /// The code's text.
    pub msg: String,
}
