//! Words that say how something is asked, not what about.
//!
//! On a small desk such a word can be rare by chance, so its frequency alone would make it
//! look telling; a fixed smaller weight corrects that.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::han::HanSet;

const ENGLISH: &str = " a about am an and any are as at be been being but by can could did do \
does doing dont for from get give had has have he hello help her hey hi him his how i id if ill im in into \
is it its ive just know let like me my need no not of on one or our please pls she should so \
some tell thank thanks that the their them then there these they this to up us want was way we were what whats \
when where which who why will with would yes you your ";

const CHINESE: &str = "的了吗呢吧啊呀我你您他她它们这那哪是有在和与或就都也还要想能可以请问怎么样什何如为\
会到被把给让个些一不没下上里很太谁几多少得地着过说去来";

// Every word and character of every text is looked up.
static ENGLISH_WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| ENGLISH.split_whitespace().collect());
static CHINESE_CHARACTERS: LazyLock<HanSet> = LazyLock::new(|| HanSet::of(CHINESE.chars()));

/// Share of a usual word's weight: 0.3 for a common Latin word, else 1. `word` is folded.
pub(crate) fn word_weight(word: &str) -> f32 {
    if word.len() > 6 || !word.is_ascii() {
        return 1.0;
    }
    let listed = ENGLISH_WORDS.contains(word);
    if listed { 0.3 } else { 1.0 }
}

/// The same for a character of a run: 0.3 or 1.
pub(crate) fn char_weight(c: char) -> f32 {
    if CHINESE_CHARACTERS.has(c) { 0.3 } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_words_weigh_less() {
        assert!(word_weight("how") < 0.5 && word_weight("your") < 0.5 && word_weight("a") < 0.5);
        assert!(word_weight("password") > 0.9 && word_weight("ho") > 0.9 && word_weight("") > 0.9);
        assert!(char_weight('吗') < 0.5 && char_weight('退') > 0.9 && char_weight('a') > 0.9);
        assert!(CHINESE.chars().all(|c| char_weight(c) < 0.5));
    }
}
