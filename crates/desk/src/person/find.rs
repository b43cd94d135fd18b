//! Accounts found by a part of their name, by the beginning of their e-mail address, or by their ids, whatever the case.
//!
//! Of each account the texts are kept that a search may be the beginning of ([`parts`]); so finding is one range of an
//! index, on both databases, and one character is enough. Guests who came by themselves are not found.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use db::{DbError, Row, Tx, params};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::decompose_canonical;

/// How many people are offered where somebody is picked.
pub const OFFERED_MAX: usize = 20;
/// Longest part, in characters.
const PART_MAX: usize = 32;
/// Most parts of one account.
const PARTS_MAX: usize = 200;
/// How much of a search is looked at, in characters.
const SEARCH_MAX: usize = 200;
/// Parts that are read at once.
const READ_AT_ONCE: i64 = 200;
/// How many parts one search looks at; what it has found until then is the page.
const LOOKED_AT_MAX: usize = 4_000;
/// Accounts that get their parts in one transaction.
const KEPT_AT_ONCE: i64 = 100;

/// A text by which somebody is found, in the order in which they are offered: who is called so before whose name only has
/// it inside of a word.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    inside: bool,
    text: String,
}

/// Somebody who was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The tenant's own id.
    pub user_id: String,
    /// `ou_…`
    pub open_id: String,
    /// The display name.
    pub name: String,
    /// E-mail address.
    pub email: Option<String>,
    /// Whether they have a password; without one they cannot sign in.
    pub has_password: bool,
}

/// People who were found.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Who is called so first. There may be fewer than were asked for, and still more on the next page.
    pub people: Vec<Hit>,
    /// Where the next page begins; `None` after the last.
    pub next: Option<Place>,
}

/// A place in what a search finds, as text ([`fmt::Display`], [`FromStr`]) a page token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    inside: bool,
    part: Vec<u8>,
    user_id: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", u8::from(self.inside), hex::encode(&self.part), self.user_id)
    }
}

/// The text is no [`Place`].
#[derive(Debug, thiserror::Error)]
#[error("this is no place in a search")]
pub struct NoPlace;

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let mut pieces = text.splitn(3, '.');
        let inside = match pieces.next() {
            Some("0") => false,
            Some("1") => true,
            _ => return Err(NoPlace),
        };
        let part = hex::decode(pieces.next().ok_or(NoPlace)?).map_err(|_| NoPlace)?;
        let user_id = pieces.next().filter(|user_id| !user_id.contains('\0')).ok_or(NoPlace)?.to_owned();
        Ok(Self { inside, part, user_id })
    }
}

/// One spelling for texts that a reader takes as equal: no full width, no capitals, no accents on Latin letters.
fn fold(text: &str) -> String {
    let small = text.nfkc().flat_map(char::to_lowercase);
    small.filter(|c| !('\u{300}'..='\u{36f}').contains(c)).map(plain).collect()
}

/// A Latin letter without its accents; every other character as it is.
fn plain(c: char) -> char {
    let mut first = None;
    decompose_canonical(c, |part| {
        first.get_or_insert(part);
    });
    first.filter(char::is_ascii_lowercase).unwrap_or(c)
}

/// Whether a word begins here in a text without spaces: at its start, and behind what is neither letter nor digit.
fn begins(chars: &[char], at: usize) -> bool {
    at == 0 || (chars[at].is_alphanumeric() && !chars[at - 1].is_alphanumeric())
}

/// What an account is found by: its name from each of its letters on, its e-mail address from each of its words on, its ids.
fn parts(account: &Hit) -> BTreeSet<Part> {
    let mut parts = BTreeSet::new();
    let mut put = |chars: &[char], inside: bool| {
        if parts.len() < PARTS_MAX {
            parts.insert(Part { inside, text: chars.iter().take(PART_MAX).collect() });
        }
    };
    for id in [&account.user_id, &account.open_id] {
        put(&fold(id).chars().collect::<Vec<_>>(), false);
    }
    for word in fold(account.email.as_deref().unwrap_or_default()).split_whitespace() {
        let chars: Vec<char> = word.chars().collect();
        for at in (0..chars.len()).filter(|at| begins(&chars, *at) || chars[*at] == '@') {
            put(&chars[at..], at > 0);
        }
    }
    for word in fold(&account.name).split_whitespace() {
        let chars: Vec<char> = word.chars().collect();
        for at in (0..chars.len()).filter(|at| *at == 0 || chars[*at].is_alphanumeric()) {
            put(&chars[at..], !begins(&chars, at));
        }
    }
    parts
}

