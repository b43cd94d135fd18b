//! Canned replies: texts that agents send again and again. Those of a help desk are for all its agents, others for the one
//! who made them.

use db::{DbError, Row, Tx, params};

use super::Seat;
use crate::admin::Staff;
use crate::directory::{Helpdesk, Role};
use crate::{Cx, Kind, Refusal};

/// Longest name, in characters.
pub const NAME_MAX: usize = 40;
/// Longest text, in characters.
pub const TEXT_MAX: usize = 5_000;
/// Longest language, in characters.
pub const LANGUAGE_MAX: usize = 20;
/// Most canned replies of a help desk, and most of one agent there.
pub const REPLIES_MAX: i64 = 1_000;

/// A canned reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CannedReply {
    /// 19 digits.
    pub id: i64,
    /// What is typed to get it.
    pub name: String,
    /// What is sent.
    pub text: String,
    /// Such as `zh-CN`.
    pub language: Option<String>,
    /// Whether it is the reader's own.
    pub own: bool,
}

/// What a canned reply is to be; `None` leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct Content {
    /// The name.
    pub name: Option<String>,
    /// The text.
    pub text: Option<String>,
    /// The language; an empty one is none.
    pub language: Option<String>,
}

fn read(row: &Row<'_>) -> Result<CannedReply, DbError> {
    Ok(CannedReply {
        id: row.int(0)?,
        name: row.string(1)?,
        text: row.string(2)?,
        language: row.opt_string(3)?,
        own: !row.text(4)?.is_empty(),
    })
}

/// The canned replies that somebody may use in a help desk, by name.
pub fn list(tx: &mut Tx<'_>, staff: &Staff, desk: &Helpdesk) -> Result<Vec<CannedReply>, DbError> {
    let mut found = tx.query(
        "SELECT canned_reply_id, name, text, language, user_id FROM canned_reply
         WHERE tenant = $1 AND helpdesk_id = $2 AND (user_id = '' OR user_id = $3)",
        &params![&desk.tenant, desk.id, &staff.user_id],
        read,
    )?;
    // Here, because the databases order texts differently.
    found.sort_by(|a, b| (&a.name, a.own).cmp(&(&b.name, b.own)));
    Ok(found)
}

/// Makes a canned reply, for the help desk or for the maker alone.
pub fn create(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    staff: &Staff,
    seat: &Seat,
    content: &Content,
    own: bool,
) -> Result<CannedReply, Refusal> {
    let desk = &seat.desk;
    require_keeper(staff, desk, own)?;
    let owner = if own { staff.user_id.as_str() } else { "" };
    let reply = CannedReply {
        id: cx.ids.decimal(cx.now),
        name: checked_name(content.name.as_deref().unwrap_or_default())?,
        text: checked_text(content.text.as_deref().unwrap_or_default())?,
        language: checked_language(content.language.as_deref())?,
        own,
    };
    let count = tx.query_one(
        "SELECT COUNT(*) FROM canned_reply WHERE tenant = $1 AND helpdesk_id = $2 AND user_id = $3",
        &params![&desk.tenant, desk.id, owner],
        |row| row.int(0),
    )?;
    if count >= REPLIES_MAX {
        return Err(Refusal::invalid("name", format!("at most {REPLIES_MAX} canned replies are allowed")));
    }
    require_free_name(tx, desk, owner, &reply)?;
    tx.execute(
        "INSERT INTO canned_reply (tenant, helpdesk_id, canned_reply_id, user_id, name, text, language, created_by,
                                   updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &params![
            &desk.tenant,
            desk.id,
            reply.id,
            owner,
            &reply.name,
            &reply.text,
            &reply.language,
            &staff.user_id,
            cx.now
        ],
    )?;
    Ok(reply)
}

/// Changes a canned reply.
pub fn patch(
    tx: &mut Tx<'_>,
    cx: &Cx,
    staff: &Staff,
    seat: &Seat,
    id: i64,
    content: &Content,
) -> Result<CannedReply, Refusal> {
    let desk = &seat.desk;
    let old = get(tx, staff, desk, id)?;
    require_keeper(staff, desk, old.own)?;
    let reply = CannedReply {
        id,
        name: content.name.as_deref().map_or(Ok(old.name), checked_name)?,
        text: content.text.as_deref().map_or(Ok(old.text), checked_text)?,
        language: match &content.language {
            Some(language) => checked_language(Some(language))?,
            None => old.language,
        },
        own: old.own,
    };
    let owner = if reply.own { staff.user_id.as_str() } else { "" };
    require_free_name(tx, desk, owner, &reply)?;
    tx.execute(
        "UPDATE canned_reply SET name = $1, text = $2, language = $3, updated_at = $4
         WHERE tenant = $5 AND helpdesk_id = $6 AND canned_reply_id = $7",
        &params![&reply.name, &reply.text, &reply.language, cx.now, &desk.tenant, desk.id, id],
    )?;
    Ok(reply)
}

