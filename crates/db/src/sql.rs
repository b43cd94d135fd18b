//! Reading SQL just well enough to tell words from literals and comments.
//!
//! Two users: the check that placeholders first appear in order, and the migration loader.

/// The comment a statement carries where PostgreSQL shall skip rows locked by others.
pub(crate) const SKIP_LOCKED: &str = "/*skip locked*/";

/// A piece of SQL text. Joining all pieces gives the text back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// A keyword or a bare name.
    Word(&'a str),
    /// A string literal or a quoted name, with its quotes.
    Quoted(&'a str),
    /// A comment of either form.
    Comment(&'a str),
    /// A placeholder such as `$1`.
    Placeholder(&'a str),
    /// White space.
    Space(&'a str),
    /// Anything else, one character at a time.
    Other(&'a str),
}

impl<'a> Piece<'a> {
    pub(crate) fn text(self) -> &'a str {
        match self {
            Self::Word(text)
            | Self::Quoted(text)
            | Self::Comment(text)
            | Self::Placeholder(text)
            | Self::Space(text)
            | Self::Other(text) => text,
        }
    }
}

/// Splits SQL into pieces.
pub(crate) fn pieces(sql: &str) -> Vec<Piece<'_>> {
    let mut rest = sql;
    let mut found = Vec::new();
    while let Some(first) = rest.chars().next() {
        let length = piece_length(rest, first);
        let (text, tail) = rest.split_at(length);
        rest = tail;
        found.push(match first {
            '\'' | '"' => Piece::Quoted(text),
            '-' | '/' if length > 1 => Piece::Comment(text),
            '$' if length > 1 => Piece::Placeholder(text),
            first if first.is_whitespace() => Piece::Space(text),
            first if is_word(first) => Piece::Word(text),
            _ => Piece::Other(text),
        });
    }
    found
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// The length in bytes of the piece that starts with `first`.
fn piece_length(rest: &str, first: char) -> usize {
    let run = |accept: fn(char) -> bool| {
        rest.char_indices().skip(1).find(|(_, letter)| !accept(*letter)).map_or(rest.len(), |at| at.0)
    };
    match first {
        // A doubled quote ends one piece and starts the next, which is as good as an escape here.
        '\'' | '"' => rest[1..].find(first).map_or(rest.len(), |at| at + 2),
        '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
        '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |at| at + 2),
        '$' => run(|letter| letter.is_ascii_digit()),
        first if first.is_whitespace() => run(char::is_whitespace),
        first if is_word(first) => run(is_word),
        first => first.len_utf8(),
    }
}

/// Whether the placeholders first appear as `$1`, `$2`, … and are `count` in number. SQLite takes
/// `$1` for a name and numbers the names as they come, so any other order would swap values.
pub(crate) fn placeholders_in_order(sql: &str, count: usize) -> bool {
    let mut seen = 0;
    for piece in pieces(sql) {
        if let Piece::Placeholder(text) = piece {
            match text[1..].parse::<usize>() {
                Ok(number) if number == seen + 1 => seen = number,
                Ok(number) if number >= 1 && number <= seen => {}
                _ => return false,
            }
        }
    }
    seen == count
}

/// Turns a migration, written for PostgreSQL, into SQLite's spelling: `BIGINT` becomes `INTEGER`
/// (only `INTEGER PRIMARY KEY` is the row's own key there), `BYTEA` becomes `BLOB`, and each
/// created table becomes `STRICT`, or `STRICT, WITHOUT ROWID` where `/*without rowid*/` follows
/// its closing parenthesis.
pub(crate) fn for_sqlite(migration: &str) -> String {
    let all = pieces(migration);
    let mut out = String::with_capacity(migration.len() + 64);
    let mut depth = 0_usize;
    let mut statement = Statement::Start;
    for (at, piece) in all.iter().enumerate() {
        match piece {
            Piece::Word(word) => {
                statement = statement.after(word);
                out.push_str(match word.to_ascii_uppercase().as_str() {
                    "BIGINT" => "INTEGER",
                    "BYTEA" => "BLOB",
                    _ => word,
                });
                continue;
            }
            Piece::Other(";") => statement = Statement::Start,
            Piece::Other("(") => depth += 1,
            Piece::Other(")") => depth = depth.saturating_sub(1),
            _ => {}
        }
        out.push_str(piece.text());
        if *piece == Piece::Other(")") && depth == 0 && statement == Statement::CreateTable {
            out.push_str(if wants_no_rowid(&all[at + 1..]) { " STRICT, WITHOUT ROWID" } else { " STRICT" });
            statement = Statement::Else;
        }
    }
    out
}

/// What kind of statement the loader is in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Statement {
    Start,
    Create,
    CreateTable,
    Else,
}

impl Statement {
    fn after(self, word: &str) -> Self {
        match self {
            Self::Start if word.eq_ignore_ascii_case("create") => Self::Create,
            Self::Create if word.eq_ignore_ascii_case("table") => Self::CreateTable,
            Self::Start | Self::Create => Self::Else,
            other => other,
        }
    }
}

fn wants_no_rowid(following: &[Piece<'_>]) -> bool {
    following
        .iter()
        .find(|piece| !matches!(piece, Piece::Space(_)))
        .is_some_and(|piece| matches!(piece, Piece::Comment("/*without rowid*/")))
}

#[cfg(test)]
mod tests;
