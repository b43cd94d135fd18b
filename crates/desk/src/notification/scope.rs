//! Whom a notification is for: its lists and the rules of which belong together (reference: helpdesk-v1.md section 7).

use std::collections::HashSet;

use db::{DbError, Tx, params};

use super::{push_type, scope_type};
use crate::Refusal;
use crate::directory::Helpdesk;
use crate::event::Who;
use crate::lookup::by_ids;
use crate::person::{self, IdKind};

/// Longest list.
pub const LIST_MAX: usize = 1_000;
/// Longest id or name in a list, in characters.
const ENTRY_MAX: usize = 200;

/// What a caller wants a notification to be.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// What people call it.
    pub job_name: String,
    /// A card's JSON.
    pub content: String,
    /// See [`push_type`].
    pub push_type: i64,
    /// See [`scope_type`].
    pub scope_type: i64,
    /// 0 all new staff, 1 that of certain departments.
    pub new_staff_scope_type: Option<i64>,
    /// Those departments.
    pub new_staff_departments: Option<Vec<Entry>>,
    /// Users, by an id of the kind below.
    pub users: Option<Vec<Entry>>,
    /// The kind of the users' ids.
    pub id_kind: IdKind,
    /// Departments.
    pub departments: Option<Vec<Entry>>,
    /// Chats of this help desk.
    pub chats: Option<Vec<Entry>>,
    /// Kept for the caller.
    pub ext: Option<String>,
}

/// An entry of a list as the caller gives it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// The id.
    pub id: String,
    /// A name for people.
    pub name: Option<String>,
}

/// An entry of a stored list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The user id, department id or chat id.
    pub id: String,
    /// A user's name, otherwise the name that the caller gave.
    pub name: Option<String>,
    /// A user's ids.
    pub who: Option<Who>,
}

/// The lists of a notification.
#[derive(Debug, Clone, Default)]
pub struct Members {
    /// Users.
    pub users: Vec<Member>,
    /// Departments.
    pub departments: Vec<Member>,
    /// Chats.
    pub chats: Vec<Member>,
    /// Departments whose new staff it is for.
    pub new_staff: Vec<Member>,
}

/// The lists of a notification.
pub(super) fn members(tx: &mut Tx<'_>, desk: &Helpdesk, id: i64) -> Result<Members, DbError> {
    let rows = tx.query(
        "SELECT listed.kind, listed.member_id, listed.name, p.open_id, p.union_id, p.user_id, p.name
         FROM notification_member listed
         LEFT JOIN person p ON p.tenant = listed.tenant AND p.user_id = listed.member_id AND listed.kind = 'user'
         WHERE listed.tenant = $1 AND listed.notification_id = $2 ORDER BY listed.kind, listed.ordinal",
        &params![&desk.tenant, id],
        |row| {
            let mut member = Member { id: row.string(1)?, name: row.opt_string(2)?, who: None };
            if let Some(open_id) = row.opt_string(3)? {
                member.who = Some(Who { open_id, union_id: row.string(4)?, user_id: row.string(5)? });
                member.name = row.opt_string(6)?;
            }
            Ok((row.string(0)?, member))
        },
    )?;
    let mut members = Members::default();
    for (kind, member) in rows {
        match kind.as_str() {
            "user" => members.users.push(member),
            "department" => members.departments.push(member),
            "chat" => members.chats.push(member),
            _ => members.new_staff.push(member),
        }
    }
    Ok(members)
}

/// Stores the lists of a notification that has none.
pub(super) fn store(tx: &mut Tx<'_>, desk: &Helpdesk, id: i64, members: &Members) -> Result<(), Refusal> {
    let lists = [
        ("user", &members.users),
        ("department", &members.departments),
        ("chat", &members.chats),
        ("new_staff", &members.new_staff),
    ];
    for (kind, list) in lists {
        for (ordinal, member) in (1_i64..).zip(list) {
            tx.execute(
                "INSERT INTO notification_member (tenant, notification_id, kind, ordinal, member_id, name)
                 VALUES ($1, $2, $3, $4, $5, $6)",
                &params![&desk.tenant, id, kind, ordinal, &member.id, &member.name],
            )?;
        }
    }
    Ok(())
}

