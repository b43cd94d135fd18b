//! The mistakes of a help desk's kept cases.

use std::collections::HashSet;

use super::Checker;
use crate::deskfile::types::Helpdesk;
use crate::ids;
use crate::replay::case::{CASES_MAX, NOTE_MAX, NOTHING, TEXT_MAX};

impl Checker<'_> {
    /// What only the database can tell, such as whether a FAQ of an id is there, is found by the apply.
    pub(super) fn cases(&mut self, desk: &Helpdesk, at: &str) {
        let cases = desk.cases.as_deref().unwrap_or_default();
        if i64::try_from(cases.len()).unwrap_or(i64::MAX) > CASES_MAX {
            self.fault(&format!("{at}.cases"), format!("at most {CASES_MAX} are allowed"));
        }
        let questions: Option<HashSet<&str>> =
            desk.faqs.as_ref().map(|faqs| faqs.iter().map(|faq| faq.question.trim()).collect());
        let mut seen = HashSet::new();
        for (i, case) in cases.iter().enumerate() {
            let at = format!("{at}.cases[{i}]");
            self.text(&format!("{at}.text"), &case.text, TEXT_MAX);
            if !seen.insert(case.text.trim()) {
                self.fault(&format!("{at}.text"), format!("{:?} is another case of this help desk already", case.text));
            }
            if case.note.as_ref().is_some_and(|note| note.chars().count() > NOTE_MAX || note.contains('\0')) {
                self.fault(&format!("{at}.note"), format!("at most {NOTE_MAX} characters without NUL are allowed"));
            }
            let wanted = case.wanted.trim();
            let named = wanted == NOTHING || ids::parse(wanted).is_some();
            if wanted.is_empty() || (!named && questions.as_ref().is_some_and(|known| !known.contains(wanted))) {
                let why = format!(
                    "{wanted:?} is neither the id nor the question of a FAQ of this help desk, nor {NOTHING:?}"
                );
                self.fault(&format!("{at}.wanted"), why);
            }
        }
    }
}
