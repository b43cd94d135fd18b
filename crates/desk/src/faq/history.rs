//! What a FAQ said before: a version for each of its changes, who made it and by what, and the way back.

use db::{DbError, Row, Tx, params};

use super::store::{At, Said, update};
use super::{Faq, RichItem, at, get, require_role, status, to_json};
use crate::audit::Told;
use crate::directory::{Helpdesk, Role, json};
use crate::{Cx, Refusal, category};

/// How many versions of a FAQ are kept; with one more the oldest goes.
pub const VERSIONS_KEPT: i64 = 50;

/// What became of a FAQ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It said this before its first change that is told here.
    Found,
    /// It was made.
    Made,
    /// It was changed.
    Edited,
    /// It went to the recycle bin.
    Deleted,
    /// It came back from there.
    Restored,
    /// It says again what an earlier version said.
    Reverted,
}

impl Kind {
    const ALL: [Self; 6] = [Self::Found, Self::Made, Self::Edited, Self::Deleted, Self::Restored, Self::Reverted];

    /// The word in the database and in the API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Made => "made",
            Self::Edited => "edited",
            Self::Deleted => "deleted",
            Self::Restored => "restored",
            Self::Reverted => "reverted",
        }
    }

    fn stored(word: &str) -> Result<Self, DbError> {
        let known = Self::ALL.into_iter().find(|kind| kind.word() == word);
        known.ok_or_else(|| DbError::Corrupt(format!("there is no kind of version {word:?}")))
    }
}

/// By what something is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// A page of the administration.
    Page,
    /// A script, by the admin API.
    Api,
    /// An app, by the open API.
    App,
    /// A desk file.
    DeskFile,
    /// A file of FAQs.
    Import,
    /// Somebody who closed a gap.
    Gap,
    /// The command line, or the developer controls.
    CommandLine,
}

impl Way {
    /// The word in the database and in the API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Api => "api",
            Self::App => "app",
            Self::DeskFile => "desk_file",
            Self::Import => "import",
            Self::Gap => "gap",
            Self::CommandLine => "command_line",
        }
    }
}

/// By what the use case at hand changes something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    /// By what.
    pub way: Way,
    /// The app that does it: its name, or its id.
    pub app: Option<String>,
}

impl Default for By {
    fn default() -> Self {
        Self { way: Way::CommandLine, app: None }
    }
}

/// A version of a FAQ.
#[derive(Debug, Clone)]
pub struct Version {
    /// 1, 2, 3 … within the FAQ.
    pub number: i64,
    /// When it came about, Unix ms.
    pub at: i64,
    /// How.
    pub kind: Kind,
    /// By what: a word of [`Way`]; of what was found, nothing.
    pub way: Option<String>,
    /// By which app: its name, or its id.
    pub app: Option<String>,
    /// Whose change it is: the tenant's own id of the person; nobody's if a desk file made it.
    pub author: Option<String>,
    /// Their name, as it was then.
    pub author_name: Option<String>,
    /// The category.
    pub category_id: Option<i64>,
    /// The category's path, as it was then.
    pub category: Option<String>,
    /// The question.
    pub question: String,
    /// Similar questions.
    pub similar: Vec<String>,
    /// The plain answer.
    pub answer: String,
    /// The rich answer.
    pub richtext: Vec<RichItem>,
    /// What differs from what the FAQ said before: `question`, `similar`, `answer`, `category`.
    pub changed: Vec<String>,
}

fn read(row: &Row<'_>) -> Result<Version, DbError> {
    Ok(Version {
        number: row.int(0)?,
        at: row.int(1)?,
        kind: Kind::stored(row.text(2)?)?,
        way: row.opt_string(3)?,
        app: row.opt_string(4)?,
        author: row.opt_string(5)?,
        author_name: row.opt_string(6)?,
        category_id: row.opt_int(7)?,
        category: row.opt_string(8)?,
        question: row.string(9)?,
        similar: json(row.text(10)?)?,
        answer: row.string(11)?,
        richtext: json(row.text(12)?)?,
        changed: json(row.text(13)?)?,
    })
}

/// What a FAQ said until now, and the number of its last version.
pub(super) struct Before {
    number: i64,
    pub said: Said,
}

/// What a FAQ says that is about to change. One without a version gets its first: what it says now.
pub(super) fn before(tx: &mut Tx<'_>, at: &At<'_>) -> Result<Before, DbError> {
    let (said, number, author, since) = tx.query_one(
        "SELECT f.category_id, f.question, f.similar_questions, f.answer, f.answer_richtext,
                (SELECT MAX(v.number) FROM faq_version v
                 WHERE v.tenant = f.tenant AND v.helpdesk_id = f.helpdesk_id AND v.faq_id = f.faq_id),
                f.updated_by, f.updated_at
         FROM faq f WHERE f.tenant = $1 AND f.helpdesk_id = $2 AND f.faq_id = $3",
        &params![at.tenant, at.helpdesk_id, at.faq_id],
        |row| {
            let said = Said {
                category_id: row.opt_int(0)?,
                question: row.string(1)?,
                similar: json(row.text(2)?)?,
                answer: row.string(3)?,
                richtext: json(row.text(4)?)?,
            };
            Ok((said, row.opt_int(5)?, row.opt_string(6)?, row.int(7)?))
        },
    )?;
    if let Some(number) = number {
        return Ok(Before { number, said });
    }
    let by = At { user_id: author.as_deref(), ..*at };
    write(tx, &by, &said, &Entry { number: 1, at: since, kind: Kind::Found, by: None, changed: Vec::new() })?;
    Ok(Before { number: 1, said })
}