/// The lists that a draft comes to have: those it gives, else the `old` ones as far as its scope allows them. Checks that
/// everything belongs together and that what the lists name is there.
pub(super) fn settle(tx: &mut Tx<'_>, desk: &Helpdesk, draft: &Draft, old: &Members) -> Result<Members, Refusal> {
    let some = draft.scope_type == scope_type::SOME;
    let by_department = draft.push_type == push_type::NEW_STAFF && draft.new_staff_scope_type == Some(1);
    let kept = |list: &[Member], keep: bool| if keep { list.to_vec() } else { Vec::new() };
    let members = Members {
        users: match &draft.users {
            Some(given) => users(tx, desk, draft.id_kind, given)?,
            None => kept(&old.users, some),
        },
        departments: match &draft.departments {
            Some(given) => named(given, "department_list", "department_id")?,
            None => kept(&old.departments, some),
        },
        chats: match &draft.chats {
            Some(given) => chats(tx, desk, given)?,
            None => old.chats.clone(),
        },
        new_staff: match &draft.new_staff_departments {
            Some(given) if by_department => named(given, "new_staff_scope_department_list", "department_id")?,
            _ => kept(&old.new_staff, by_department),
        },
    };
    rules(draft, &members)?;
    Ok(members)
}

/// Which kind of push goes with which scope and lists.
fn rules(draft: &Draft, members: &Members) -> Result<(), Refusal> {
    let wrong = |field: &str, why: &str| Err(Refusal::invalid(field, why));
    match (draft.push_type, draft.scope_type) {
        (push_type::TIMED, scope_type::NEW_STAFF) => {
            return wrong("push_scope_type", "3 (new staff) needs push_type 1; a timed push takes 0, 1 or 2");
        }
        (push_type::NEW_STAFF, scope_type::EVERYONE | scope_type::SOME) => {
            return wrong("push_scope_type", "a push for new staff takes 1 (chats only) or 3 (new staff)");
        }
        (push_type::TIMED | push_type::NEW_STAFF, 0..=3) => {}
        (push_type::TIMED | push_type::NEW_STAFF, _) => return wrong("push_scope_type", "options: [0,1,2,3]"),
        _ => return wrong("push_type", "options: [0,1]"),
    }
    if draft.push_type == push_type::NEW_STAFF {
        match draft.new_staff_scope_type {
            None => return wrong("new_staff_scope_type", "new_staff_scope_type is required with push_type 1"),
            Some(1) if members.new_staff.is_empty() => {
                return wrong("new_staff_scope_department_list", "must name a department with new_staff_scope_type 1");
            }
            Some(0 | 1) => {}
            Some(_) => return wrong("new_staff_scope_type", "options: [0,1]"),
        }
    }
    let lists = [("user_list", &members.users), ("department_list", &members.departments)];
    let filled = lists.iter().find(|(_, list)| !list.is_empty());
    match (draft.scope_type, filled) {
        (scope_type::EVERYONE, Some((field, _))) => wrong(field, "must be empty with push_scope_type 0 (everyone)"),
        (scope_type::NOBODY, Some((field, _))) => wrong(field, "must be empty with push_scope_type 1 (chats only)"),
        (scope_type::NOBODY, None) if members.chats.is_empty() => {
            wrong("chat_list", "must name a chat with push_scope_type 1 (chats only)")
        }
        (scope_type::SOME, None) => {
            wrong("user_list", "user_list or department_list must name somebody with push_scope_type 2 (some members)")
        }
        _ => Ok(()),
    }
}

fn users(tx: &mut Tx<'_>, desk: &Helpdesk, kind: IdKind, given: &[Entry]) -> Result<Vec<Member>, Refusal> {
    let entries = named(given, "user_list", "user_id")?;
    let ids: Vec<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
    let found = person::user_ids_of(tx, &desk.tenant, kind, &ids)?;
    let known = |entry: Member| match found.get(&entry.id) {
        Some(user_id) => Ok(Member { id: user_id.clone(), ..entry }),
        None => Err(unknown(given, &entry, ("user_list", "user_id"), "user")),
    };
    entries.into_iter().map(known).collect()
}

fn chats(tx: &mut Tx<'_>, desk: &Helpdesk, given: &[Entry]) -> Result<Vec<Member>, Refusal> {
    let entries = named(given, "chat_list", "chat_id")?;
    let ids: Vec<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
    let rows = by_ids(
        tx,
        "SELECT chat_id, helpdesk_id FROM chat WHERE tenant = $1 AND chat_id IN
         ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)",
        &desk.tenant,
        &ids,
        |row| Ok((row.string(0)?, row.int(1)?)),
    )?;
    let of_desk = rows.into_iter().filter(|(_, helpdesk_id)| *helpdesk_id == desk.id);
    let found: HashSet<String> = of_desk.map(|(chat_id, _)| chat_id).collect();
    match entries.iter().find(|entry| !found.contains(&entry.id)) {
        Some(entry) => Err(unknown(given, entry, ("chat_list", "chat_id"), "chat of this help desk")),
        None => Ok(entries),
    }
}

