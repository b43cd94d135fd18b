//! User tokens: bodies of the OAuth endpoints and what `user_info` tells (reference: platform-protocol 2.3).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The answer of `oauth/v3/token` and `authen/v2/oauth/token`: flat, without `data`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OAuthToken {
    /// 0
    pub code: i64,
    /// `u-…` of a user, `t-…` for `client_credentials`.
    pub access_token: String,
    /// Whole seconds the access token has left, 7200 at most.
    pub expires_in: i64,
    /// `ur-…`, good once; only with the scope `offline_access`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// Whole seconds the refresh token lives, 604800 at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token_expires_in: Option<i64>,
    /// `Bearer`
    pub token_type: String,
    /// The scopes of the access token, separated by spaces.
    pub scope: String,
}

/// A failure of the same endpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OAuthFailure {
    /// Not 0.
    pub code: i64,
    /// The kind of failure in OAuth's words, such as `invalid_grant`.
    pub error: String,
    /// What happened and what is allowed, in a sentence.
    pub error_description: String,
}

/// The `data` of `authen/v1/oidc/access_token` and `authen/v1/oidc/refresh_access_token`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OidcToken {
    /// `u-…`
    pub access_token: String,
    /// `ur-…`, good once; only with the scope `offline_access`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// `Bearer`
    pub token_type: String,
    /// Whole seconds the access token lives: 7200.
    pub expires_in: i64,
    /// Whole seconds the refresh token lives, 2592000 at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_expires_in: Option<i64>,
    /// The scopes of the access token, separated by spaces.
    pub scope: String,
}

/// The `data` of `authen/v1/user_info`. There are no pictures and no phone numbers of people here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct UserInfo {
    /// Name.
    pub name: String,
    /// The same name: there is one for all languages.
    pub en_name: String,
    /// `ou_…`
    pub open_id: String,
    /// `on_…`
    pub union_id: String,
    /// E-mail address; only with `contact:user.email:readonly`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Only with `contact:user.employee_id:readonly`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// The tenant.
    pub tenant_key: String,
}
