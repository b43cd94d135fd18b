//! Which FAQ's answer somebody gave in their own message.

use crate::alike::{Counts, Parts, Shelf, Weighed};
use crate::analyse::MAX_CHARS;
use crate::index::FaqId;
use crate::num::{float, wide};

/// Which share of an answer has to be in a message.
const SAID: f64 = 0.9;
/// An answer with fewer different terms is said only by a message that is equal to it: any long message holds a few words.
const TERMS_MIN: usize = 8;

/// The answers of FAQs, found by messages that hold them.
pub struct Answers {
    counts: Counts,
    shelf: Shelf,
    known: Vec<(FaqId, u64, Weighed)>,
}

impl std::fmt::Debug for Answers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answers").field("len", &self.known.len()).finish_non_exhaustive()
    }
}

impl Answers {
    /// Of these plain answers.
    pub fn new<'a>(answers: impl IntoIterator<Item = (FaqId, &'a str)>) -> Self {
        let mut parts: Vec<(FaqId, Parts)> =
            answers.into_iter().filter_map(|(id, text)| Some((id, Parts::of(text, MAX_CHARS)?))).collect();
        parts.sort_by_key(|(id, _)| *id);
        let counts = Counts::of(parts.iter().map(|(_, parts)| parts));
        let mut shelf = Shelf::default();
        let mut known = Vec::with_capacity(parts.len());
        for (number, (id, parts)) in parts.into_iter().enumerate() {
            let (key, weighed) = (parts.key, counts.weigh(parts));
            shelf.put(number, &weighed);
            known.push((id, key, weighed));
        }
        Self { counts, shelf, known }
    }

    /// The FAQ whose answer the message holds, whole but for a few words; of several the longest answer, of equals the
    /// first by id. Looks at 16 answers at most, those that share the message's rarest words.
    pub fn said_in(&self, message: &str) -> Option<FaqId> {
        let parts = Parts::of(message, MAX_CHARS)?;
        let (key, message) = (parts.key, self.counts.weigh(parts));
        let mut best: Option<(f64, FaqId)> = None;
        for number in self.shelf.find(&message, |_| true, &mut 0) {
            let (id, own_key, answer) = &self.known[wide(number)];
            let long = answer.terms.len() >= TERMS_MIN;
            let said = *own_key == key || (long && answer.terms.share_in(&message.terms, &mut 0) >= SAID);
            let length = float(answer.terms.len());
            if said && best.is_none_or(|(most, first)| length > most || (length >= most && *id < first)) {
                best = Some((length, *id));
            }
        }
        best.map(|(_, id)| id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_found_in_the_message_that_holds_it() {
        let answers = Answers::new([
            (1, "Open Settings, choose Security and click on Reset password."),
            (2, "打开设置，选择安全，点击重置密码。"),
            (3, "Yes."),
            (4, "The printer on the third floor is out of paper until Monday."),
        ]);
        let hello = "Hi Gina! Please open Settings, choose Security, and then click on “Reset password”. Bye";
        assert_eq!(answers.said_in(hello), Some(1));
        assert_eq!(answers.said_in("您好，请打开设置，选择安全，点击重置密码即可"), Some(2));
        assert_eq!(answers.said_in("yes"), Some(3));
        for other in ["Yes, I will look at it", "Open the settings please", "", "??"] {
            assert_eq!(answers.said_in(other), None, "{other}");
        }
    }

    #[test]
    fn of_equal_answers_the_first_is_told_and_of_two_the_longer() {
        let one = "Open Settings, choose Security and click on Reset password.";
        let more = format!("{one} Then sign in with the new password on every device you use.");
        let answers = Answers::new([(9, one), (5, one), (7, more.as_str())]);
        assert_eq!(answers.said_in(one), Some(5));
        assert_eq!(answers.said_in(&more), Some(7));
    }
}
