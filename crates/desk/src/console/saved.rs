//! Saved views: a person's own selections of open tickets.

use db::{DbError, Row, Tx, params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::admin::Staff;
use crate::directory::json;
use crate::faq::to_json;
use crate::ticket::state::status::{CREATED, WAITING_FOR_GUEST};
use crate::{Cx, Kind, Refusal, ids};

/// Longest name, in characters.
pub const NAME_MAX: usize = 50;
/// Most views of a person.
pub const VIEWS_MAX: i64 = 50;

/// Which open tickets at the human stage; what is left out selects nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "ConsoleViewFilter")]
pub struct Filter {
    /// Only of this help desk: decimal id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub helpdesk_id: Option<String>,
    /// Only with one of these statuses, 1 to 5; none is all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub statuses: Vec<i64>,
    /// Only of this agent: an open id, `me`, or `none` for those that nobody has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Only with this tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
}

/// A saved view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// 19 digits.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// What it selects.
    pub filter: Filter,
}

fn read(row: &Row<'_>) -> Result<View, DbError> {
    Ok(View { id: row.int(0)?, name: row.string(1)?, filter: json(row.text(2)?)? })
}

/// Somebody's views, oldest first.
pub fn list(tx: &mut Tx<'_>, staff: &Staff) -> Result<Vec<View>, DbError> {
    tx.query(
        "SELECT view_id, name, filter FROM saved_view WHERE tenant = $1 AND user_id = $2 ORDER BY view_id",
        &params![&staff.tenant, &staff.user_id],
        read,
    )
}

/// One of somebody's views.
pub fn get(tx: &mut Tx<'_>, staff: &Staff, id: i64) -> Result<View, Refusal> {
    let found = tx.query_opt(
        "SELECT view_id, name, filter FROM saved_view WHERE tenant = $1 AND user_id = $2 AND view_id = $3",
        &params![&staff.tenant, &staff.user_id, id],
        read,
    )?;
    found.ok_or_else(|| Refusal::not_found(Kind::View, id))
}

/// Saves a view.
pub fn create(tx: &mut Tx<'_>, cx: &mut Cx, staff: &Staff, name: &str, filter: &Filter) -> Result<View, Refusal> {
    let name = name.trim();
    if !(1..=NAME_MAX).contains(&name.chars().count()) {
        return Err(Refusal::invalid("name", format!("1 to {NAME_MAX} characters are allowed")));
    }
    if filter.helpdesk_id.as_deref().is_some_and(|id| ids::parse(id).is_none()) {
        return Err(Refusal::invalid("filter.helpdesk_id", "must be a decimal id"));
    }
    if filter.statuses.iter().any(|status| !(CREATED..=WAITING_FOR_GUEST).contains(status)) {
        return Err(Refusal::invalid("filter.statuses", "1 to 5 are allowed: a view is of open tickets"));
    }
    let longest = [&filter.owner, &filter.tag].into_iter().flatten().map(String::len).max();
    if longest > Some(200) {
        return Err(Refusal::invalid("filter", "owner and tag have at most 200 bytes"));
    }
    let count = list(tx, staff)?.len();
    if i64::try_from(count).unwrap_or(i64::MAX) >= VIEWS_MAX {
        return Err(Refusal::invalid("name", format!("at most {VIEWS_MAX} views are allowed")));
    }
    let mut filter = filter.clone();
    filter.statuses.sort_unstable();
    filter.statuses.dedup();
    let view = View { id: cx.ids.decimal(cx.now), name: name.to_owned(), filter };
    tx.execute(
        "INSERT INTO saved_view (tenant, user_id, view_id, name, filter, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        &params![&staff.tenant, &staff.user_id, view.id, &view.name, &to_json(&view.filter), cx.now],
    )?;
    Ok(view)
}

/// Deletes one of somebody's views.
pub fn delete(tx: &mut Tx<'_>, staff: &Staff, id: i64) -> Result<(), Refusal> {
    get(tx, staff, id)?;
    tx.execute(
        "DELETE FROM saved_view WHERE tenant = $1 AND user_id = $2 AND view_id = $3",
        &params![&staff.tenant, &staff.user_id, id],
    )?;
    Ok(())
}