fn unknown(given: &[Entry], entry: &Member, (list, member): (&str, &str), noun: &str) -> Refusal {
    let at = given.iter().position(|given| given.id.trim() == entry.id).unwrap_or_default();
    Refusal::invalid(format!("{list}[{at}].{member}"), format!("{} is no {noun}", entry.id))
}

/// The entries of a list, each once.
fn named(given: &[Entry], list: &str, member: &str) -> Result<Vec<Member>, Refusal> {
    if given.len() > LIST_MAX {
        return Err(Refusal::invalid(list, format!("at most {LIST_MAX} entries are allowed")));
    }
    let mut seen = HashSet::new();
    let mut entries = Vec::with_capacity(given.len());
    for (i, entry) in given.iter().enumerate() {
        let id = entry.id.trim();
        if id.is_empty() {
            let field = format!("{list}[{i}].{member}");
            return Err(Refusal::invalid(field.clone(), format!("{field} is required")));
        }
        let name = entry.name.as_deref().unwrap_or_default();
        if id.chars().count() > ENTRY_MAX || name.chars().count() > ENTRY_MAX {
            return Err(Refusal::invalid(
                format!("{list}[{i}]"),
                format!("at most {ENTRY_MAX} characters are allowed"),
            ));
        }
        if seen.insert(id) {
            entries.push(Member { id: id.to_owned(), name: entry.name.clone(), who: None });
        }
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(push_type: i64, scope_type: i64, new_staff_scope_type: Option<i64>) -> Draft {
        Draft { push_type, scope_type, new_staff_scope_type, ..Draft::default() }
    }

    fn members(lists: &str) -> Members {
        let list = |word: &str| -> Vec<Member> {
            let member = Member { id: "x".into(), name: None, who: None };
            if lists.contains(word) { vec![member] } else { Vec::new() }
        };
        Members { users: list("user"), departments: list("dept"), chats: list("chat"), new_staff: list("staff") }
    }

    #[test]
    fn what_the_reference_allows_together_is_taken() {
        for (push, scope, staff, lists) in [
            (0, 0, None, ""),
            (0, 0, None, "chat"),
            (0, 1, None, "chat"),
            (0, 2, None, "user"),
            (0, 2, None, "dept chat"),
            (1, 1, Some(0), "chat"),
            (1, 3, Some(0), ""),
            (1, 3, Some(1), "staff chat"),
        ] {
            assert!(rules(&draft(push, scope, staff), &members(lists)).is_ok(), "{push} {scope} {staff:?} {lists}");
        }
    }

    #[test]
    fn what_does_not_belong_together_is_refused_by_its_field() {
        for (push, scope, staff, lists, field) in [
            (2, 0, None, "", "push_type"),
            (0, 4, None, "", "push_scope_type"),
            (0, -1, None, "", "push_scope_type"),
            (0, 3, None, "", "push_scope_type"),
            (1, 0, Some(0), "", "push_scope_type"),
            (1, 2, Some(0), "user", "push_scope_type"),
            (1, 3, None, "", "new_staff_scope_type"),
            (1, 3, Some(2), "", "new_staff_scope_type"),
            (1, 3, Some(1), "", "new_staff_scope_department_list"),
            (0, 0, None, "user", "user_list"),
            (0, 0, None, "dept", "department_list"),
            (0, 1, None, "", "chat_list"),
            (0, 1, None, "chat user", "user_list"),
            (0, 2, None, "chat", "user_list"),
        ] {
            let Err(Refusal::Invalid { field: named, .. }) = rules(&draft(push, scope, staff), &members(lists)) else {
                panic!("{push} {scope} {staff:?} {lists} was taken");
            };
            assert_eq!(named, field, "{push} {scope} {staff:?} {lists}");
        }
    }

    #[test]
    fn a_list_holds_each_entry_once_and_every_entry_an_id() {
        let entry = |id: &str| Entry { id: id.into(), name: None };
        assert_eq!(named(&[entry("a"), entry("b"), entry(" a ")], "l", "id").unwrap().len(), 2);
        assert!(named(&[entry("a"), entry(" ")], "l", "id").unwrap_err().to_string().contains("l[1].id"));
        let many: Vec<Entry> = (0..=LIST_MAX).map(|i| entry(&i.to_string())).collect();
        assert!(named(&many, "l", "id").unwrap_err().to_string().contains("1000"));
    }
}
