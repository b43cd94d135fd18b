//! FAQ categories: a tree for each help desk.

use std::collections::HashMap;

use db::{DbError, Row, Tx, params};

use crate::audit::Told;
use crate::directory::{Helpdesk, Role};
use crate::faq::require_role;
use crate::threshold::Own;
use crate::{Cx, Kind, Refusal};

/// The parent id of top-level categories.
pub const TOP: i64 = 0;
/// Longest name, in characters.
pub const NAME_MAX: usize = 200;
/// Longest language, in characters.
pub const LANGUAGE_MAX: usize = 20;
/// Deepest level; the top level is 1.
pub const DEPTH_MAX: usize = 10;

/// A category.
#[derive(Debug, Clone)]
pub struct Category {
    /// 19 digits.
    pub id: i64,
    /// [`TOP`] for the top level.
    pub parent_id: i64,
    /// Its name, unique under its parent.
    pub name: String,
    /// Such as `zh_cn`.
    pub language: Option<String>,
    /// When it was last changed, Unix ms.
    pub updated_at: i64,
    /// From which scores on its FAQs are shown, where that is not inherited.
    pub own: Own,
}

fn read(row: &Row<'_>) -> Result<Category, DbError> {
    Ok(Category {
        id: row.int(0)?,
        parent_id: row.int(1)?,
        name: row.string(2)?,
        language: row.opt_string(3)?,
        updated_at: row.int(4)?,
        own: Own::stored(row.opt_text(5)?)?,
    })
}

impl Category {
    /// It in short, for the audit log.
    pub(crate) fn told(&self) -> String {
        let below = if self.parent_id == 0 { String::new() } else { format!(" (below {})", self.parent_id) };
        format!("{}{below}: {}", self.name, self.own.column().as_deref().unwrap_or("inherited"))
    }
}

/// A category of this help desk.
pub fn get(tx: &mut Tx<'_>, desk: &Helpdesk, id: i64) -> Result<Category, Refusal> {
    find(tx, desk, id)?.ok_or_else(|| Refusal::not_found(Kind::Category, id))
}

pub(crate) fn find(tx: &mut Tx<'_>, desk: &Helpdesk, id: i64) -> Result<Option<Category>, DbError> {
    tx.query_opt(
        "SELECT category_id, parent_id, name, language, updated_at, scores FROM category
         WHERE tenant = $1 AND helpdesk_id = $2 AND category_id = $3",
        &params![&desk.tenant, desk.id, id],
        read,
    )
}

/// Whether the help desk has this category.
pub fn exists(tx: &mut Tx<'_>, desk: &Helpdesk, id: i64) -> Result<bool, DbError> {
    Ok(find(tx, desk, id)?.is_some())
}

/// The names from the top level down to a category, with `/` between them; none for a category that is no more.
pub(crate) fn path(
    tx: &mut Tx<'_>,
    (tenant, helpdesk_id): (&str, i64),
    category_id: Option<i64>,
) -> Result<Option<String>, DbError> {
    let Some(category_id) = category_id else { return Ok(None) };
    // A tree has no circle; the bound only keeps a damaged one from holding us here.
    tx.query_opt(
        "WITH RECURSIVE up (path, parent_id, level) AS (
             SELECT name, parent_id, CAST(1 AS BIGINT) FROM category
             WHERE tenant = $1 AND helpdesk_id = $2 AND category_id = $3
             UNION ALL
             SELECT c.name || '/' || up.path, c.parent_id, up.level + 1
             FROM up JOIN category c ON c.tenant = $1 AND c.helpdesk_id = $2 AND c.category_id = up.parent_id
             WHERE up.level < $4)
         SELECT path FROM up ORDER BY level DESC LIMIT 1",
        &params![tenant, helpdesk_id, category_id, i64::try_from(DEPTH_MAX).unwrap_or(i64::MAX)],
        |row| row.string(0),
    )
}

/// All categories of the help desk in the order in which they were made.
pub fn list(tx: &mut Tx<'_>, desk: &Helpdesk) -> Result<Vec<Category>, DbError> {
    tx.query(
        "SELECT category_id, parent_id, name, language, updated_at, scores FROM category
         WHERE tenant = $1 AND helpdesk_id = $2 ORDER BY category_id",
        &params![&desk.tenant, desk.id],
        read,
    )
}

/// The path of each category, such as `Accounts/Passwords`.
pub fn paths(all: &[Category]) -> HashMap<i64, String> {
    joined(all.iter().map(|category| (category.id, category.parent_id, category.name.as_str())), "/")
}

/// The names from the top level down to each category, with `between` between them. Of each: its id, its parent's, and its
/// name.
pub(crate) fn joined<'n>(all: impl Iterator<Item = (i64, i64, &'n str)>, between: &str) -> HashMap<i64, String> {
    let by_id: HashMap<i64, (i64, &str)> = all.map(|(id, parent_id, name)| (id, (parent_id, name))).collect();
    let path = |id: &i64| {
        let (mut names, mut above) = (Vec::new(), *id);
        // A tree has no circle; the bound only keeps a damaged one from holding us here.
        while let Some((parent_id, name)) = by_id.get(&above).filter(|_| names.len() < DEPTH_MAX) {
            names.push(*name);
            above = *parent_id;
        }
        names.reverse();
        names.join(between)
    };
    by_id.keys().map(|id| (*id, path(id))).collect()
}

