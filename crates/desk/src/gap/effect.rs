//! What a decision was good for: the same questions before and after it.

use db::{DbError, Tx};

use super::{Decision, Kind, Past, past};
use crate::answer::Mode;
use crate::directory::Helpdesk;

/// How long after a decision is looked at most, in ms: 30 days.
pub const SPAN_MAX_MS: i64 = 30 * 86_400_000;
/// How many questions are read on each side of a decision.
const READ_MAX: i64 = 2_000;

/// Questions of equal times before and after a decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Spans {
    /// How long each is, in ms.
    pub span_ms: i64,
    /// What was asked before.
    pub before: Vec<Past>,
    /// What was asked since.
    pub after: Vec<Past>,
}

/// The questions around a decision: of the time since it, 30 days at most, and of as long before it. On a busy desk the
/// times are as long as 2,000 questions take.
pub fn spans(tx: &mut Tx<'_>, desk: &Helpdesk, decision: &Decision, now: i64) -> Result<Spans, DbError> {
    let full = |questions: &[Past]| questions.len() >= usize::try_from(READ_MAX).unwrap_or(usize::MAX);
    let mut span_ms = (now - decision.at).clamp(0, SPAN_MAX_MS);
    let mut after = past::after(tx, desk, (decision.at, decision.at + span_ms), READ_MAX)?;
    if let Some(last) = after.last().filter(|_| full(&after)) {
        span_ms = last.asked.asked_at - decision.at;
    }
    let until = (decision.at, String::new());
    let mut before = past::before(tx, desk, decision.at - span_ms, &until, READ_MAX)?;
    if let Some(first) = before.last().filter(|_| full(&before)) {
        span_ms = decision.at - first.asked.asked_at;
    }
    after.retain(|past| past.asked.asked_at < decision.at + span_ms);
    before.retain(|past| past.asked.asked_at >= decision.at - span_ms);
    Ok(Spans { span_ms, before, after })
}

/// Questions, counted by what became of them. One question may count in several ways.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// All.
    pub asked: usize,
    /// Those whose answer was shown: at once, or picked from a list.
    pub answered: usize,
    /// Those of which the guest said that they are solved.
    pub solved: usize,
    /// Those that are gaps.
    pub missed: usize,
    /// Those whose ticket went to humans.
    pub handed_over: usize,
}

impl Tally {
    fn of<'p>(questions: impl Iterator<Item = &'p Past>, now: i64) -> Self {
        let mut tally = Self::default();
        for past in questions {
            let asked = &past.asked;
            tally.asked += 1;
            tally.answered += usize::from(asked.mode == Some(Mode::Direct) || asked.chosen_faq.is_some());
            tally.solved += usize::from(asked.solved == Some(true));
            tally.missed += usize::from(past.miss(now).is_some());
            tally.handed_over += usize::from(asked.handed_over);
        }
        tally
    }
}

/// What a decision was good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effect {
    /// How long before and after, in ms.
    pub span_ms: i64,
    /// The questions before.
    pub before: Tally,
    /// The questions since.
    pub after: Tally,
}

/// Counts the questions that the decision is about: those alike to its texts, which the caller says for each of both
/// spans, and since then also those for which a FAQ that it made was found first.
pub fn effect(decision: &Decision, spans: &Spans, (before, after): (&[bool], &[bool]), now: i64) -> Effect {
    let made = decision.faq_id.filter(|_| decision.kind == Kind::Draft);
    let finds = |past: &Past| made.is_some() && past.asked.found.first().map(|best| best.faq_id) == made;
    let of = |(past, is_alike): &(&Past, &bool)| **is_alike || finds(past);
    let alike = spans.before.iter().zip(before).filter(|(_, is_alike)| **is_alike);
    let since = spans.after.iter().zip(after).filter(of);
    Effect {
        span_ms: spans.span_ms,
        before: Tally::of(alike.map(|(past, _)| past), now),
        after: Tally::of(since.map(|(past, _)| past), now),
    }
}

#[cfg(test)]
mod tests {
    use super::super::decision::tests::decision;
    use super::super::tests::past;
    use super::*;

    #[test]
    fn the_same_questions_are_counted_before_and_after() {
        let mut answered = past("invoice", Some(Mode::Direct));
        answered.asked.solved = Some(true);
        let mut missed = past("invoice", Some(Mode::None));
        missed.asked.handed_over = true;
        let spans = Spans {
            span_ms: 1_000,
            before: vec![missed.clone(), answered.clone()],
            after: vec![answered.clone(), answered.clone(), missed],
        };
        let now = 3_600_000;
        let mut made = Decision { faq_id: Some(7), ..decision(1, Kind::Draft, 1, "draft") };
        let found = effect(&made, &spans, (&[true, false], &[false, true, false]), now);
        let bad = Tally { asked: 1, missed: 1, handed_over: 1, ..Tally::default() };
        assert_eq!(found.before, bad);
        // All three found the new FAQ first, the last one without a word of it.
        assert_eq!(found.after, Tally { asked: 3, answered: 2, solved: 2, missed: 1, handed_over: 1 });
        made.kind = Kind::Similar;
        let found = effect(&made, &spans, (&[false, false], &[false, true, false]), now);
        assert_eq!((found.before.asked, found.after.asked), (0, 1));
    }
}
