//! Text to terms.

use std::borrow::Cow;

use rust_stemmers::{Algorithm, Stemmer};

use crate::fold::{Class, bare_text, class, fold};
use crate::num::{hash64, spread};
use crate::{grams, stop};

/// Longest text the engine looks at, in characters; what follows is ignored.
pub const MAX_CHARS: usize = 2_000;

/// Words longer than this are not stemmed: no natural word is, and stemmers need not be linear.
const MAX_STEM: usize = 32;

/// What kind of term a term is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TermKind {
    /// A word, stemmed if it is English; also a number.
    Word,
    /// A word as written where its stem differs.
    Written,
    /// A product code, version or hyphenated word kept whole, such as `x1-200`.
    Whole,
    /// A letter or digit part of a mixed word, such as `office` of `office365`.
    Part,
    /// One character of a run without spaces (Chinese, Japanese, Korean, Thai …).
    Single,
    /// Two neighbouring characters of such a run.
    Pair,
}

/// One term of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// The folded (and perhaps stemmed) text.
    pub text: String,
    /// What it is.
    pub kind: TermKind,
    /// Share of a full term's say, above 0 and at most 1, before rarity counts.
    pub weight: f32,
    pub(crate) key: u64,
}

/// What [`analyse`] finds in a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Analysis {
    /// The folded text: NFKC, lower case, half width, simplified Chinese, no accents on Latin
    /// letters, no apostrophes, single spaces.
    pub folded: String,
    /// Terms in the order of the text, repeats included.
    pub terms: Vec<Term>,
    /// Hashes of the different character n-grams, sorted: Latin 2–5 inside word marks, runs
    /// without spaces 1–3. Only the first 240 characters take part.
    pub grams: Vec<u32>,
    /// Whether the text was longer than [`MAX_CHARS`] and was cut.
    pub cut: bool,
}

/// Takes a text apart into terms and character n-grams.
///
/// Linear in the text's length up to [`MAX_CHARS`] characters, where the text is cut. Never
/// panics. A text without a letter or digit gives no term.
pub fn analyse(text: &str) -> Analysis {
    let (folded, cut) = fold(text, MAX_CHARS);
    let terms = terms(&folded);
    let grams = grams::distinct(&folded);
    Analysis { folded, terms, grams, cut }
}

/// Key under which a text equal to `folded` but for punctuation is found; none for an empty text.
pub(crate) fn exact_key(folded: &str) -> Option<u64> {
    let bare = bare_text(folded);
    (!bare.is_empty()).then(|| hash64(9, &bare))
}

/// Key of a term that is no written form.
pub(crate) fn word_key(text: &str) -> u64 {
    hash64(1, text)
}

/// Keys of a long word's first and last three letters: one typo leaves one of them whole.
pub(crate) fn affix_keys(word: &str) -> Option<[u64; 2]> {
    if word.len() < 5 || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return None;
    }
    Some([hash64(7, &word[..3]), hash64(8, &word[word.len() - 3..])])
}

/// A term where it was found.
pub(crate) struct Spotted<'t> {
    pub(crate) text: &'t str,
    pub(crate) kind: TermKind,
    pub(crate) weight: f32,
    pub(crate) key: u64,
}

impl<'t> Spotted<'t> {
    fn new(text: &'t str, kind: TermKind, weight: f32) -> Self {
        // Stems, numbers, whole and part forms share one key space: "x1" is "x1" however it came
        // about, and always of one weight. Written forms weigh less and stay apart.
        Self { text, kind, weight, key: hash64(1 + u64::from(kind == TermKind::Written), text) }
    }

    fn word(text: &'t str, kind: TermKind) -> Self {
        Self::new(text, kind, stop::word_weight(text))
    }
}

/// The terms of a folded text.
pub(crate) fn terms(folded: &str) -> Vec<Term> {
    let mut out = Vec::with_capacity(folded.len());
    each_term(folded, &mut Stems::default(), |Spotted { text, kind, weight, key }| {
        out.push(Term { text: text.to_owned(), kind, weight, key });
    });
    out
}

