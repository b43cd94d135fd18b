//! A copy of a help desk's index, to try things on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use db::{Db, DbError};
use desk::answer::Match;
use desk::calibration;
use desk::directory::Helpdesk;
use desk::faq;
use desk::faq::vector::{self, text_hashes};
use desk::replay::{Difference, Put};
use retrieval::{Aids, Calibration, FaqText, Index, Learned, Lesson, QueryVector, Synonyms, Vectors, worth_showing};

use crate::calibrating::scored_by;
use crate::engine::{matched, synonyms_in_use};

/// FAQs read in one go.
const PAGE: i64 = 2_000;
/// Vectors read in one go; more than a batch of the worker that makes them.
const VECTORS: i64 = 2_000;

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
    words: Index,
    meaning: Option<Vectors>,
    learned: Learned,
    calibration: Calibration,
    synonyms: Synonyms,
}

impl Lab {
    /// A help desk's FAQs as they are in the database, with their vectors of this model, what they teach, and how its
    /// scores are fitted. Blocks, and takes the memory of the help desk's index once more.
    pub fn read(db: &Db, desk: &Arc<Helpdesk>, model: Option<&Arc<str>>) -> Result<Self, DbError> {
        let ((_, curve), synonyms) = {
            let desk = Arc::clone(desk);
            db.read_blocking(move |tx| Ok((calibration::current(tx, &desk)?, synonyms_in_use(tx, &desk)?)))?
        };
        let mut lab = Self {
            meaning: model.cloned().map(Vectors::new),
            calibration: scored_by(curve),
            synonyms,
            ..Self::default()
        };
        let mut after = 0;
        loop {
            let desk = Arc::clone(desk);
            let page = db.read_blocking(move |tx| faq::online_after(tx, &desk, after, PAGE))?;
            let Some(last) = page.last() else { break };
            after = last.faq_id;
            for faq in page {
                if let Some((question, similar, answer)) = &faq.text {
                    lab.put(faq.faq_id, &FaqText { question, similar, answer });
                }
            }
        }
        if let Some(model) = model {
            lab.read_vectors(db, desk, model)?;
        }
        lab.learn();
        Ok(lab)
    }

    /// FAQs that stand in no database, by words alone, and what they teach.
    pub fn of(faqs: &[Put]) -> Self {
        let mut lab = Self::default();
        for Put { id, text } in faqs {
            lab.put(*id, &FaqText { question: &text.question, similar: &text.similar, answer: &text.answer });
        }
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
            if let Some(vectors) = &mut self.meaning {
                for stored in stored.iter().filter(|stored| self.words.contains(stored.faq_id)) {
                    vectors.insert(stored.faq_id, stored.hash, &stored.vector);
                }
            }
        }
    }

    /// Makes the FAQs those of after a change, and learns from them. A text that is as it was keeps its vector; a new one
    /// has none.
    pub fn change(&mut self, difference: &Difference) {
        for id in &difference.remove {
            self.words.remove(*id);
            if let Some(vectors) = &mut self.meaning {
                vectors.remove(*id);
            }
        }
        for Put { id, text } in &difference.put {
            self.put(*id, &FaqText { question: &text.question, similar: &text.similar, answer: &text.answer });
        }
        self.learn();
    }

    fn put(&mut self, id: i64, text: &FaqText<'_>) {
        self.words.upsert(id, text);
        if let Some(vectors) = &mut self.meaning {
            vectors.set_texts(id, &text_hashes(text.question, text.similar));
        }
    }

    fn learn(&mut self) {
        self.learned = Lesson::of(&self.words, self.meaning.as_ref()).learn();
    }

    /// Whether there is a FAQ with this id.
    pub fn has(&self, faq_id: i64) -> bool {
        self.words.contains(faq_id)
    }

    /// What the built-in engine finds for each question, at most `limit` FAQs, best first. `None` if it was told to stop.
    pub fn find(&self, questions: &[Question], limit: usize, stop: &AtomicBool) -> Option<Vec<Vec<Match>>> {
        let find = |question: &Question| {
            let meaning = self.meaning.as_ref().zip(question.vector.as_deref());
            let (learned, synonyms) = (Some(&self.learned), Some(&self.synonyms));
            let aids = Aids { learned, meaning, synonyms, calibration: self.calibration };
            worth_showing(self.words.rank_with(&question.text, &aids, limit)).map(matched).collect()
        };
        questions.iter().map(|question| (!stop.load(Ordering::Relaxed)).then(|| find(question))).collect()
    }
}
