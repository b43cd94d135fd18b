//! What skill rules may ask about a ticket.

use std::collections::{BTreeSet, HashMap};

use db::{DbError, Tx, params};

use super::rule::{Facts, Test, language};
use crate::answer::Shown;
use crate::category::{self, Category};
use crate::directory::{Helpdesk, json};
use crate::ids;
use crate::ticket::{Ticket, channel};

/// Latest FAQs shown in a ticket that count.
const FAQS_MAX: usize = 16;

/// The facts that these rules ask for; FAQ categories are looked up only if one asks for them.
pub(super) fn of<'t>(
    tx: &mut Tx<'_>,
    desk: &Helpdesk,
    ticket: &Ticket,
    tests: impl Iterator<Item = &'t Test>,
) -> Result<Facts, DbError> {
    let who = &ticket.guest.who;
    let person = tx.query_opt(
        "SELECT city, language, departments, level FROM person WHERE tenant = $1 AND user_id = $2",
        &params![&desk.tenant, &who.user_id],
        |row| Ok((row.opt_string(0)?, row.opt_string(1)?, json(row.text(2)?)?, row.opt_int(3)?)),
    )?;
    let (city, language, departments, level) = person.unwrap_or_default();
    let asks_for_faqs = { tests }.any(|test| test.kind().is_faq_category());
    Ok(Facts {
        city,
        server_side: ticket.channel == channel::OPEN_API,
        language,
        user_ids: vec![who.user_id.clone(), who.open_id.clone()],
        departments,
        categories: if asks_for_faqs { categories(tx, desk, ticket.id)? } else { Default::default() },
        level,
    })
}

/// The categories of the FAQs that the bot showed, with those above them: Chinese, English, Japanese. One without a
/// language belongs to all three.
fn categories(tx: &mut Tx<'_>, desk: &Helpdesk, ticket_id: i64) -> Result<[Vec<i64>; 3], DbError> {
    let faqs = faqs_shown(tx, desk, ticket_id)?;
    let shown = if faqs.is_empty() { Vec::new() } else { categories_shown(tx, desk, &faqs)? };
    if shown.is_empty() {
        return Ok(Default::default());
    }
    let all: HashMap<i64, Category> = category::list(tx, desk)?.into_iter().map(|c| (c.id, c)).collect();
    let mut found = BTreeSet::new();
    for mut id in shown {
        // A category met before brings those above it along.
        while let Some(category) = all.get(&id).filter(|category| found.insert(category.id)) {
            id = category.parent_id;
        }
    }
    let in_language = |wanted: &str| {
        let belongs = |id: &&i64| match all.get(id).and_then(|category| category.language.as_deref()) {
            Some(tag) => language(tag) == Some(wanted),
            None => true,
        };
        found.iter().filter(belongs).copied().collect()
    };
    Ok([in_language("zh_cn"), in_language("en_us"), in_language("ja_jp")])
}

/// The latest FAQs that the bot showed in a ticket, each once.
fn faqs_shown(tx: &mut Tx<'_>, desk: &Helpdesk, ticket_id: i64) -> Result<Vec<i64>, DbError> {
    let answers = tx.query(
        "SELECT answer FROM message WHERE tenant = $1 AND ticket_id = $2 AND answer IS NOT NULL
         ORDER BY position DESC LIMIT 16",
        &params![&desk.tenant, ticket_id],
        |row| json::<Shown>(row.text(0)?),
    )?;
    let mut faqs = Vec::new();
    for id in answers.iter().flat_map(|shown| &shown.faqs).filter_map(|faq| ids::parse(&faq.id)) {
        if faqs.len() < FAQS_MAX && !faqs.contains(&id) {
            faqs.push(id);
        }
    }
    Ok(faqs)
}

/// The categories of up to [`FAQS_MAX`] FAQs.
fn categories_shown(tx: &mut Tx<'_>, desk: &Helpdesk, faqs: &[i64]) -> Result<Vec<i64>, DbError> {
    // Fewer are filled up with an id that no FAQ has.
    let id = |i: usize| faqs.get(i).copied().unwrap_or_default();
    let found = tx.query(
        "SELECT category_id FROM faq
         WHERE tenant = $1 AND helpdesk_id = $2
           AND faq_id IN ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
        &params![
            &desk.tenant,
            desk.id,
            id(0),
            id(1),
            id(2),
            id(3),
            id(4),
            id(5),
            id(6),
            id(7),
            id(8),
            id(9),
            id(10),
            id(11),
            id(12),
            id(13),
            id(14),
            id(15)
        ],
        |row| row.opt_int(0),
    )?;
    Ok(found.into_iter().flatten().collect())
}
