//! Past questions and kept cases, answered again: by the FAQs and scores there are, or by others.
//!
//! All of it happens on a [`Lab`], a copy made from the database off the async threads. The index that answers guests
//! is neither read nor changed. A server replays one thing at a time ([`Turns`]), so that memory and processor stay
//! bounded.

mod lab;
mod shape;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use db::DbError;
use desk::Refusal;
use desk::answer::Match;
use desk::answering::Answering;
use desk::directory::Helpdesk;
use desk::question::{self, Asked, Position};
use desk::replay::case::{self, CASES_MAX, Case, Fault, Wanted};
use desk::replay::{Band, Compared, Difference, Evidence, OfCategories, Step, Sweep, View};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub use lab::{Lab, Question};
pub use shape::{CaseFailure, CaseOut, CaseReport, FaqOut, QuestionOut, ViewOut};

use crate::app::App;

/// Most questions of one replay.
pub const QUESTIONS_MAX: usize = 10_000;
/// Questions of a replay that does not say how many.
pub const QUESTIONS_USUAL: usize = 1_000;
/// How far back a replay goes that does not say: 30 days, in ms.
pub const BACK_MS: i64 = 30 * 86_400_000;
/// Questions and cases read in one go.
const PAGE: usize = 500;
/// Texts of a replay together, in bytes; older questions are left out.
const TEXT_BYTES_MAX: usize = 16 << 20;

/// Whose turn it is: one replay of a server at a time.
#[derive(Debug, Clone)]
pub struct Turns(Arc<Semaphore>);

impl Default for Turns {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }
}

/// The right to replay; it ends with the work, also if nobody waits for that any more.
#[derive(Debug)]
pub struct Turn(#[expect(dead_code, reason = "holds the place until it is dropped")] OwnedSemaphorePermit);

impl Turns {
    /// The turn, if nobody has it.
    pub fn take(&self) -> Option<Turn> {
        Arc::clone(&self.0).try_acquire_owned().ok().map(Turn)
    }
}

/// Which questions.
#[derive(Debug, Clone)]
pub struct Range {
    /// Asked from then on, Unix ms.
    pub from: i64,
    /// Asked before then, Unix ms.
    pub until: i64,
    /// Only those before this one.
    pub before: Option<Position>,
    /// How many at most, pictures among them; the newest.
    pub limit: usize,
}

/// Questions of the past.
#[derive(Debug, Clone, Default)]
pub struct Past {
    /// Those in words, the newest first, each with its place among all that were read.
    pub asked: Vec<(usize, Asked)>,
    /// Whether these are all of the range.
    pub complete: bool,
}

/// What to try.
#[derive(Debug, Clone)]
pub struct Trial {
    /// How the help desk would answer.
    pub answering: Answering,
    /// Which FAQs it would have.
    pub difference: Difference,
}

/// Reads the questions of a range.
pub async fn past(app: &App, desk: &Arc<Helpdesk>, range: &Range) -> Result<Past, Refusal> {
    let (mut past, mut before) = (Past::default(), range.before.clone());
    let (mut read, mut bytes) = (0, 0);
    loop {
        let wanted = PAGE.min(range.limit - read);
        let (its, from, last) = (Arc::clone(desk), (range.from, range.until), before.clone());
        // One more tells whether there is more.
        let limit = i64::try_from(wanted + 1).unwrap_or(i64::MAX);
        let mut page = app.read(move |tx, _| Ok(question::newest(tx, &its, from, last.as_ref(), limit)?)).await?;
        let more = page.len() > wanted;
        page.truncate(wanted);
        before = page.last().map(|last| (last.asked_at, last.event_id.clone())).or(before);
        for asked in page {
            bytes += asked.text.len();
            read += 1;
            if !asked.text.trim().is_empty() {
                past.asked.push((read, asked));
            }
        }
        if !more || read >= range.limit || bytes >= TEXT_BYTES_MAX {
            past.complete = !more;
            return Ok(past);
        }
    }
}

/// Questions with their vectors, where there is something that makes them; equal ones share theirs.
async fn questions(app: &App, texts: impl Iterator<Item = &str>) -> Vec<Question> {
    let texts: Vec<String> = texts.map(str::to_owned).collect();
    let mut vectors = HashMap::new();
    if let Some(embedder) = app.embedder() {
        let different: Vec<String> = texts.iter().collect::<BTreeSet<_>>().into_iter().cloned().collect();
        let made = embedder.questions(&different).await;
        vectors.extend(different.into_iter().zip(made));
    }
    let question = |text: String| Question { vector: vectors.get(&text).cloned().flatten(), text };
    texts.into_iter().map(question).collect()
}

/// Tells the work to stop when nobody waits for it any more.
struct Stop(Arc<AtomicBool>);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Does a job with a copy of the help desk's index, off the async threads.
async fn in_lab<T: Send + 'static>(
    app: &App,
    desk: &Arc<Helpdesk>,
    turn: Turn,
    job: impl FnOnce(Lab, &AtomicBool) -> Option<T> + Send + 'static,
) -> Result<T, Refusal> {
    let (db, desk) = (app.db().clone(), Arc::clone(desk));
    let model = app.embedder().map(|embedder| Arc::clone(embedder.model()));
    let stopped = Arc::new(AtomicBool::new(false));
    let _stop = Stop(Arc::clone(&stopped));
    let done = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let lab = Lab::read(&db, &desk, model.as_ref())?;
        job(lab, &stopped).ok_or(DbError::Closed)
    });
    let failed = |error: tokio::task::JoinError| DbError::Corrupt(format!("a replay failed: {error}"));
    Ok(done.await.map_err(failed)??)
}