/// Calls `each` with every term of a folded text, in order.
pub(crate) fn each_term(folded: &str, stems: &mut Stems, mut each: impl FnMut(Spotted<'_>)) {
    let mut left = folded;
    while let Some(first) = left.chars().next() {
        let kind = class(first);
        let (span, rest) = left.split_at(span_end(left, kind));
        match kind {
            Class::Run => run_terms(span, &mut each),
            Class::Word => word_terms(span, stems, &mut each),
            Class::Other => {}
        }
        left = rest;
    }
}

/// End of the word, run or gap that a text begins with. A word goes on over `-`, `.` and `_`
/// between two word characters, and may end with `+` or `#` (`c++`).
fn span_end(text: &str, kind: Class) -> usize {
    let mut left = text.chars();
    left.next();
    loop {
        let mut ahead = left.clone();
        let Some(c) = ahead.next() else { break };
        let joins = || matches!(c, '-' | '.' | '_') && ahead.clone().next().is_some_and(|c| class(c) == Class::Word);
        if class(c) != kind && !(kind == Class::Word && joins()) {
            break;
        }
        left = ahead;
    }
    let mut rest = left.as_str();
    if kind == Class::Word {
        rest = rest.trim_start_matches(['+', '#']);
    }
    text.len() - rest.len()
}

fn run_terms(run: &str, each: &mut impl FnMut(Spotted<'_>)) {
    let mut chars = run.char_indices().map(|(at, c)| (at, c.len_utf8(), stop::char_weight(c))).peekable();
    while let Some((at, length, weight)) = chars.next() {
        each(Spotted::new(&run[at..at + length], TermKind::Single, 0.5 * weight));
        if let Some((next, length, other)) = chars.peek() {
            // 1 for two telling characters, 0.65 with one common one, 0.3 with two.
            each(Spotted::new(&run[at..next + length], TermKind::Pair, f32::midpoint(weight, *other)));
        }
    }
}

fn word_terms(span: &str, stems: &mut Stems, each: &mut impl FnMut(Spotted<'_>)) {
    let parts = || span.split(|c| class(c) != Class::Word).filter(|part| !part.is_empty());
    for part in parts() {
        one_word(part, stems, each);
        mixed_parts(part, each);
    }
    let coded = span.bytes().any(|b| b.is_ascii_digit()) || span.chars().next_back().map(class) == Some(Class::Other);
    if parts().nth(1).is_some() || (coded && parts().next().is_some_and(|part| part.len() < span.len())) {
        let whole = if coded { Cow::Borrowed(span) } else { parts().collect() };
        each(Spotted::word(&whole, TermKind::Whole));
    }
}

fn one_word(text: &str, stems: &mut Stems, each: &mut impl FnMut(Spotted<'_>)) {
    if let Some(known) = stems.known(text) {
        let Stemmed { weight, key, written, .. } = *known;
        each(Spotted { text: known.stem(), kind: TermKind::Word, weight, key });
        if let Some(key) = written {
            each(Spotted { text, kind: TermKind::Written, weight: WRITTEN, key });
        }
        return;
    }
    let stem = stem(text);
    each(Spotted::word(&stem, TermKind::Word));
    if stem != text {
        each(Spotted::new(text, TermKind::Written, WRITTEN));
    }
}

/// Weight of a word as written beside its stem.
const WRITTEN: f32 = 0.25;

/// The stem of an English word. Common words keep their spelling: the list knows them by it.
fn stem(text: &str) -> Cow<'_, str> {
    let stems = text.len() <= MAX_STEM && text.bytes().all(|b| b.is_ascii_lowercase());
    if !stems || stop::word_weight(text) < 1.0 {
        return Cow::Borrowed(text);
    }
    Stemmer::create(Algorithm::English).stem(text)
}

/// Longest word whose stem is kept, in bytes.
const KEPT: usize = 16;
/// Places for stems, a power of two; a word takes the place of another one.
const STEMS: usize = 1 << 12;

/// The stems of words that were met before, for who takes many texts apart.
#[derive(Debug, Default)]
pub(crate) struct Stems(Vec<Stemmed>);

/// What becomes of one word.
#[derive(Clone, Copy, Debug, Default)]
struct Stemmed {
    word: [u8; KEPT],
    stem: [u8; KEPT],
    length: usize,
    weight: f32,
    key: u64,
    /// Key of the word as written, if its stem differs.
    written: Option<u64>,
}

impl Stems {
    /// With room for some thousand words; by default there is none.
    pub(crate) fn kept() -> Self {
        Self(vec![Stemmed::default(); STEMS])
    }

    /// None if stems are not kept, or not for such a word.
    fn known(&mut self, text: &str) -> Option<&Stemmed> {
        let mut word = [0; KEPT];
        word.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        let [low, high] = [0, 8].map(|at| word[at..at + 8].iter().rev().fold(0, |all, b| all << 8 | u64::from(*b)));
        let place = self.0.get_mut(usize::try_from(spread(low ^ high.rotate_left(29))).ok()? % STEMS)?;
        if place.word != word {
            let stem = stem(text);
            let mut kept = [0; KEPT];
            kept.get_mut(..stem.len())?.copy_from_slice(stem.as_bytes());
            let Spotted { weight, key, .. } = Spotted::word(&stem, TermKind::Word);
            let written = (stem != text).then(|| Spotted::new(text, TermKind::Written, WRITTEN).key);
            *place = Stemmed { word, stem: kept, length: stem.len(), weight, key, written };
        }
        Some(place)
    }
}

impl Stemmed {
    fn stem(&self) -> &str {
        // It was a text when it came here.
        str::from_utf8(&self.stem[..self.length]).unwrap_or_default()
    }
}

/// "iphone15" also as "iphone" and "15"; nothing for a word of letters or digits alone.
fn mixed_parts(word: &str, each: &mut impl FnMut(Spotted<'_>)) {
    if !word.bytes().any(|b| b.is_ascii_digit()) || word.bytes().all(|b| b.is_ascii_digit()) {
        return;
    }
    let mut left = word;
    while let Some(first) = left.chars().next() {
        let digits = first.is_ascii_digit();
        let end = left.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(left.len());
        if digits || end > first.len_utf8() {
            each(Spotted::word(&left[..end], TermKind::Part));
        }
        left = &left[end..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        analyse(text).terms.into_iter().map(|t| t.text).collect()
    }

    #[test]
    fn words_numbers_and_codes() {
        assert_eq!(texts("Resetting, don't!"), ["reset", "resetting", "dont"]);
        assert_eq!(texts("X1-200"), ["x1", "1", "200", "x1-200"]);
        assert!(texts("version v2.3.").contains(&"v2.3".to_owned()));
        assert!(texts("Office365 登录").contains(&"office365".to_owned()));
        assert_eq!(texts("wi-fi"), ["wi", "fi", "wifi"]);
        assert!(texts("C++ or c#").contains(&"c++".to_owned()));
        assert!(texts("?? … 😀").is_empty());
    }

    #[test]
    fn runs_give_singles_and_pairs() {
        assert_eq!(texts("退貨"), ["退", "退货", "货"]);
        assert_eq!(texts("退"), ["退"]);
        assert_eq!(texts("用vip卡"), ["用", "vip", "卡"]);
    }

    #[test]
    fn kept_stems_are_those_of_the_word() {
        let mut stems = Stems::kept();
        let words = "resetting resets reset the how ing a i was running runner internationalisation x1 über 退货 wi-fi";
        // Thousands of others push them out in between.
        let letter = |n: u32| char::from_u32(u32::from('a') + n % 26).unwrap_or('a');
        let others: Vec<String> =
            (0..9_000).map(|n| [n, n / 26, n / 676, n % 7].map(letter).iter().collect()).collect();
        for text in [words, &others.join(" "), words, words] {
            let mut kept = Vec::new();
            each_term(text, &mut stems, |term| kept.push((term.text.to_owned(), term.kind, term.weight, term.key)));
            let anew: Vec<_> =
                terms(text).into_iter().map(|term| (term.text, term.kind, term.weight, term.key)).collect();
            assert!(kept == anew);
        }
    }

    #[test]
    fn hostile_texts_stay_linear() {
        for text in ["a".repeat(9000), "a-".repeat(9000), "退".repeat(9000), "a1".repeat(9000), "\u{fdfa}".repeat(9000)]
        {
            let found = analyse(&text);
            assert!(found.cut);
            assert!(found.terms.len() <= 3 * MAX_CHARS, "{}", found.terms.len());
            assert!(found.terms.iter().map(|t| t.text.len()).sum::<usize>() <= 16 * MAX_CHARS);
        }
    }

    #[test]
    fn affixes_need_a_long_latin_word() {
        assert!(affix_keys("password").is_some());
        assert!(affix_keys("pass").is_none() && affix_keys("überall").is_none());
    }
}
