//! What FAQs are found by, whether to answer guests or to try things on a copy.

use std::sync::Arc;

use db::{Db, DbError};
use desk::directory::Helpdesk;
use desk::faq::vector::text_hashes;
use desk::faq::{self, Indexed};
use retrieval::{Aids, Calibration, FaqText, Index, Learned, Lesson, Prepared, QueryVector, Synonyms, Vectors};

use super::shelf::Size;

/// FAQs read in one go.
const PAGE: i64 = 2_000;

/// A help desk's FAQs, and what helps beside their words.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub words: Index,
    /// None if there is nothing that makes vectors.
    pub meaning: Option<Vectors>,
    /// What the texts taught; behind them after an edit, until it is learnt anew.
    pub learned: Learned,
    pub synonyms: Synonyms,
}

impl Found {
    /// All FAQs of a help desk, read by pages, still without vectors and without what they teach. One thread reads and
    /// takes texts apart while this one puts them in.
    pub fn load(db: &Db, desk: &Arc<Helpdesk>, model: Option<Arc<str>>) -> Result<Self, DbError> {
        let mut found = Self { meaning: model.map(Vectors::new), ..Self::default() };
        let vectors = found.meaning.is_some();
        std::thread::scope(|threads| {
            let (give, take) = std::sync::mpsc::sync_channel::<Vec<Ready>>(2);
            let reading = threads.spawn(move || {
                let mut after = 0;
                loop {
                    let page = db.read_blocking({
                        let desk = Arc::clone(desk);
                        move |tx| faq::online_after(tx, &desk, after, PAGE)
                    })?;
                    let Some(last) = page.last() else { return Ok(()) };
                    after = last.faq_id;
                    let ready = page.iter().map(|change| Ready::of(change, vectors)).collect();
                    if give.send(ready).is_err() {
                        return Ok(());
                    }
                }
            });
            for ready in take.iter().flatten() {
                found.put(&ready);
            }
            reading.join().unwrap_or_else(|_| Err(DbError::Corrupt("the thread that reads FAQs panicked".into())))
        })?;
        found.words.shrink();
        Ok(found)
    }

    /// Puts a FAQ in, changes it, or takes it out.
    pub fn put(&mut self, ready: &Ready) {
        let Some(text) = &ready.text else {
            self.words.remove(ready.faq_id);
            if let Some(vectors) = &mut self.meaning {
                vectors.remove(ready.faq_id);
            }
            return;
        };
        self.words.insert(ready.faq_id, text);
        if let Some(vectors) = &mut self.meaning {
            vectors.set_texts(ready.faq_id, &ready.hashes);
        }
    }

    /// What helps with a question that has this sentence vector, if any.
    pub fn aids<'a>(&'a self, vector: Option<&'a QueryVector>, calibration: Calibration) -> Aids<'a> {
        let meaning = self.meaning.as_ref().zip(vector);
        Aids { learned: Some(&self.learned), meaning, synonyms: Some(&self.synonyms), calibration }
    }

    /// What there is to learn; none if all is learned.
    pub fn lesson(&self) -> Option<Lesson> {
        let meaning = self.meaning.as_ref();
        (!self.learned.is_current(&self.words, meaning)).then(|| Lesson::of(&self.words, meaning))
    }

    pub(super) fn size(&self) -> Size {
        let meaning = self.meaning.as_ref().map_or(0, Vectors::memory_bytes);
        let beside = meaning + self.learned.memory_bytes() + self.synonyms.memory_bytes();
        Size { faqs: self.words.len(), bytes: self.words.memory_bytes() + beside }
    }
}

/// A changed FAQ, taken apart: what is left to do goes fast, because others wait for it.
pub(crate) struct Ready {
    faq_id: i64,
    /// None if it is gone.
    text: Option<Prepared>,
    /// Hashes of its texts, if there are vectors.
    hashes: Vec<i64>,
}

impl Ready {
    /// `vectors`: whether there are any.
    pub fn of(change: &Indexed, vectors: bool) -> Self {
        match &change.text {
            Some((question, similar, answer)) => {
                Self::with_text(change.faq_id, &FaqText { question, similar, answer }, vectors)
            }
            None => Self::gone(change.faq_id),
        }
    }

    pub fn with_text(faq_id: i64, text: &FaqText<'_>, vectors: bool) -> Self {
        let hashes = if vectors { text_hashes(text.question, text.similar) } else { Vec::new() };
        Self { faq_id, text: Some(Prepared::of(text)), hashes }
    }

    pub fn gone(faq_id: i64) -> Self {
        Self { faq_id, text: None, hashes: Vec::new() }
    }
}
