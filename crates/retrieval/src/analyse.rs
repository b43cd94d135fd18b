//! Text to terms.

use rust_stemmers::{Algorithm, Stemmer};

use crate::fold::{Class, bare_text, class, fold};
use crate::num::hash64;
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

/// The terms of a folded text.
pub(crate) fn terms(folded: &str) -> Vec<Term> {
    let chars: Vec<char> = folded.chars().collect();
    let stemmer = Stemmer::create(Algorithm::English);
    let mut out = Vec::with_capacity(chars.len());
    let mut at = 0;
    while at < chars.len() {
        let end = span_end(&chars, at);
        match class(chars[at]) {
            Class::Run => run_terms(&chars[at..end], &mut out),
            Class::Word => word_terms(&chars[at..end], &stemmer, &mut out),
            Class::Other => {}
        }
        at = end;
    }
    out
}

/// End of the word, run or gap that starts at `at`. A word goes on over `-`, `.` and `_`
/// between two word characters, and may end with `+` or `#` (`c++`).
fn span_end(chars: &[char], at: usize) -> usize {
    let kind = class(chars[at]);
    let mut end = at + 1;
    while end < chars.len() {
        let joins = kind == Class::Word
            && matches!(chars[end], '-' | '.' | '_')
            && chars.get(end + 1).is_some_and(|c| class(*c) == Class::Word);
        if class(chars[end]) != kind && !joins {
            break;
        }
        end += 1;
    }
    while kind == Class::Word && end < chars.len() && matches!(chars[end], '+' | '#') {
        end += 1;
    }
    end
}

fn push(out: &mut Vec<Term>, text: String, kind: TermKind, weight: f32) {
    // Stems, numbers, whole and part forms share one key space: "x1" is "x1" however it came
    // about, and always of one weight. Written forms weigh less and stay apart.
    let key = hash64(1 + u64::from(kind == TermKind::Written), &text);
    out.push(Term { text, kind, weight, key });
}

fn run_terms(run: &[char], out: &mut Vec<Term>) {
    for (i, c) in run.iter().enumerate() {
        let weight = stop::char_weight(*c);
        push(out, c.to_string(), TermKind::Single, 0.5 * weight);
        if let Some(next) = run.get(i + 1) {
            // 1 for two telling characters, 0.65 with one common one, 0.3 with two.
            let pair = f32::midpoint(weight, stop::char_weight(*next));
            push(out, [*c, *next].iter().collect(), TermKind::Pair, pair);
        }
    }
}

fn word_terms(span: &[char], stemmer: &Stemmer, out: &mut Vec<Term>) {
    let parts: Vec<&[char]> = span.split(|c| class(*c) != Class::Word).filter(|part| !part.is_empty()).collect();
    for part in &parts {
        one_word(&part.iter().collect::<String>(), stemmer, out);
        mixed_parts(part, out);
    }
    let coded = span.iter().any(char::is_ascii_digit) || class(span[span.len() - 1]) == Class::Other;
    if parts.len() > 1 || (coded && parts.first().is_some_and(|p| p.len() < span.len())) {
        let whole: String = if coded { span.iter().collect() } else { parts.concat().iter().collect() };
        word(whole, TermKind::Whole, out);
    }
}

fn word(text: String, kind: TermKind, out: &mut Vec<Term>) {
    let weight = stop::word_weight(&text);
    push(out, text, kind, weight);
}

fn one_word(text: &str, stemmer: &Stemmer, out: &mut Vec<Term>) {
    let stems = text.len() <= MAX_STEM && text.bytes().all(|b| b.is_ascii_lowercase());
    // Common words keep their spelling: the list knows them by it.
    if !stems || stop::word_weight(text) < 1.0 {
        return word(text.to_owned(), TermKind::Word, out);
    }
    let stem = stemmer.stem(text).into_owned();
    let differs = stem != text;
    word(stem, TermKind::Word, out);
    if differs {
        push(out, text.to_owned(), TermKind::Written, 0.25);
    }
}

/// "iphone15" also as "iphone" and "15"; nothing for a word of letters or digits alone.
fn mixed_parts(letters: &[char], out: &mut Vec<Term>) {
    let digits = letters.iter().filter(|c| c.is_ascii_digit()).count();
    if digits == 0 || digits == letters.len() {
        return;
    }
    for part in letters.chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit()) {
        if part.len() > 1 || part[0].is_ascii_digit() {
            word(part.iter().collect(), TermKind::Part, out);
        }
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
