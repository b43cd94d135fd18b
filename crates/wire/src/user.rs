//! People as tickets and FAQs show them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A person (reference: helpdesk-v1.json `ticket_user`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct TicketUser {
    /// `ou_…`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Address of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar_url: Option<String>,
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// E-mail address; not in FAQs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Name of the department, if the caller may see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// Country code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

/// The ids of a person in events (reference: helpdesk-v1.json `user_id`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct UserId {
    /// `on_…`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub union_id: Option<String>,
    /// Only for apps with `contact:user.employee_id:readonly`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// `ou_…`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_id: Option<String>,
}

/// A text in the platform's languages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct I18n {
    /// Chinese.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zh_cn: Option<String>,
    /// English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub en_us: Option<String>,
    /// Japanese.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ja_jp: Option<String>,
}
