//! Listing FAQs by cursor.

use db::{Tx, params};

use super::{Faq, read, select, status};
use crate::Refusal;
use crate::directory::{Helpdesk, json};

/// Which FAQs to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only this category.
    pub category_id: Option<i64>,
    /// Only this status (see [`super::status`]); online if none.
    pub status: Option<i64>,
    /// Only those with this text in the question, a similar question or the last editor's name; case is ignored.
    pub search: Option<String>,
}

/// A page of FAQs.
#[derive(Debug, Clone)]
pub struct Page {
    /// The FAQs, oldest first.
    pub items: Vec<Faq>,
    /// Whether there are more after these.
    pub has_more: bool,
    /// How many there are on all pages.
    pub total: i64,
}

/// The FAQs after the FAQ `after` (0 for the first page), at most `limit`.
pub fn list(tx: &mut Tx<'_>, desk: &Helpdesk, filter: &Filter, after: i64, limit: usize) -> Result<Page, Refusal> {
    let wanted = filter.status.unwrap_or(status::ONLINE);
    let Some(text) = &filter.search else {
        let total = count(tx, desk, filter, wanted)?;
        let items = page(tx, desk, filter, wanted, after, limit + 1)?;
        return Ok(cut(items, limit, total));
    };
    let ids = searched(tx, desk, filter, wanted, text)?;
    let total = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    let mut items = Vec::new();
    for id in ids.into_iter().filter(|id| *id > after).take(limit + 1) {
        items.push(super::get(tx, desk, id)?);
    }
    Ok(cut(items, limit, total))
}

fn cut(mut items: Vec<Faq>, limit: usize, total: i64) -> Page {
    let has_more = items.len() > limit;
    items.truncate(limit);
    Page { items, has_more, total }
}

fn count(tx: &mut Tx<'_>, desk: &Helpdesk, filter: &Filter, wanted: i64) -> Result<i64, Refusal> {
    let total = match filter.category_id {
        None => tx.query_one(
            "SELECT COUNT(*) FROM faq WHERE tenant = $1 AND helpdesk_id = $2 AND status = $3",
            &params![&desk.tenant, desk.id, wanted],
            |row| row.int(0),
        ),
        Some(category) => tx.query_one(
            "SELECT COUNT(*) FROM faq WHERE tenant = $1 AND helpdesk_id = $2 AND category_id = $3 AND status = $4",
            &params![&desk.tenant, desk.id, category, wanted],
            |row| row.int(0),
        ),
    };
    total.map_err(Refusal::from)
}

fn page(
    tx: &mut Tx<'_>,
    desk: &Helpdesk,
    filter: &Filter,
    wanted: i64,
    after: i64,
    limit: usize,
) -> Result<Vec<Faq>, Refusal> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let items = match filter.category_id {
        None => tx.query(
            select!(
                "WHERE f.tenant = $1 AND f.helpdesk_id = $2 AND f.status = $3 AND f.faq_id > $4
                 ORDER BY f.faq_id LIMIT $5"
            ),
            &params![&desk.tenant, desk.id, wanted, after, limit],
            read,
        ),
        Some(category) => tx.query(
            select!(
                "WHERE f.tenant = $1 AND f.helpdesk_id = $2 AND f.category_id = $3 AND f.status = $4 AND f.faq_id > $5
                 ORDER BY f.faq_id LIMIT $6"
            ),
            &params![&desk.tenant, desk.id, category, wanted, after, limit],
            read,
        ),
    };
    items.map_err(Refusal::from)
}

/// The FAQs after the FAQ `after` among the next `limit` of the category and status, and where to go on; for files.
pub fn scan(
    tx: &mut Tx<'_>,
    desk: &Helpdesk,
    filter: &Filter,
    after: i64,
    limit: usize,
) -> Result<(Vec<Faq>, Option<i64>), Refusal> {
    let mut faqs = page(tx, desk, filter, filter.status.unwrap_or(status::ONLINE), after, limit)?;
    let next = faqs.last().filter(|_| faqs.len() == limit).map(|last| last.id);
    if let Some(text) = &filter.search {
        let needle = text.trim().to_lowercase();
        faqs.retain(|faq| {
            let editor = faq.updated_by.as_ref().map_or("", |editor| editor.name.as_str());
            holds(&needle, [faq.question.as_str(), editor], &faq.similar)
        });
    }
    Ok((faqs, next))
}

/// Ids of the FAQs that hold `text`, in order. Reads the help desk's questions once: the two databases agree on no
/// substring operator, and cases fold here as people expect.
fn searched(tx: &mut Tx<'_>, desk: &Helpdesk, filter: &Filter, wanted: i64, text: &str) -> Result<Vec<i64>, Refusal> {
    let needle = text.trim().to_lowercase();
    let found = tx.query(
        "SELECT f.faq_id, f.category_id, f.question, f.similar_questions, u.name FROM faq f
         LEFT JOIN person u ON u.tenant = f.tenant AND u.user_id = f.updated_by
         WHERE f.tenant = $1 AND f.helpdesk_id = $2 AND f.status = $3 ORDER BY f.faq_id",
        &params![&desk.tenant, desk.id, wanted],
        |row| {
            let in_category = filter.category_id.is_none() || row.opt_int(1)? == filter.category_id;
            let similar: Vec<String> = json(row.text(3)?)?;
            let name = row.opt_text(4)?.unwrap_or_default();
            let hit = in_category && holds(&needle, [row.text(2)?, name], &similar);
            Ok(hit.then_some(row.int(0)?))
        },
    )?;
    Ok(found.into_iter().flatten().collect())
}

/// Whether one of these texts holds what is searched for, which is in small letters.
fn holds(needle: &str, texts: [&str; 2], similar: &[String]) -> bool {
    let all = texts.into_iter().chain(similar.iter().map(String::as_str));
    all.into_iter().any(|text| text.to_lowercase().contains(needle))
}
