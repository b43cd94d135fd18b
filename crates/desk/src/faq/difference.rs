//! What differs between two versions of a FAQ, word by word.

use std::collections::HashSet;

use imara_diff::{Algorithm, Diff, InternedInput};
use unicode_segmentation::UnicodeSegmentation as _;

use super::RichItem;
use super::answer::{member, plain_of};
use super::history::Version;

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// In both versions.
    Same,
    /// Only in the newer one.
    Added,
    /// Only in the older one.
    Removed,
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// In which version it is.
    pub side: Side,
    /// The text, with its spaces.
    pub text: String,
}

/// What differs between two versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The question.
    pub question: Vec<Piece>,
    /// Similar questions: those in both and those added in the newer one's order, then those removed.
    pub similar: Vec<Piece>,
    /// The plain answer.
    pub answer: Vec<Piece>,
    /// The rich answer as text: links with their address, pictures with their key.
    pub richtext: Vec<Piece>,
    /// The path of the category.
    pub category: Vec<Piece>,
}

/// What differs; without an older version, all is new.
pub fn difference(older: Option<&Version>, newer: &Version) -> Difference {
    let of = |text: fn(&Version) -> &str| words(older.map_or("", text), text(newer));
    Difference {
        question: of(|version| &version.question),
        similar: list(older.map_or(&[], |older| older.similar.as_slice()), &newer.similar),
        answer: of(|version| &version.answer),
        richtext: words(&older.map_or_else(String::new, |older| told(&older.richtext)), &told(&newer.richtext)),
        category: whole(older.and_then(|older| older.category.as_deref()), newer.category.as_deref()),
    }
}

/// A rich answer as text in which everything shows.
fn told(rich: &[RichItem]) -> String {
    let one = |item: &RichItem| match member(item, "type") {
        "img" => {
            let named = ["key", "src"].map(|name| member(item, name)).into_iter().find(|name| !name.is_empty());
            format!("[{}]", named.unwrap_or("img"))
        }
        _ => plain_of(std::slice::from_ref(item)),
    };
    rich.iter().map(one).collect()
}

/// Words that were added and removed. A Han character is a word.
fn words(older: &str, newer: &str) -> Vec<Piece> {
    let (before, after): (Vec<&str>, Vec<&str>) =
        (older.split_word_bounds().collect(), newer.split_word_bounds().collect());
    let mut input = InternedInput::<&str>::default();
    input.update_before(before.iter().copied());
    input.update_after(after.iter().copied());
    // Its heuristics keep it from taking long on texts that have little in common.
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_no_heuristic(&input);
    let mut pieces = Vec::new();
    let mut until = 0;
    for hunk in diff.hunks() {
        let (removed, added) = (places(&hunk.before), places(&hunk.after));
        push(&mut pieces, Side::Same, &after[until..added.start]);
        push(&mut pieces, Side::Removed, &before[removed]);
        until = added.end;
        push(&mut pieces, Side::Added, &after[added]);
    }
    push(&mut pieces, Side::Same, &after[until..]);
    pieces
}

/// Words are counted in 32 bits, which places in memory hold.
fn places(range: &std::ops::Range<u32>) -> std::ops::Range<usize> {
    range.start as usize..range.end as usize
}

fn push(pieces: &mut Vec<Piece>, side: Side, words: &[&str]) {
    if !words.is_empty() {
        pieces.push(Piece { side, text: words.concat() });
    }
}

fn list(older: &[String], newer: &[String]) -> Vec<Piece> {
    let (before, after): (HashSet<&String>, HashSet<&String>) = (older.iter().collect(), newer.iter().collect());
    let piece = |side: Side, text: &String| Piece { side, text: text.clone() };
    let there = newer.iter().map(|text| piece(if before.contains(text) { Side::Same } else { Side::Added }, text));
    let gone = older.iter().filter(|text| !after.contains(text)).map(|text| piece(Side::Removed, text));
    there.chain(gone).collect()
}

fn whole(older: Option<&str>, newer: Option<&str>) -> Vec<Piece> {
    let piece = |side: Side, text: Option<&str>| text.map(|text| Piece { side, text: text.to_owned() });
    if older == newer {
        return piece(Side::Same, newer).into_iter().collect();
    }
    [piece(Side::Removed, older), piece(Side::Added, newer)].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(older: &str, newer: &str) -> String {
        let piece = |Piece { side, text }: Piece| match side {
            Side::Same => text,
            Side::Added => format!("+{text}+"),
            Side::Removed => format!("-{text}-"),
        };
        words(older, newer).into_iter().map(piece).collect()
    }

    #[test]
    fn whole_words_differ_and_single_han_characters() {
        assert_eq!(shown("Call us at 9.", "Call us at 10."), "Call us at -9-+10+.");
        assert_eq!(shown("", "new"), "+new+");
        assert_eq!(shown("old", ""), "-old-");
        assert_eq!(shown("same", "same"), "same");
        assert_eq!(shown("请重置密码", "请修改密码"), "请-重置-+修改+密码");
    }

    proptest! {
        #[test]
        fn both_texts_are_in_the_difference(older in "[ab 密\n.]{0,40}", newer in "[ab 密\n.]{0,40}") {
            let pieces = words(&older, &newer);
            let of = |not: Side| pieces.iter().filter(|p| p.side != not).map(|p| p.text.as_str()).collect::<String>();
            prop_assert_eq!(of(Side::Added), older);
            prop_assert_eq!(of(Side::Removed), newer);
        }
    }
}