/// Deletes a canned reply.
pub fn delete(tx: &mut Tx<'_>, staff: &Staff, seat: &Seat, id: i64) -> Result<(), Refusal> {
    let desk = &seat.desk;
    let old = get(tx, staff, desk, id)?;
    require_keeper(staff, desk, old.own)?;
    tx.execute(
        "DELETE FROM canned_reply WHERE tenant = $1 AND helpdesk_id = $2 AND canned_reply_id = $3",
        &params![&desk.tenant, desk.id, id],
    )?;
    Ok(())
}

/// The help desk of a canned reply, over all of the tenant's.
pub fn helpdesk_of(tx: &mut Tx<'_>, staff: &Staff, helpdesk_ids: &[i64], id: i64) -> Result<i64, Refusal> {
    for helpdesk_id in helpdesk_ids {
        let found = tx.query_opt(
            "SELECT 1 FROM canned_reply WHERE tenant = $1 AND helpdesk_id = $2 AND canned_reply_id = $3",
            &params![&staff.tenant, *helpdesk_id, id],
            |row| row.int(0),
        )?;
        if found.is_some() {
            return Ok(*helpdesk_id);
        }
    }
    Err(Refusal::not_found(Kind::CannedReply, id))
}

/// Another agent's own is not there.
fn get(tx: &mut Tx<'_>, staff: &Staff, desk: &Helpdesk, id: i64) -> Result<CannedReply, Refusal> {
    let found = tx.query_opt(
        "SELECT canned_reply_id, name, text, language, user_id FROM canned_reply
         WHERE tenant = $1 AND helpdesk_id = $2 AND canned_reply_id = $3 AND (user_id = '' OR user_id = $4)",
        &params![&desk.tenant, desk.id, id, &staff.user_id],
        read,
    )?;
    found.ok_or_else(|| Refusal::not_found(Kind::CannedReply, id))
}

fn require_keeper(staff: &Staff, desk: &Helpdesk, own: bool) -> Result<(), Refusal> {
    if own || desk.role(&staff.user_id) >= Some(Role::Admin) {
        return Ok(());
    }
    let why = "the canned replies of the help desk are kept by its owner and admins; with \"mine\": true you can have \
               your own";
    Err(Refusal::Forbidden(why.to_owned()))
}

fn require_free_name(tx: &mut Tx<'_>, desk: &Helpdesk, owner: &str, reply: &CannedReply) -> Result<(), Refusal> {
    let other = tx.query_opt(
        "SELECT canned_reply_id FROM canned_reply
         WHERE tenant = $1 AND helpdesk_id = $2 AND user_id = $3 AND name = $4",
        &params![&desk.tenant, desk.id, owner, &reply.name],
        |row| row.int(0),
    )?;
    if other.is_some_and(|other| other != reply.id) {
        return Err(Refusal::invalid("name", format!("there is a canned reply {} already", reply.name)));
    }
    Ok(())
}

fn checked_name(name: &str) -> Result<String, Refusal> {
    let name = name.trim();
    let length = name.chars().count();
    let letters = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
    if !letters || !(1..=NAME_MAX).contains(&length) {
        let why = format!("1 to {NAME_MAX} letters, digits, - and _ are allowed");
        return Err(Refusal::invalid("name", why));
    }
    Ok(name.to_lowercase())
}

fn checked_text(text: &str) -> Result<String, Refusal> {
    let length = text.trim().chars().count();
    if !(1..=TEXT_MAX).contains(&length) {
        return Err(Refusal::invalid("text", format!("1 to {TEXT_MAX} characters are allowed, these are {length}")));
    }
    Ok(text.trim().to_owned())
}

fn checked_language(language: Option<&str>) -> Result<Option<String>, Refusal> {
    let language = language.map(str::trim).filter(|language| !language.is_empty());
    if language.is_some_and(|l| l.len() > LANGUAGE_MAX || !l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')) {
        return Err(Refusal::invalid("language", "must be a language such as zh-CN"));
    }
    Ok(language.map(str::to_owned))
}