/// Most FAQs that one of the two ways to answer looks at.
fn most(now: &Answering, trial: Option<&Trial>) -> usize {
    1 + trial.map_or(now.list_size, |trial| trial.answering.list_size.max(now.list_size))
}

/// What was found now, and after the change if there is one.
struct Found {
    now: Vec<Vec<Match>>,
    after: Option<Vec<Vec<Match>>>,
}

fn find(
    lab: &mut Lab,
    questions: &[Question],
    (most, trial): (usize, Option<&Trial>),
    stop: &AtomicBool,
) -> Option<Found> {
    let now = lab.find(questions, most, stop)?;
    let after = match trial {
        None => None,
        Some(trial) if trial.difference.is_empty() => Some(now.clone()),
        Some(trial) => {
            lab.change(&trial.difference);
            Some(lab.find(questions, most, stop)?)
        }
    };
    Some(Found { now, after })
}

/// Answers past questions again: as the help desk would today and, with a trial, as it would then.
pub async fn compare(
    app: &App,
    desk: &Arc<Helpdesk>,
    turn: Turn,
    past: Vec<Asked>,
    trial: Option<Trial>,
) -> Result<Vec<Compared>, Refusal> {
    let questions = questions(app, past.iter().map(|asked| asked.text.as_str())).await;
    let answering = desk.answering.clone();
    in_lab(app, desk, turn, move |mut lab, stop| {
        let put: HashSet<i64> = trial.iter().flat_map(|trial| &trial.difference.put).map(|put| put.id).collect();
        let evidence: Vec<Evidence> =
            past.iter().map(|asked| Evidence::of(asked).about(|id| lab.has(id) || put.contains(&id))).collect();
        let found = find(&mut lab, &questions, (most(&answering, trial.as_ref()), trial.as_ref()), stop)?;
        let after = |place: usize| {
            let (trial, after) = trial.as_ref().zip(found.after.as_ref())?;
            Some(lab.view(&trial.answering, &after[place]))
        };
        let one = |(place, (asked, evidence)): (usize, (Asked, Evidence))| {
            let now = lab.view(&answering, &found.now[place]);
            Compared::new(asked, evidence, &answering, now, after(place))
        };
        Some(past.into_iter().zip(evidence).enumerate().map(one).collect())
    })
    .await
}

/// Past questions under many scores.
#[derive(Debug, Clone)]
pub struct Swept {
    /// Direct scores 0, 0.05 and so on to 1.
    pub steps: Vec<Step>,
    /// By the score of the best FAQ.
    pub bands: Vec<Band>,
    /// Those whose category decides for itself.
    pub of_categories: OfCategories,
    /// Of how many questions something is known.
    pub known: usize,
}

