//! Folding: one spelling for texts that a reader takes as equal.

use unicode_normalization::char::{decompose_canonical, is_combining_mark};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

use crate::han;

/// What a character is to the analyser.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Part of a word in a script that puts spaces between words.
    Word,
    /// Part of a run in a script without spaces (or, Korean, better cut into pairs).
    Run,
    /// White space, punctuation, symbols.
    Other,
}

/// NFKC, lower case, full width to half width, traditional to simplified, Latin letters
/// without their accents, apostrophes dropped, white space and control characters as one
/// space. Only the first `limit` characters are looked at, and at most `limit` come out;
/// the flag says whether something was cut.
pub(crate) fn fold(text: &str, limit: usize) -> (String, bool) {
    let mut out = String::with_capacity(text.len().min(4 * limit));
    let cut = fold_into(text, limit, &mut out);
    (out, cut)
}

/// [`fold`] into a buffer, whose old text goes. Answers whether something was cut.
pub(crate) fn fold_into(text: &str, limit: usize, out: &mut String) -> bool {
    out.clear();
    if text.len() <= limit && text.chars().all(|c| c.is_ascii() || han::is_basic(c)) {
        fold_basic(text, out);
        return false;
    }
    fold_any(text, limit, out)
}

/// ASCII and basic Chinese characters, which nothing composes and nothing expands.
fn fold_basic(text: &str, out: &mut String) {
    for c in text.chars().filter(|c| !is_apostrophe(*c)) {
        if c <= ' ' || c == '\u{7f}' {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else {
            out.push(if c.is_ascii() { c.to_ascii_lowercase() } else { han::simplified(c) });
        }
    }
    if out.ends_with(' ') {
        out.pop();
    }
}

fn fold_any(text: &str, limit: usize, out: &mut String) -> bool {
    let mut count = 0;
    let mut cut = text.chars().nth(limit).is_some();
    let source = text.chars().take(limit).nfkc().flat_map(char::to_lowercase);
    for c in source {
        if is_apostrophe(c) || ('\u{300}'..='\u{36f}').contains(&c) {
            continue;
        }
        if count == limit {
            cut = true;
            break;
        }
        let c = if c.is_whitespace() || c.is_control() { ' ' } else { bare(han::simplified(c)) };
        if c == ' ' && (out.is_empty() || out.ends_with(' ')) {
            continue;
        }
        out.push(c);
        count += 1;
    }
    out.truncate(out.trim_end().len());
    // What was left out may have kept marks from their letter, or apart from each other.
    if is_nfkc_quick(out.chars()) != IsNormalized::Yes {
        *out = out.nfkc().collect();
    }
    cut
}

/// The folded text's words and runs alone, for telling whether two texts are equal but for
/// punctuation and spaces. A text of symbols only keeps its symbols.
pub(crate) fn bare_text(folded: &str) -> String {
    let mut out = String::with_capacity(folded.len());
    // A space counts between two words ("set up" is not "setup") and nowhere else.
    let mut gap = false;
    let mut last = Class::Other;
    for c in folded.chars() {
        let class = class(c);
        if class == Class::Other && !matches!(c, '+' | '#') {
            gap = true;
            continue;
        }
        if gap && class == Class::Word && last == Class::Word {
            out.push(' ');
        }
        out.push(c);
        (gap, last) = (false, class);
    }
    if out.is_empty() {
        out.extend(folded.chars().filter(|c| *c != ' '));
    }
    out
}

pub(crate) fn class(c: char) -> Class {
    if c.is_ascii() {
        return if c.is_ascii_alphanumeric() { Class::Word } else { Class::Other };
    }
    match u32::from(c) {
        // Thai, Lao, Myanmar, Khmer; kana, bopomofo, Hangul; Han with its extensions.
        0x0e00..=0x0eff
        | 0x1000..=0x109f
        | 0x1780..=0x17ff
        | 0x3005..=0x3007
        | 0x3041..=0x31ff
        | 0x3400..=0x4dbf
        | 0x4e00..=0x9fff
        | 0xac00..=0xd7af
        | 0xf900..=0xfaff
        | 0x2_0000..=0x3_ffff => Class::Run,
        _ if c.is_alphanumeric() || is_combining_mark(c) => Class::Word,
        _ => Class::Other,
    }
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}' | '\u{2018}' | '\u{02bc}' | '`' | '\u{00b4}')
}

/// A Latin letter without its accents; every other character as it is.
fn bare(c: char) -> char {
    if !matches!(u32::from(c), 0xc0..=0x24f | 0x1e00..=0x1eff) {
        return c;
    }
    let mut first = None;
    decompose_canonical(c, |part| {
        first.get_or_insert(part);
    });
    first.unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_makes_spellings_equal() {
        assert_eq!(fold("  ＷｉＦｉ\t重置　密碼 ", 99).0, "wifi 重置 密码");
        assert_eq!(fold("Don’t Résumé", 99).0, "dont resume");
        assert_eq!(fold("", 99), (String::new(), false));
    }

    #[test]
    fn basic_characters_fold_like_any() {
        let mut x = 1_u32;
        let all: Vec<char> = (0..128).chain(0x4e00..0xa000).filter_map(char::from_u32).collect();
        let check = |text: &str| {
            let (mut basic, mut any) = (String::new(), String::new());
            fold_basic(text, &mut basic);
            assert!(!fold_any(text, 1 << 20, &mut any));
            assert_eq!(basic, any, "{text:?}");
        };
        check(&all.iter().collect::<String>());
        for _ in 0..2_000 {
            let text = (0..x % 9).map(|_| {
                x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                all[usize::try_from(x >> 8).unwrap() % if x.is_multiple_of(3) { all.len() } else { 128 }]
            });
            check(&text.collect::<String>());
        }
    }

    #[test]
    fn long_text_is_cut_and_says_so() {
        let (text, cut) = fold(&"密".repeat(30), 20);
        assert_eq!((text.chars().count(), cut), (20, true));
        // One ligature expands to 18 characters: the limit holds for the output too.
        let (text, cut) = fold(&"\u{fdfa}".repeat(20), 20);
        assert!(text.chars().count() <= 20 && cut);
    }

    #[test]
    fn what_is_dropped_leaves_no_marks_out_of_order() {
        for text in ["\u{730}`\u{1ce2}", "か'\u{3099}", "a\u{301}\u{323}"] {
            let (once, _) = fold(text, 100);
            assert_eq!(fold(&once, 100).0, once, "{text:?}");
        }
    }

    #[test]
    fn bare_text_ignores_punctuation() {
        assert_eq!(bare_text("如何 开发票?"), bare_text("如何开发票"));
        assert_eq!(bare_text("set up, now!"), "set up now");
        assert_ne!(bare_text("setup"), bare_text("set up"));
        assert_eq!(bare_text("?! ?"), "?!?");
    }
}