/// Writes the version of a FAQ that was just made.
pub(super) fn first(tx: &mut Tx<'_>, cx: &Cx, at: &At<'_>, said: &Said) -> Result<(), DbError> {
    write(tx, at, said, &Entry { number: 1, at: cx.now, kind: Kind::Made, by: Some(&cx.by), changed: Vec::new() })
}

/// Writes the version that a change made. An edit that changed nothing makes none.
pub(super) fn add(
    tx: &mut Tx<'_>,
    cx: &Cx,
    at: &At<'_>,
    (before, after): (&Before, &Said),
    kind: Kind,
) -> Result<(), DbError> {
    let changed = differing(&before.said, after);
    if changed.is_empty() && kind == Kind::Edited {
        return Ok(());
    }
    let number = before.number + 1;
    write(tx, at, after, &Entry { number, at: cx.now, kind, by: Some(&cx.by), changed })?;
    let gone = number - VERSIONS_KEPT;
    if gone > 0 {
        tx.execute(
            "DELETE FROM faq_version WHERE tenant = $1 AND helpdesk_id = $2 AND faq_id = $3 AND number <= $4",
            &params![at.tenant, at.helpdesk_id, at.faq_id, gone],
        )?;
    }
    Ok(())
}

fn differing(before: &Said, after: &Said) -> Vec<&'static str> {
    let all = [
        ("question", before.question != after.question),
        ("similar", before.similar != after.similar),
        ("answer", before.answer != after.answer || before.richtext != after.richtext),
        ("category", before.category_id != after.category_id),
    ];
    all.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}

struct Entry<'a> {
    number: i64,
    at: i64,
    kind: Kind,
    by: Option<&'a By>,
    changed: Vec<&'static str>,
}

fn write(tx: &mut Tx<'_>, at: &At<'_>, said: &Said, entry: &Entry<'_>) -> Result<(), DbError> {
    let category = category::path(tx, (at.tenant, at.helpdesk_id), said.category_id)?;
    tx.execute(
        "INSERT INTO faq_version (tenant, helpdesk_id, faq_id, number, at, kind, way, app, author, author_name,
                                  category_id, category, question, similar_questions, answer, answer_richtext, changed)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, (SELECT name FROM person WHERE tenant = $1 AND user_id = $9),
                 $10, $11, $12, $13, $14, $15, $16)",
        &params![
            at.tenant,
            at.helpdesk_id,
            at.faq_id,
            entry.number,
            entry.at,
            entry.kind.word(),
            entry.by.map(|by| by.way.word()),
            entry.by.and_then(|by| by.app.as_deref()),
            at.user_id,
            said.category_id,
            &category,
            &said.question,
            &to_json(&said.similar),
            &said.answer,
            &to_json(&said.richtext),
            &to_json(&entry.changed)
        ],
    )?;
    Ok(())
}

/// The versions of a FAQ before the one with this number, the newest first, at most `limit`.
pub fn versions(
    tx: &mut Tx<'_>,
    desk: &Helpdesk,
    faq_id: i64,
    before: i64,
    limit: i64,
) -> Result<Vec<Version>, Refusal> {
    get(tx, desk, faq_id)?;
    let found = tx.query(
        "SELECT number, at, kind, way, app, author, author_name, category_id, category, question, similar_questions,
                answer, answer_richtext, changed
         FROM faq_version WHERE tenant = $1 AND helpdesk_id = $2 AND faq_id = $3 AND number < $4
         ORDER BY number DESC LIMIT $5",
        &params![&desk.tenant, desk.id, faq_id, before, limit],
        read,
    );
    found.map_err(Refusal::from)
}

/// A version of a FAQ.
pub fn version_of(tx: &mut Tx<'_>, desk: &Helpdesk, faq_id: i64, number: i64) -> Result<Version, Refusal> {
    let found = versions(tx, desk, faq_id, number.saturating_add(1), 1)?.pop();
    let known = found.filter(|version| version.number == number);
    known.ok_or_else(|| Refusal::not_found(crate::Kind::FaqVersion, number))
}

/// Lets a FAQ say again what a version said; that is a version of its own. A category that is no more stays what it is.
/// `user_id` has to be an agent of the help desk.
pub fn revert(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    user_id: &str,
    (faq_id, number): (i64, i64),
) -> Result<Faq, Refusal> {
    require_role(desk, user_id, Role::Agent)?;
    let old = get(tx, desk, faq_id)?;
    if old.status != status::ONLINE {
        let why = format!("FAQ {faq_id} is in the recycle bin; restore it first");
        return Err(Refusal::invalid("faq_id", why));
    }
    let version = version_of(tx, desk, faq_id, number)?;
    let category_id = match version.category_id {
        Some(id) if !category::exists(tx, desk, id)? => old.category_id,
        other => other,
    };
    let Version { question, similar, answer, richtext, .. } = version;
    let said = Said { category_id, question, similar, answer, richtext };
    if Said::from(&old) == said {
        let why = format!("FAQ {faq_id} says what version {number} says already");
        return Err(Refusal::invalid("version", why));
    }
    update(tx, cx, &at(desk, user_id, faq_id), (&said, &[]), Kind::Reverted)?;
    let new = get(tx, desk, faq_id)?;
    cx.told = Some(Told::change(faq_id, Some(old.told()), Some(new.told())));
    Ok(new)
}

/// Forgets all versions of a FAQ that is gone for good.
pub(super) fn forget(tx: &mut Tx<'_>, (tenant, helpdesk_id, faq_id): (&str, i64, i64)) -> Result<(), DbError> {
    tx.execute(
        "DELETE FROM faq_version WHERE tenant = $1 AND helpdesk_id = $2 AND faq_id = $3",
        &params![tenant, helpdesk_id, faq_id],
    )?;
    Ok(())
}
