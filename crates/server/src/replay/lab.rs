//! A copy of a help desk's index, to try things on.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use db::{Db, DbError};
use desk::answer::Match;
use desk::answering::Answering;
use desk::calibration;
use desk::directory::Helpdesk;
use desk::faq::vector;
use desk::replay::{Difference, Put, View};
use desk::threshold::{self, Own};
use retrieval::{Calibration, FaqText, QueryVector, worth_showing};

use crate::calibrating::scored_by;
use crate::engine::{Found, Ready, VECTORS, matched, synonyms_in_use};

/// A question to be ranked.
#[derive(Debug, Clone)]
pub struct Question {
    /// Its words.
    pub text: String,
    /// Its sentence vector, if there is one.
    pub vector: Option<Arc<QueryVector>>,
}

/// FAQs to rank with, apart from the index that answers guests.
#[derive(Debug, Default)]
pub struct Lab {
    found: Found,
    calibration: Calibration,
    /// What the categories of FAQs say of scores.
    own: HashMap<i64, Own>,
}

impl Lab {
    /// A help desk's FAQs as they are in the database, with their vectors of this model, what they teach, and how its
    /// scores are fitted. Blocks, and takes the memory of the help desk's index once more.
    pub fn read(db: &Db, desk: &Arc<Helpdesk>, model: Option<&Arc<str>>) -> Result<Self, DbError> {
        let ((_, curve), synonyms, own) = {
            let desk = Arc::clone(desk);
            db.read_blocking(move |tx| {
                let own = threshold::of_faqs(tx, &desk)?;
                Ok((calibration::current(tx, &desk)?, synonyms_in_use(tx, &desk)?, own))
            })?
        };
        let found = Found { synonyms, ..Found::load(db, desk, model.cloned())? };
        let mut lab = Self { found, calibration: scored_by(curve), own };
        if let Some(model) = model {
            lab.read_vectors(db, desk, model)?;
        }
        lab.learn();
        Ok(lab)
    }

    /// FAQs that stand in no database, by words alone, and what they teach.
    pub fn of(faqs: &[Put]) -> Self {
        let mut lab = Self::default();
        lab.put(faqs);
        lab.learn();
        lab
    }

    fn read_vectors(&mut self, db: &Db, desk: &Arc<Helpdesk>, model: &Arc<str>) -> Result<(), DbError> {
        let mut since = 0;
        loop {
            let (desk, model) = (Arc::clone(desk), Arc::clone(model));
            let read = db.read_blocking(move |tx| vector::stored_after(tx, &desk, &model, since, VECTORS));
            let (stored, last) = read?;
            if last == since {
                return Ok(());
            }
            since = last;
            if let Some(vectors) = &mut self.found.meaning {
                for stored in stored.iter().filter(|stored| self.found.words.contains(stored.faq_id)) {
                    vectors.insert(stored.faq_id, stored.hash, &stored.vector);
                }
            }
        }
    }

    /// Makes the FAQs those of after a change, and learns from them. A text that is as it was keeps its vector; a new one
    /// has none.
    pub fn change(&mut self, difference: &Difference) {
        for id in &difference.remove {
            self.found.put(&Ready::gone(*id));
        }
        self.put(&difference.put);
        self.learn();
    }

    fn put(&mut self, faqs: &[Put]) {
        let vectors = self.found.meaning.is_some();
        for Put { id, text } in faqs {
            let text = FaqText { question: &text.question, similar: &text.similar, answer: &text.answer };
            self.found.put(&Ready::with_text(*id, &text, vectors));
        }
    }

    fn learn(&mut self) {
        if let Some(lesson) = self.found.lesson() {
            self.found.learned = lesson.learn();
        }
    }

    /// What the category of the best of these FAQs says of scores. A FAQ that a change makes is in no category.
    pub fn own(&self, matches: &[Match]) -> Own {
        matches.first().and_then(|best| self.own.get(&best.faq_id)).copied().unwrap_or_default()
    }

    /// What a guest would see of these FAQs, best first.
    pub fn view(&self, answering: &Answering, matches: &[Match]) -> View {
        View::of(answering, self.own(matches), matches)
    }

    /// Whether there is a FAQ with this id.
    pub fn has(&self, faq_id: i64) -> bool {
        self.found.words.contains(faq_id)
    }

    /// What the built-in engine finds for each question, at most `limit` FAQs, best first. `None` if it was told to stop.
    pub fn find(&self, questions: &[Question], limit: usize, stop: &AtomicBool) -> Option<Vec<Vec<Match>>> {
        let find = |question: &Question| {
            let aids = self.found.aids(question.vector.as_deref(), self.calibration);
            worth_showing(self.found.words.rank_with(&question.text, &aids, limit)).map(matched).collect()
        };
        questions.iter().map(|question| (!stop.load(Ordering::Relaxed)).then(|| find(question))).collect()
    }
}
