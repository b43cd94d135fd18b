//! The kind of user ids that a call speaks of (reference: helpdesk-v1.json `user_id_type`).

use desk::person::IdKind;
use wire::Code;

use super::{ApiError, Caller};

/// The scope without which nobody deals in the tenant's own user ids.
const USER_ID_SCOPE: &str = "contact:user.employee_id:readonly";

/// Reads `user_id_type`; open ids if it is left out.
///
/// # Errors
/// There is no such kind, or the app may not use it.
pub(crate) fn user_id_type(caller: &Caller, given: Option<&str>) -> Result<IdKind, ApiError> {
    match given {
        None | Some("open_id") => Ok(IdKind::Open),
        Some("union_id") => Ok(IdKind::Union),
        Some("user_id") if caller.app.scopes.iter().any(|scope| scope == USER_ID_SCOPE) => Ok(IdKind::User),
        Some("user_id") => Err(ApiError::scope_missing(&caller.app.app_id, &[USER_ID_SCOPE])),
        Some(other) => {
            let why = "options: [open_id,union_id,user_id]";
            Err(ApiError::field(Code::FIELD_INVALID, "user_id_type", other, why))
        }
    }
}