/// Makes a category that inherits its thresholds. `user_id` has to be an agent of the help desk.
pub fn create(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    user_id: &str,
    new: &Category,
) -> Result<Category, Refusal> {
    require_role(desk, user_id, Role::Agent)?;
    lock(tx, desk)?;
    let name = checked_name(&new.name)?;
    let language = new.language.as_deref().map(str::trim).filter(|language| !language.is_empty());
    if language.is_some_and(|language| language.chars().count() > LANGUAGE_MAX) {
        return Err(Refusal::invalid(
            "language",
            format!("at most {LANGUAGE_MAX} characters are allowed, such as zh_cn"),
        ));
    }
    check_place(tx, desk, None, new.parent_id, &name)?;
    let id = cx.ids.decimal(cx.now);
    let (language, own) = (language.map(str::to_owned), Own::default());
    let made = Category { id, name, parent_id: new.parent_id, language, updated_at: cx.now, own };
    tx.execute(
        "INSERT INTO category (tenant, helpdesk_id, category_id, parent_id, name, language, managed, created_at,
                               updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8)",
        &params![&desk.tenant, desk.id, made.id, made.parent_id, &made.name, &made.language, cx.now, cx.now],
    )?;
    cx.told = Some(Told::change(made.id, None, Some(made.told())));
    Ok(made)
}

/// Renames or moves a category.
pub fn patch(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    user_id: &str,
    id: i64,
    change: (Option<String>, Option<i64>),
) -> Result<(), Refusal> {
    require_role(desk, user_id, Role::Agent)?;
    lock(tx, desk)?;
    let old = get(tx, desk, id)?;
    let before = old.told();
    let name = change.0.map_or(Ok(old.name), |name| checked_name(&name))?;
    let parent_id = change.1.unwrap_or(old.parent_id);
    check_place(tx, desk, Some(id), parent_id, &name)?;
    tx.execute(
        "UPDATE category SET name = $1, parent_id = $2, updated_at = $3
         WHERE tenant = $4 AND helpdesk_id = $5 AND category_id = $6",
        &params![&name, parent_id, cx.now, &desk.tenant, desk.id, id],
    )?;
    cx.told = Some(Told::change(id, Some(before), Some(get(tx, desk, id)?.told())));
    Ok(())
}

/// Deletes a category that holds nothing any more: neither subcategories nor FAQs online.
pub fn delete(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, user_id: &str, id: i64) -> Result<(), Refusal> {
    require_role(desk, user_id, Role::Agent)?;
    lock(tx, desk)?;
    let old = get(tx, desk, id)?;
    cx.told = Some(Told::change(id, Some(old.told()), None));
    let child = tx.query_opt(
        "SELECT name FROM category WHERE tenant = $1 AND helpdesk_id = $2 AND parent_id = $3 LIMIT 1",
        &params![&desk.tenant, desk.id, id],
        |row| row.string(0),
    )?;
    if let Some(name) = child {
        return Err(Refusal::invalid(
            "id",
            format!("the category still has the subcategory {name}; move or delete it first"),
        ));
    }
    let faq = tx.query_opt(
        "SELECT faq_id FROM faq WHERE tenant = $1 AND helpdesk_id = $2 AND category_id = $3 AND status = 1 LIMIT 1",
        &params![&desk.tenant, desk.id, id],
        |row| row.int(0),
    )?;
    if let Some(faq_id) = faq {
        return Err(Refusal::invalid("id", format!("the category still has FAQ {faq_id}; move or delete it first")));
    }
    tx.execute(
        "UPDATE faq SET category_id = NULL WHERE tenant = $1 AND helpdesk_id = $2 AND category_id = $3",
        &params![&desk.tenant, desk.id, id],
    )?;
    tx.execute(
        "DELETE FROM category WHERE tenant = $1 AND helpdesk_id = $2 AND category_id = $3",
        &params![&desk.tenant, desk.id, id],
    )?;
    Ok(())
}

/// Keeps other changes of this help desk's categories and FAQs away until the commit: two moves could make a circle, and
/// a FAQ could be put into a category that is just being deleted. FAQ changes write the same row.
pub(crate) fn lock(tx: &mut Tx<'_>, desk: &Helpdesk) -> Result<(), DbError> {
    tx.execute(
        "UPDATE helpdesk SET faq_version = faq_version WHERE tenant = $1 AND helpdesk_id = $2",
        &params![&desk.tenant, desk.id],
    )?;
    Ok(())
}

fn checked_name(name: &str) -> Result<String, Refusal> {
    let name = name.trim();
    match name.chars().count() {
        0 => Err(Refusal::invalid("name", "must not be empty")),
        n if n > NAME_MAX => Err(Refusal::invalid("name", format!("at most {NAME_MAX} characters are allowed"))),
        _ => Ok(name.to_owned()),
    }
}

/// Refuses an unknown parent, a circle, a tree too deep, and a name that its parent has already.
fn check_place(tx: &mut Tx<'_>, desk: &Helpdesk, own: Option<i64>, parent_id: i64, name: &str) -> Result<(), Refusal> {
    let mut above = parent_id;
    let mut depth = 1;
    while above != TOP {
        if Some(above) == own {
            return Err(Refusal::invalid("parent_id", "a category cannot be moved below itself"));
        }
        depth += 1;
        if depth > DEPTH_MAX {
            return Err(Refusal::invalid("parent_id", format!("at most {DEPTH_MAX} levels are allowed")));
        }
        let parent = find(tx, desk, above)?;
        let why = || format!("no category {above} in this help desk; 0 is the top level");
        above = parent.ok_or_else(|| Refusal::invalid("parent_id", why()))?.parent_id;
    }
    let twin = tx.query_opt(
        "SELECT category_id FROM category WHERE tenant = $1 AND helpdesk_id = $2 AND parent_id = $3 AND name = $4",
        &params![&desk.tenant, desk.id, parent_id, name],
        |row| row.int(0),
    )?;
    match twin {
        Some(id) if Some(id) != own => {
            Err(Refusal::invalid("name", format!("category {id} under the same parent has this name already")))
        }
        _ => Ok(()),
    }
}