/// Past questions under many scores, with the FAQs there are.
pub async fn sweep(app: &App, desk: &Arc<Helpdesk>, turn: Turn, past: Vec<Asked>) -> Result<Swept, Refusal> {
    let questions = questions(app, past.iter().map(|asked| asked.text.as_str())).await;
    let answering = desk.answering.clone();
    in_lab(app, desk, turn, move |lab, stop| {
        let found = lab.find(&questions, most(&answering, None), stop)?;
        let (mut sweep, mut known) = (Sweep::new(&answering), 0);
        for (asked, found) in past.iter().zip(&found) {
            let evidence = Evidence::of(asked).about(|id| lab.has(id));
            known += usize::from(evidence.is_known());
            sweep.add(lab.own(found), evidence, found);
        }
        let (steps, bands, of_categories) = sweep.into_parts();
        Some(Swept { steps, bands, of_categories, known })
    })
    .await
}

/// A case with what it got.
#[derive(Debug, Clone)]
pub struct Tried {
    /// The question.
    pub text: String,
    /// What it has to get.
    pub wanted: Wanted,
    /// What it got.
    pub view: View,
    /// Why that is not what is wanted; `None` if it is.
    pub fault: Option<Fault>,
}

/// Tries cases on the FAQs of a lab.
fn try_cases(lab: &Lab, answering: &Answering, cases: &[(Question, Wanted)], stop: &AtomicBool) -> Option<Vec<Tried>> {
    let questions: Vec<Question> = cases.iter().map(|(question, _)| question.clone()).collect();
    let found = lab.find(&questions, most(answering, None), stop)?;
    let one = |((question, wanted), found): (&(Question, Wanted), Vec<Match>)| {
        let view = lab.view(answering, &found);
        let there = matches!(wanted, Wanted::Faq(id) if lab.has(*id));
        let fault = wanted.fault(&view, there);
        Tried { text: question.text.clone(), wanted: *wanted, view, fault }
    };
    Some(cases.iter().zip(found).map(one).collect())
}

/// Tries cases on FAQs that stand in no database.
pub fn cases_on(lab: &Lab, answering: &Answering, cases: &[(String, Wanted)]) -> Vec<Tried> {
    let question = |text: &String| Question { text: text.clone(), vector: None };
    let cases: Vec<_> = cases.iter().map(|(text, wanted)| (question(text), *wanted)).collect();
    try_cases(lab, answering, &cases, &AtomicBool::new(false)).unwrap_or_default()
}

/// Tries cases on the help desk's FAQs, as they are or as they would be.
pub async fn cases(
    app: &App,
    desk: &Arc<Helpdesk>,
    turn: Turn,
    cases: Vec<(String, Wanted)>,
    trial: Option<Trial>,
) -> Result<Vec<Tried>, Refusal> {
    let questions = questions(app, cases.iter().map(|(text, _)| text.as_str())).await;
    let cases: Vec<_> = questions.into_iter().zip(cases).map(|(question, (_, wanted))| (question, wanted)).collect();
    let now = desk.answering.clone();
    in_lab(app, desk, turn, move |mut lab, stop| {
        let answering = trial.as_ref().map_or(&now, |trial| &trial.answering);
        if let Some(trial) = trial.as_ref().filter(|trial| !trial.difference.is_empty()) {
            lab.change(&trial.difference);
        }
        try_cases(&lab, answering, &cases, stop)
    })
    .await
}

/// All kept cases of a help desk, oldest first.
pub async fn kept_cases(app: &App, desk: &Arc<Helpdesk>) -> Result<Vec<Case>, Refusal> {
    let (mut all, mut after) = (Vec::new(), 0);
    let limit = i64::try_from(PAGE).unwrap_or(CASES_MAX);
    loop {
        let desk = Arc::clone(desk);
        let page = app.read(move |tx, _| Ok(case::list(tx, &desk, after, limit)?)).await?;
        let Some(last) = page.last() else { return Ok(all) };
        after = last.id;
        all.extend(page);
    }
}