/// What people are looked for by: words, folded.
#[derive(Debug, Clone)]
pub struct Search {
    words: Vec<String>,
    /// The beginning of the parts that it is for: its longest word.
    beginning: String,
}

impl Search {
    /// The search for a text; `None` if it has no word.
    pub fn of(text: &str) -> Option<Self> {
        let folded = fold(&text.chars().take(SEARCH_MAX).collect::<String>());
        let words: Vec<String> = folded.split_whitespace().map(str::to_owned).collect();
        let longest = words.iter().max_by_key(|word| word.chars().count())?;
        let bare = longest.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '@');
        let word = if bare.is_empty() { longest } else { bare };
        let beginning = word.chars().take(PART_MAX).collect();
        Some(Self { words, beginning })
    }

    /// Whether all words are in somebody's name, e-mail address or other texts, or begin an id.
    fn is_in(&self, hit: &Hit, others: &[&str]) -> bool {
        let told = [hit.name.as_str(), hit.email.as_deref().unwrap_or_default()];
        let texts: Vec<String> = told.iter().chain(others).map(|text| fold(text)).collect();
        let ids = [fold(&hit.user_id), fold(&hit.open_id)];
        let has = |word: &String| {
            texts.iter().any(|text| text.contains(word)) || ids.iter().any(|id| id.starts_with(word.as_str()))
        };
        self.words.iter().all(has)
    }

    /// The part by which somebody is found first.
    fn first_part(&self, hit: &Hit) -> Option<Part> {
        parts(hit).into_iter().find(|part| part.text.starts_with(&self.beginning))
    }

    /// How well it fits somebody who is at hand, by the rules of [`find`]; `None` if it does not. `others`: what they are
    /// found by beside their name.
    pub fn fit(&self, hit: &Hit, others: &[&str]) -> Option<Fit> {
        let by_name =
            || self.first_part(hit).map_or(Fit::Other, |part| if part.inside { Fit::Inside } else { Fit::Begins });
        self.is_in(hit, others).then(by_name)
    }
}

/// How well a search fits somebody, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// A word of their name, or an id, begins so.
    Begins,
    /// Their name or e-mail address has it inside.
    Inside,
    /// Something else of them has it.
    Other,
}

/// Up to `size` accounts that have all words of `text`, those behind a place of an earlier page: the longest word where a
/// part begins, the others anywhere in name or e-mail address. Without a word nobody is found.
pub fn find(tx: &mut Tx<'_>, tenant: &str, text: &str, behind: Option<&Place>, size: usize) -> Result<Found, DbError> {
    find_among(tx, tenant, text, (behind, size), |_| true)
}

/// The same among those of whom `is_asked` says so.
pub fn find_among(
    tx: &mut Tx<'_>,
    tenant: &str,
    text: &str,
    (behind, size): (Option<&Place>, usize),
    is_asked: impl Fn(&Hit) -> bool,
) -> Result<Found, DbError> {
    let Some(search) = Search::of(text) else { return Ok(Found::default()) };
    let beginning = search.beginning.as_bytes();
    let first = |inside| Place { inside, part: beginning.to_vec(), user_id: String::new() };
    // No UTF-8 text has this byte.
    let end = [beginning, &[0xff]].concat();
    let mut at = behind.cloned().unwrap_or_else(|| first(false));
    let (mut found, mut looked_at) = (Found::default(), 0);
    loop {
        let rows = read(tx, tenant, &at, &end)?;
        let is_end = i64::try_from(rows.len()).unwrap_or(i64::MAX) < READ_AT_ONCE;
        for (part, hit) in rows {
            looked_at += 1;
            // Who is found by several parts is offered with the first.
            let is_first =
                search.first_part(&hit).is_some_and(|first| first.inside == at.inside && first.text.as_bytes() == part);
            let place = Place { inside: at.inside, part, user_id: hit.user_id.clone() };
            if is_first && is_asked(&hit) && search.is_in(&hit, &[]) {
                if found.people.len() == size {
                    found.next = Some(at);
                    return Ok(found);
                }
                found.people.push(hit);
            }
            at = place;
        }
        match (is_end, at.inside) {
            (true, true) => return Ok(found),
            (true, false) => at = first(true),
            (false, _) if looked_at >= LOOKED_AT_MAX => {
                found.next = Some(at);
                return Ok(found);
            }
            (false, _) => {}
        }
    }
}

