//! Notifications: the push centre.

pub mod cancel_approve;
pub mod cancel_send;
pub mod create;
pub mod execute_send;
pub mod get;
pub mod patch;
pub mod preview;
pub mod submit_approve;

use desk::event::Who;
use desk::notification::{Draft, Entry, Member, Shown};
use desk::person::IdKind;
use wire::Code;
use wire::notification::{Notification, NotificationChat, NotificationDepartment, NotificationInput, NotificationUser};

use crate::api::{ApiError, number};

/// The codes of all pages here; `preview` and `submit_approve` have no table of their own.
const ERRORS: &[Code] =
    &[Code::BAD_REQUEST, Code::UNAUTHORIZED, Code::FORBIDDEN, Code::NOT_FOUND, Code::METHOD_FORBIDDEN];

/// The number in a notification's path.
fn notification_id(text: &str) -> Result<i64, ApiError> {
    number("notification_id", text)
}

/// What a create or patch is to store. The table flags the first four as optional although its text requires them.
pub(crate) fn draft(input: NotificationInput, id_kind: IdKind) -> Result<Draft, ApiError> {
    let entry = |id: Option<String>, name: Option<String>| Entry { id: id.unwrap_or_default(), name };
    let department = |d: NotificationDepartment| entry(d.department_id, d.name);
    Ok(Draft {
        job_name: required("job_name", input.job_name)?,
        content: required("push_content", input.push_content)?,
        push_type: required("push_type", input.push_type)?,
        scope_type: required("push_scope_type", input.push_scope_type)?,
        new_staff_scope_type: input.new_staff_scope_type,
        new_staff_departments: list(input.new_staff_scope_department_list, department),
        users: list(input.user_list, |user: NotificationUser| entry(user.user_id, user.name)),
        id_kind,
        departments: list(input.department_list, department),
        chats: list(input.chat_list, |chat: NotificationChat| entry(chat.chat_id, chat.name)),
        ext: input.ext,
    })
}

fn required<T>(field: &str, value: Option<T>) -> Result<T, ApiError> {
    value.ok_or_else(|| ApiError::invalid(field, format!("{field} is required")))
}

fn list<T>(given: Option<Vec<T>>, entry: impl Fn(T) -> Entry) -> Option<Vec<Entry>> {
    given.map(|all| all.into_iter().map(entry).collect())
}

/// The notification as SDKs read it.
pub(crate) fn shape(shown: Shown, id_kind: IdKind) -> Notification {
    let Shown { notification: n, members, read_count } = shown;
    let person = |(who, name): (Who, String)| user(id_kind, Some(&who), Some(name));
    let department = |m: Member| NotificationDepartment { department_id: Some(m.id), name: m.name };
    Notification {
        id: n.id.to_string(),
        job_name: n.job_name,
        status: n.status.number(),
        create_user: person(n.created_by),
        created_at: n.created_at.to_string(),
        update_user: person(n.updated_by),
        updated_at: n.updated_at.to_string(),
        target_user_count: n.target_count,
        sent_user_count: n.sent_count,
        read_user_count: read_count,
        send_at: n.send_at.map(|at| at.to_string()),
        push_content: n.content,
        push_type: n.push_type,
        push_scope_type: n.scope_type,
        new_staff_scope_type: n.new_staff_scope_type,
        new_staff_scope_department_list: members.new_staff.into_iter().map(department).collect(),
        user_list: members.users.into_iter().map(|m| user(id_kind, m.who.as_ref(), m.name)).collect(),
        department_list: members.departments.into_iter().map(department).collect(),
        chat_list: members.chats.into_iter().map(|m| NotificationChat { chat_id: Some(m.id), name: m.name }).collect(),
        ext: n.ext,
    }
}

fn user(id_kind: IdKind, who: Option<&Who>, name: Option<String>) -> NotificationUser {
    NotificationUser { user_id: who.map(|who| id_kind.of(who).to_owned()), avatar_url: None, name }
}
