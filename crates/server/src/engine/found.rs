//! What FAQs are found by, whether to answer guests or to try things on a copy.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use db::{Db, DbError};
use desk::directory::Helpdesk;
use desk::faq::vector::text_hashes;
use desk::faq::{self, Indexed};
use retrieval::{Aids, Batch, Calibration, FaqText, Index, Learned, Lesson, Prepared, QueryVector, Synonyms, Vectors};

use super::shelf::Size;

/// FAQs read in one go.
const PAGE: i64 = 2_000;
/// FAQs put in together.
const BATCH: usize = 16_000;
/// As many bytes of texts end a batch earlier: two of them are in memory beside the index.
const BATCH_BYTES: usize = 16 * 1024 * 1024;

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
    /// All FAQs of a help desk, still without vectors and without what they teach. Two threads take turns to read a batch
    /// of them and to put theirs in, and take texts apart at the same time.
    pub fn load(db: &Db, desk: &Arc<Helpdesk>, model: Option<Arc<str>>) -> Result<Self, DbError> {
        let vectors = model.is_some();
        let (pages, filling) = (Mutex::new(Pages::default()), Filling::new(model));
        let work = || {
            let mut leave = Leave { filling: &filling, fine: false };
            loop {
                // The other thread reads on at once.
                let read = lock(&pages).next(db, desk)?;
                let Some((number, changes)) = read else { break };
                let texts = || changes.iter().filter_map(|change| Some((change.faq_id, text_of(change)?)));
                let hashes =
                    |text: &FaqText<'_>| if vectors { text_hashes(text.question, text.similar) } else { vec![] };
                let hashes = texts().map(|(id, text)| (id, hashes(&text))).collect();
                if !filling.put(number, Batch::of(texts()), hashes)? {
                    break;
                }
            }
            leave.fine = true;
            Ok(())
        };
        std::thread::scope(|threads| {
            let other = threads.spawn(work);
            let own = work();
            let other =
                other.join().unwrap_or_else(|_| Err(DbError::Corrupt("a thread that loads FAQs panicked".into())));
            own.and(other)
        })?;
        let mut found = filling.state.into_inner().unwrap_or_else(PoisonError::into_inner).found;
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

/// Where reading a help desk's FAQs is.
#[derive(Default)]
struct Pages {
    after: i64,
    /// Batches so far.
    count: usize,
    done: bool,
}

impl Pages {
    /// The next batch with its number; none behind the last.
    fn next(&mut self, db: &Db, desk: &Arc<Helpdesk>) -> Result<Option<(usize, Vec<Indexed>)>, DbError> {
        let (mut all, mut bytes) = (Vec::new(), 0);
        while !self.done && all.len() < BATCH && bytes < BATCH_BYTES {
            let (desk, after) = (Arc::clone(desk), self.after);
            let page = db.read_blocking(move |tx| faq::online_after(tx, &desk, after, PAGE))?;
            match page.last() {
                Some(last) => self.after = last.faq_id,
                None => self.done = true,
            }
            bytes += page.iter().filter_map(text_of).map(|text| length(&text)).sum::<usize>();
            all.extend(page);
        }
        let number = self.count;
        self.count += 1;
        Ok((!all.is_empty()).then_some((number, all)))
    }
}

/// What two threads fill, one batch after the other in the order they were read.
struct Filling {
    state: Mutex<Filled>,
    turn: Condvar,
}

#[derive(Default)]
struct Filled {
    found: Found,
    /// Number of the next batch.
    next: usize,
    /// A batch will not come.
    failed: bool,
}

impl Filling {
    fn new(model: Option<Arc<str>>) -> Self {
        let found = Found { meaning: model.map(Vectors::new), ..Found::default() };
        Self { state: Mutex::new(Filled { found, ..Filled::default() }), turn: Condvar::new() }
    }

    /// Puts a batch in once those before it are in; false if the other thread has failed.
    fn put(&self, number: usize, batch: Batch, hashes: Vec<(i64, Vec<i64>)>) -> Result<bool, DbError> {
        let state = self.turn.wait_while(lock(&self.state), |state| state.next < number && !state.failed);
        let mut state = state.unwrap_or_else(PoisonError::into_inner);
        if state.failed {
            return Ok(false);
        }
        if !state.found.words.append(batch) {
            return Err(DbError::Corrupt("a help desk has more FAQs than an index holds".into()));
        }
        if let Some(vectors) = &mut state.found.meaning {
            for (faq_id, hashes) in hashes {
                vectors.set_texts(faq_id, &hashes);
            }
        }
        state.next += 1;
        self.turn.notify_all();
        Ok(true)
    }
}

/// Tells the other thread if this one fails, or it would wait for ever.
struct Leave<'a> {
    filling: &'a Filling,
    fine: bool,
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        if !self.fine {
            lock(&self.filling.state).failed = true;
            self.filling.turn.notify_all();
        }
    }
}

fn text_of(change: &Indexed) -> Option<FaqText<'_>> {
    let (question, similar, answer) = change.text.as_ref()?;
    Some(FaqText { question, similar, answer })
}

fn length(text: &FaqText<'_>) -> usize {
    text.question.len() + text.answer.len() + text.similar.iter().map(String::len).sum::<usize>()
}

fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
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
        match text_of(change) {
            Some(text) => Self::with_text(change.faq_id, &text, vectors),
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
