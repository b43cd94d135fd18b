//! Notifications (reference: helpdesk-v1 7; helpdesk-v1.json `notification.*`). Times are Unix milliseconds as digits.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::flex;

/// Path of a notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NotificationPath {
    /// Decimal id.
    #[schemars(regex(pattern = r"^[1-9][0-9]{0,18}$"))]
    pub notification_id: String,
}

/// Query of `notification.create`, `notification.get` and `notification.patch`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IdTypeQuery {
    /// `open_id` (default), `union_id` or `user_id`; the last needs `contact:user.employee_id:readonly`.
    #[schemars(extend("enum" = ["open_id", "union_id", "user_id"]))]
    pub user_id_type: Option<String>,
}

/// A user in a notification.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct NotificationUser {
    /// An id of the kind chosen by `user_id_type`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// Address of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar_url: Option<String>,
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A department in a notification.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct NotificationDepartment {
    /// Its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department_id: Option<String>,
    /// Its name, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A chat in a notification.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct NotificationChat {
    /// `oc_…`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat_id: Option<String>,
    /// Its name, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Body of `notification.create` and `notification.patch`. What the server assigns (`id`, `status`, users, times,
/// counters) is ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct NotificationInput {
    /// Name of the task, 1 to 100 characters; required.
    #[schemars(required, length(min = 1, max = 100))]
    pub job_name: Option<String>,
    /// A message card's JSON in a string, at most 30,000 characters; required.
    #[schemars(required, length(min = 1, max = 30000))]
    pub push_content: Option<String>,
    /// 0 timed push, 1 push for new staff; required.
    #[schemars(required, extend("enum" = [0, 1]))]
    pub push_type: Option<i64>,
    /// 0 everyone, 1 nobody (chats only), 2 some members, 3 new staff; required.
    #[schemars(required, extend("enum" = [0, 1, 2, 3]))]
    pub push_scope_type: Option<i64>,
    /// 0 all new staff, 1 that of certain departments; required with `push_type` 1.
    #[schemars(extend("enum" = [0, 1]))]
    pub new_staff_scope_type: Option<i64>,
    /// Those departments.
    #[serde(deserialize_with = "flex::objects")]
    #[schemars(length(max = 1000))]
    pub new_staff_scope_department_list: Option<Vec<NotificationDepartment>>,
    /// Addressees, with `push_scope_type` 2; at most 1,000.
    #[serde(deserialize_with = "flex::objects")]
    #[schemars(length(max = 1000))]
    pub user_list: Option<Vec<NotificationUser>>,
    /// Departments whose members are addressees, with `push_scope_type` 2; at most 1,000.
    #[serde(deserialize_with = "flex::objects")]
    #[schemars(length(max = 1000))]
    pub department_list: Option<Vec<NotificationDepartment>>,
    /// Chats of the help desk that get it as well; at most 1,000.
    #[serde(deserialize_with = "flex::objects")]
    #[schemars(length(max = 1000))]
    pub chat_list: Option<Vec<NotificationChat>>,
    /// Kept as it is, at most 2,000 characters.
    #[schemars(length(max = 2000))]
    pub ext: Option<String>,
}

/// Data of `notification.create`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CreateData {
    /// Decimal id.
    pub notification_id: String,
    /// 0, a draft.
    pub status: i64,
}

/// A notification.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Notification {
    /// Decimal id.
    pub id: String,
    /// Name of the task.
    pub job_name: String,
    /// 0 draft, 1 under review, 2 approved, 3 waiting for its time, 4 being sent, 5 sent, 6 stopped, 7 recalled.
    pub status: i64,
    /// Who made it.
    pub create_user: NotificationUser,
    /// When it was made.
    pub created_at: String,
    /// Who changed it last.
    pub update_user: NotificationUser,
    /// When it was changed last.
    pub updated_at: String,
    /// Addressees found so far.
    pub target_user_count: i64,
    /// Addressees who got it.
    pub sent_user_count: i64,
    /// Addressees whose client has fetched it.
    pub read_user_count: i64,
    /// When it is to go out, or went out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub send_at: Option<String>,
    /// The card's JSON.
    pub push_content: String,
    /// 0 timed push, 1 push for new staff.
    pub push_type: i64,
    /// 0 everyone, 1 nobody (chats only), 2 some members, 3 new staff.
    pub push_scope_type: i64,
    /// 0 all new staff, 1 that of certain departments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_staff_scope_type: Option<i64>,
    /// Those departments.
    pub new_staff_scope_department_list: Vec<NotificationDepartment>,
    /// Users.
    pub user_list: Vec<NotificationUser>,
    /// Departments.
    pub department_list: Vec<NotificationDepartment>,
    /// Chats.
    pub chat_list: Vec<NotificationChat>,
    /// As it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ext: Option<String>,
}

/// Data of `notification.get`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct GetData {
    /// The notification.
    pub notification: Notification,
    /// The page on which the owner decides.
    pub approval_app_link: String,
}

/// Body of `notification.submit_approve`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SubmitBody {
    /// Why it should be sent, 1 to 1,000 characters.
    #[schemars(length(min = 1, max = 1000))]
    pub reason: String,
}

/// Data of `notification.submit_approve`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SubmitData {
    /// Whether approvals can be made here; always true.
    pub has_access: bool,
}

/// Body of `notification.execute_send`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExecuteBody {
    /// When, Unix milliseconds in 13 digits, within a year; a time that has passed is now.
    #[schemars(regex(pattern = r"^[0-9]{13}$"))]
    pub send_at: String,
}

/// Body of `notification.cancel_send`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CancelBody {
    /// Whether what went out is taken back.
    pub is_recall: bool,
}