/// Some parts behind a place and before `end`, in order, with whose they are.
fn read(tx: &mut Tx<'_>, tenant: &str, at: &Place, end: &[u8]) -> Result<Vec<(Vec<u8>, Hit)>, DbError> {
    tx.query(
        "SELECT f.part, p.user_id, p.open_id, p.name, p.email, p.password_hash
         FROM person_part f JOIN person p ON p.tenant = f.tenant AND p.user_id = f.user_id
         WHERE f.tenant = $1 AND f.inside = $2 AND (f.part, f.user_id) > ($3, $4) AND f.part < $5
         ORDER BY f.part, f.user_id LIMIT $6",
        &params![tenant, at.inside, &at.part, &at.user_id, end, READ_AT_ONCE],
        |row| Ok((row.bytes(0)?.to_vec(), hit(row, 1)?)),
    )
}

fn hit(row: &Row<'_>, from: usize) -> Result<Hit, DbError> {
    Ok(Hit {
        user_id: row.string(from)?,
        open_id: row.string(from + 1)?,
        name: row.string(from + 2)?,
        email: row.opt_string(from + 3)?,
        has_password: row.opt_text(from + 4)?.is_some(),
    })
}

/// Keeps what an account is found by, after it was made or changed.
pub(crate) fn keep(tx: &mut Tx<'_>, tenant: &str, user_id: &str) -> Result<(), DbError> {
    let account = tx.query_one(
        "SELECT user_id, open_id, name, email, password_hash FROM person WHERE tenant = $1 AND user_id = $2",
        &params![tenant, user_id],
        |row| hit(row, 0),
    )?;
    tx.execute("DELETE FROM person_part WHERE tenant = $1 AND user_id = $2", &params![tenant, user_id])?;
    for part in parts(&account) {
        tx.execute(
            "INSERT INTO person_part (tenant, inside, part, user_id) VALUES ($1, $2, $3, $4)",
            &params![tenant, part.inside, part.text.as_bytes(), user_id],
        )?;
    }
    tx.execute("UPDATE person SET has_parts = 1 WHERE tenant = $1 AND user_id = $2", &params![tenant, user_id])?;
    Ok(())
}

/// Whether there are accounts from before people were found by name, for [`keep_older`].
pub fn has_older(tx: &mut Tx<'_>) -> Result<bool, DbError> {
    Ok(!older(tx)?.is_empty())
}

/// Keeps what some accounts are found by that are from before.
pub fn keep_older(tx: &mut Tx<'_>) -> Result<(), DbError> {
    for (tenant, user_id) in older(tx)? {
        keep(tx, &tenant, &user_id)?;
    }
    Ok(())
}

fn older(tx: &mut Tx<'_>) -> Result<Vec<(String, String)>, DbError> {
    tx.query(
        "SELECT tenant, user_id FROM person WHERE guest_only = 0 AND has_parts = 0 ORDER BY tenant, user_id LIMIT $1",
        &params![KEPT_AT_ONCE],
        |row| Ok((row.string(0)?, row.string(1)?)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(name: &str, email: Option<&str>) -> Hit {
        let (user_id, open_id) = ("u_1".into(), "ou_1".into());
        Hit { user_id, open_id, name: name.into(), email: email.map(Into::into), has_password: true }
    }

    #[test]
    fn a_name_is_found_from_each_letter_on_and_an_address_from_each_word_on() {
        let of = |hit: &Hit| -> Vec<String> {
            parts(hit).iter().map(|part| format!("{}{}", if part.inside { "~" } else { "" }, part.text)).collect()
        };
        assert_eq!(of(&account("王小明", None)), ["ou_1", "u_1", "王小明", "~小明", "~明"]);
        let eva = account("Éva Li-Wu", Some("Eva.Li@demo.test"));
        let begun = ["eva", "eva.li@demo.test", "li-wu", "ou_1", "u_1", "wu"];
        let inside = ["~@demo.test", "~a", "~demo.test", "~i-wu", "~li@demo.test", "~test", "~u", "~va"];
        assert_eq!(of(&eva), [&begun[..], &inside[..]].concat());
    }

    #[test]
    fn a_very_long_name_has_bounded_parts() {
        let long: String = ('a'..='z').cycle().take(10_000).collect();
        for name in [long.clone(), "x y ".repeat(5_000), "王".repeat(200), format!("{long} {long}")] {
            let parts = parts(&account(&name, Some(&long)));
            assert!(parts.len() <= PARTS_MAX && parts.iter().all(|part| part.text.chars().count() <= PART_MAX));
        }
    }

    #[test]
    fn a_place_is_read_as_it_was_written() {
        let place = Place { inside: true, part: "小.a".into(), user_id: "u.1".into() };
        assert_eq!(place.to_string().parse::<Place>().unwrap(), place);
        for wrong in ["", "0", "0.zz.u", "2.61.u", "u_ada", "0.61", "0.61.\0"] {
            assert!(wrong.parse::<Place>().is_err(), "{wrong}");
        }
    }
}
