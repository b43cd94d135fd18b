//! What a ticket shows beside its own row: its agents, tags and customized fields, read for a whole page at once.

use std::collections::HashMap;

use db::{DbError, Param, Row, Tx, params};

use super::{Contact, Tag, Ticket};
use crate::directory::Helpdesk;
use crate::{Cx, console, field, person};

/// What belongs to a ticket.
#[derive(Debug, Clone, Default)]
pub struct Details {
    /// Everybody who had it or wrote in it, in the order of joining.
    pub agents: Vec<Contact>,
    /// Who was added beside the agent in charge.
    pub collaborators: Vec<Contact>,
    /// Its tags, by name.
    pub tags: Vec<Tag>,
    /// Its customized fields with a value, by position.
    pub fields: Vec<field::Value>,
}

/// Tickets asked for with one statement, whose number of placeholders is fixed.
pub(crate) const AT_ONCE: usize = 50;

/// A statement about the tickets of [`values`].
macro_rules! of_tickets {
    ($head:expr, $tail:literal) => {
        concat!(
            $head,
            " IN ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
                  $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43,
                  $44, $45, $46, $47, $48, $49, $50, $51) ",
            $tail
        )
    };
}

pub(crate) use of_tickets;

/// The details of these tickets, by ticket id. The number of statements does not grow with a page's tickets: three for
/// each fifty.
pub fn details(tx: &mut Tx<'_>, desk: &Helpdesk, tickets: &[Ticket]) -> Result<HashMap<i64, Details>, DbError> {
    let ids: Vec<i64> = tickets.iter().map(|ticket| ticket.id).collect();
    let mut found: HashMap<i64, Details> = ids.iter().map(|id| (*id, Details::default())).collect();
    if ids.is_empty() {
        return Ok(found);
    }
    for some in ids.chunks(AT_ONCE) {
        let values = values(&desk.tenant, some);
        agents(tx, desk, &values, &mut found)?;
        tags(tx, &values, &mut found)?;
    }
    for (id, fields) in field::of_tickets(tx, desk, &ids)? {
        found.entry(id).or_default().fields = fields;
    }
    Ok(found)
}

/// The names of these tickets' tags, by ticket id; tickets without any are left out.
pub(crate) fn tag_names(tx: &mut Tx<'_>, tenant: &str, ids: &[i64]) -> Result<HashMap<i64, Vec<String>>, DbError> {
    let mut found: HashMap<i64, Details> = ids.iter().map(|id| (*id, Details::default())).collect();
    for some in ids.chunks(AT_ONCE) {
        tags(tx, &values(tenant, some), &mut found)?;
    }
    let names = |details: Details| details.tags.into_iter().map(|tag| tag.name).collect::<Vec<_>>();
    Ok(found.into_iter().map(|(id, details)| (id, names(details))).filter(|(_, names)| !names.is_empty()).collect())
}

/// The parameters of a statement about these tickets, one to [`AT_ONCE`].
pub(crate) fn values<'p>(tenant: &'p str, some: &[i64]) -> Vec<Param<'p>> {
    let mut values: Vec<Param<'_>> = vec![Param::from(tenant)];
    // A shorter list repeats its first id.
    values.extend((0..AT_ONCE).map(|i| Param::Int(some.get(i).or(some.first()).copied().unwrap_or_default())));
    values
}

fn agents(
    tx: &mut Tx<'_>,
    desk: &Helpdesk,
    values: &[Param<'_>],
    found: &mut HashMap<i64, Details>,
) -> Result<(), DbError> {
    let rows = tx.query(
        of_tickets!(
            "SELECT a.ticket_id, a.worked, a.collaborates, a.user_id FROM ticket_agent a
             WHERE a.tenant = $1 AND a.ticket_id",
            "ORDER BY a.ticket_id, a.joined_at, a.user_id"
        ),
        values,
        |row| Ok((row.int(0)?, row.flag(1)?, row.flag(2)?, row.string(3)?)),
    )?;
    // Not joined: without statistics PostgreSQL reads everybody of the tenant for that.
    let people = person::several(tx, &desk.tenant, rows.iter().map(|(.., user_id)| user_id.as_str()))?;
    for (ticket_id, worked, collaborates, user_id) in rows {
        let (Some(person), Some(details)) = (people.get(&user_id), found.get_mut(&ticket_id)) else { continue };
        if collaborates {
            details.collaborators.push(Contact::from(person));
        }
        if worked {
            details.agents.push(Contact::from(person));
        }
    }
    Ok(())
}

fn tags(tx: &mut Tx<'_>, values: &[Param<'_>], found: &mut HashMap<i64, Details>) -> Result<(), DbError> {
    let read = |row: &Row<'_>| Ok((row.int(0)?, Tag { id: row.int(1)?, name: row.string(2)? }));
    let rows = tx.query(
        of_tickets!(
            // Not joined: without statistics PostgreSQL reads all tagged tickets of all tags for that.
            "SELECT k.ticket_id, k.tag_id,
                    (SELECT g.name FROM tag g WHERE g.tenant = k.tenant AND g.tag_id = k.tag_id) AS name
             FROM ticket_tag k WHERE k.tenant = $1 AND k.ticket_id",
            "ORDER BY k.ticket_id, name"
        ),
        values,
        read,
    )?;
    for (ticket_id, tag) in rows {
        if let Some(details) = found.get_mut(&ticket_id) {
            details.tags.push(tag);
        }
    }
    Ok(())
}

/// Notes that an agent had a ticket or wrote in it.
pub(super) fn worked(tx: &mut Tx<'_>, cx: &Cx, desk: &Helpdesk, ticket_id: i64, user_id: &str) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO ticket_agent (tenant, ticket_id, user_id, worked, collaborates, joined_at)
         VALUES ($1, $2, $3, 1, 0, $4)
         ON CONFLICT (tenant, ticket_id, user_id) DO UPDATE SET worked = 1",
        &params![&desk.tenant, ticket_id, user_id, cx.now],
    )?;
    Ok(())
}

/// Adds an agent beside the one in charge.
pub(super) fn add_collaborator(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    ticket_id: i64,
    user_id: &str,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO ticket_agent (tenant, ticket_id, user_id, worked, collaborates, joined_at)
         VALUES ($1, $2, $3, 0, 1, $4)
         ON CONFLICT (tenant, ticket_id, user_id) DO UPDATE SET collaborates = 1",
        &params![&desk.tenant, ticket_id, user_id, cx.now],
    )?;
    console::news::note(tx, cx, desk, ticket_id)
}

/// Takes an agent away from beside the one in charge; answers whether they were there. What they wrote stays theirs.
pub(super) fn remove_collaborator(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    ticket_id: i64,
    user_id: &str,
) -> Result<bool, DbError> {
    let changed = tx.execute(
        "UPDATE ticket_agent SET collaborates = 0
         WHERE tenant = $1 AND ticket_id = $2 AND user_id = $3 AND collaborates = 1",
        &params![&desk.tenant, ticket_id, user_id],
    )?;
    if changed > 0 {
        console::news::note(tx, cx, desk, ticket_id)?;
    }
    Ok(changed > 0)
}

/// Whether an agent was added to a ticket beside the one in charge.
pub(super) fn collaborates(tx: &mut Tx<'_>, desk: &Helpdesk, ticket_id: i64, user_id: &str) -> Result<bool, DbError> {
    let flag = tx.query_opt(
        "SELECT collaborates FROM ticket_agent WHERE tenant = $1 AND ticket_id = $2 AND user_id = $3",
        &params![&desk.tenant, ticket_id, user_id],
        |row| row.flag(0),
    )?;
    Ok(flag == Some(true))
}
