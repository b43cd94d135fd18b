//! Tags: words by which a help desk sorts its tickets. A tag is made when a ticket first gets it.

use db::{DbError, Tx, params};

use crate::directory::Helpdesk;
use crate::{Cx, Refusal};

/// Longest name of a tag, in characters.
const NAME_MAX: usize = 50;
/// Most tags of one ticket.
const TAGS_MAX: usize = 50;

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// 19 digits.
    pub id: i64,
    /// Its name, unique in the help desk.
    pub name: String,
}

/// The names of a ticket's tags without spaces around them, each once; refuses empty ones and what is too much.
pub(super) fn check(names: &[String]) -> Result<Vec<&str>, Refusal> {
    let mut distinct: Vec<&str> = Vec::new();
    for (i, name) in names.iter().enumerate() {
        let name = name.trim();
        let length = name.chars().count();
        if !(1..=NAME_MAX).contains(&length) {
            let why = format!("a tag has 1 to {NAME_MAX} characters, this one {length}");
            return Err(Refusal::invalid(format!("tag_names[{i}]"), why));
        }
        if !distinct.contains(&name) {
            distinct.push(name);
        }
        if distinct.len() > TAGS_MAX {
            return Err(Refusal::invalid("tag_names", format!("at most {TAGS_MAX} tags are allowed")));
        }
    }
    Ok(distinct)
}

/// Gives a ticket exactly these tags; answers whether that changed anything.
pub(super) fn replace(
    tx: &mut Tx<'_>,
    cx: &Cx,
    desk: &Helpdesk,
    ticket_id: i64,
    names: &[&str],
) -> Result<bool, DbError> {
    let mut wanted = Vec::with_capacity(names.len());
    for name in names {
        wanted.push(id_or_new(tx, cx, desk, name)?);
    }
    let old = tx.query(
        "SELECT tag_id FROM ticket_tag WHERE tenant = $1 AND ticket_id = $2",
        &params![&desk.tenant, ticket_id],
        |row| row.int(0),
    )?;
    for tag_id in old.iter().filter(|id| !wanted.contains(id)) {
        tx.execute(
            "DELETE FROM ticket_tag WHERE tenant = $1 AND ticket_id = $2 AND tag_id = $3",
            &params![&desk.tenant, ticket_id, *tag_id],
        )?;
    }
    for tag_id in wanted.iter().filter(|id| !old.contains(id)) {
        tx.execute(
            "INSERT INTO ticket_tag (tenant, ticket_id, tag_id) VALUES ($1, $2, $3)",
            &params![&desk.tenant, ticket_id, *tag_id],
        )?;
    }
    Ok(old.len() != wanted.len() || wanted.iter().any(|id| !old.contains(id)))
}

/// The id of the help desk's tag with this name.
pub(crate) fn id_of(tx: &mut Tx<'_>, desk: &Helpdesk, name: &str) -> Result<Option<i64>, DbError> {
    tx.query_opt(
        "SELECT tag_id FROM tag WHERE tenant = $1 AND helpdesk_id = $2 AND name = $3",
        &params![&desk.tenant, desk.id, name],
        |row| row.int(0),
    )
}

fn id_or_new(tx: &mut Tx<'_>, cx: &Cx, desk: &Helpdesk, name: &str) -> Result<i64, DbError> {
    if let Some(id) = id_of(tx, desk, name)? {
        return Ok(id);
    }
    let id = cx.ids.decimal(cx.now);
    tx.execute(
        "INSERT INTO tag (tenant, helpdesk_id, tag_id, name, created_at) VALUES ($1, $2, $3, $4, $5)",
        &params![&desk.tenant, desk.id, id, name, cx.now],
    )?;
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_each_counts_once() {
        let names = |list: &[&str]| list.iter().map(|&n| n.to_owned()).collect::<Vec<_>>();
        assert_eq!(check(&names(&[" vip ", "vip", "发票"])).unwrap(), ["vip", "发票"]);
        assert!(check(&[]).unwrap().is_empty());
        let field = |list: &[String]| match check(list) {
            Err(Refusal::Invalid { field, .. }) => field,
            other => panic!("{other:?}"),
        };
        assert_eq!(field(&names(&["a", " "])), "tag_names[1]");
        assert_eq!(field(&["签".repeat(51)]), "tag_names[0]");
        let many: Vec<String> = (0..=TAGS_MAX).map(|i| i.to_string()).collect();
        assert_eq!(field(&many), "tag_names");
        assert_eq!(check(&many[..TAGS_MAX]).unwrap().len(), TAGS_MAX);
    }
}
