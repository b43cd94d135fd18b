//! What could close a gap. Pure: from what is known of a group to one proposal.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::answer::Match;

/// How many of a group's texts are proposed.
const TEXTS_MAX: usize = 5;
/// From this score on the best FAQ may be ahead, 0..=1.
const AHEAD_SCORE: f64 = 0.2;
/// How many times the next FAQ's score it has to have.
const AHEAD_TIMES: f64 = 2.0;
/// From so many tickets on, an agent's answer is worth more than a FAQ that is ahead.
const SHARED: usize = 2;
/// The word for no proposal.
pub(super) const NONE: &str = "none";

/// What speaks for a FAQ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// Agents answered with it.
    Agent,
    /// Agents wrote its answer in their own message.
    Said,
    /// Guests picked it from a list.
    Chosen,
    /// The engine has it clearly ahead of all others, with a score that does not show it.
    Ahead,
}

/// Why a FAQ is proposed.
#[derive(Debug, Clone, PartialEq)]
pub struct Because {
    /// What speaks for it.
    pub ground: Ground,
    /// In how many tickets; for [`Ground::Ahead`], in how many the group has.
    pub tickets: usize,
    /// Its score, 0..=1, for [`Ground::Ahead`].
    pub score: Option<f64>,
}

/// What agents answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentAnswer {
    /// The text.
    pub text: String,
    /// In how many tickets something like it was written.
    pub tickets: usize,
    /// When last, Unix ms.
    pub at: i64,
}

/// What is known of a group. FAQs that are not online any more are no evidence and are left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evidence {
    /// The group's different texts, the one that stands for it first.
    pub texts: Vec<String>,
    /// In how many tickets it was asked.
    pub tickets: usize,
    /// The FAQs that agents answered with, one for each ticket.
    pub agent: Vec<i64>,
    /// The FAQs whose answers agents wrote, one for each ticket.
    pub said: Vec<i64>,
    /// The FAQs that guests picked, one for each question.
    pub chosen: Vec<i64>,
    /// What the engine finds now, best first.
    pub now: Vec<Match>,
    /// FAQs that were shown and did not help.
    pub useless: BTreeSet<i64>,
    /// What agents answered in their own words.
    pub answer: Option<AgentAnswer>,
}

/// What is proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProposalKind {
    /// Similar questions of a FAQ there is.
    Similar,
    /// A new FAQ.
    Draft,
    /// Nothing yet: somebody has to write an answer.
    AnswerNeeded,
}

/// A proposal.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// What is proposed.
    pub kind: ProposalKind,
    /// For similar questions, of which FAQ, and why.
    pub faq: Option<(i64, Because)>,
    /// The texts: similar questions to add, or the new FAQ's question with its similar questions.
    pub texts: Vec<String>,
    /// What agents answered: the draft's answer.
    pub answer: Option<AgentAnswer>,
}

impl Proposal {
    /// What is proposed, in short: `similar` with the FAQ's id, `draft` or `none`. Two proposals with the same word are
    /// the same, whatever became of their texts.
    pub fn word(&self) -> String {
        match (self.kind, &self.faq) {
            (ProposalKind::Similar, Some((faq_id, _))) => format!("similar {faq_id}"),
            (ProposalKind::Draft, _) => "draft".to_owned(),
            _ => NONE.to_owned(),
        }
    }
}

/// The best that the evidence allows: first a FAQ that agents answered with, then one whose answer they wrote, then one
/// that guests picked, each if more than half of what there is says so. Then an answer that agents gave in several
/// tickets, then the FAQ that the engine has ahead, then any answer of an agent.
pub fn propose(evidence: &Evidence) -> Proposal {
    let useful = |faq: &i64| !evidence.useless.contains(faq);
    let chosen: Vec<i64> = evidence.chosen.iter().copied().filter(useful).collect();
    let votes = [(Ground::Agent, &evidence.agent), (Ground::Said, &evidence.said), (Ground::Chosen, &chosen)];
    let found = votes.into_iter().find_map(|(ground, votes)| {
        let (faq, tickets) = majority(votes)?;
        Some((faq, Because { ground, tickets, score: None }))
    });
    let shared = evidence.answer.as_ref().is_some_and(|answer| answer.tickets >= SHARED);
    let faq = found.or_else(|| ahead(evidence).filter(|_| !shared));
    let kind = match (&faq, &evidence.answer) {
        (Some(_), _) => ProposalKind::Similar,
        (None, Some(_)) => ProposalKind::Draft,
        (None, None) => ProposalKind::AnswerNeeded,
    };
    let texts = evidence.texts.iter().take(TEXTS_MAX).cloned().collect();
    Proposal { kind, faq, texts, answer: evidence.answer.clone() }
}

/// What more than half of the votes are for, with how many.
fn majority(votes: &[i64]) -> Option<(i64, usize)> {
    let mut counts: BTreeMap<i64, usize> = BTreeMap::new();
    for faq in votes {
        *counts.entry(*faq).or_default() += 1;
    }
    counts.into_iter().find(|(_, count)| 2 * count > votes.len())
}

fn ahead(evidence: &Evidence) -> Option<(i64, Because)> {
    let best = evidence.now.first()?;
    let next = evidence.now.get(1).map_or(0.0, |next| next.score);
    let is_ahead = best.score >= AHEAD_SCORE && best.score >= AHEAD_TIMES * next;
    let useful = !evidence.useless.contains(&best.faq_id);
    let because = Because { ground: Ground::Ahead, tickets: evidence.tickets, score: Some(best.score) };
    (is_ahead && useful).then_some((best.faq_id, because))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(tickets: usize) -> AgentAnswer {
        AgentAnswer { text: "It is in your mailbox.".into(), tickets, at: 1 }
    }

    fn now(scores: &[f64]) -> Vec<Match> {
        (1..).zip(scores).map(|(faq_id, score)| Match { faq_id, score: *score, log_odds: None }).collect()
    }

    #[test]
    fn what_people_did_counts_before_what_the_engine_thinks() {
        let all = Evidence {
            agent: vec![4, 4, 5],
            said: vec![6],
            chosen: vec![7],
            now: now(&[0.5, 0.1]),
            answer: Some(answer(3)),
            ..Evidence::default()
        };
        let split = Evidence { agent: vec![4, 5], ..all.clone() };
        let picked = Evidence { agent: Vec::new(), said: Vec::new(), ..all.clone() };
        let shared = Evidence { chosen: Vec::new(), ..picked.clone() };
        let once = Evidence { answer: Some(answer(1)), ..shared.clone() };
        let close = Evidence { now: now(&[0.5, 0.3]), ..once.clone() };
        let low = Evidence { now: now(&[0.19]), ..once.clone() };
        let nothing = Evidence { answer: None, ..close.clone() };
        for (evidence, word, ground) in [
            (&all, "similar 4", Some(Ground::Agent)),
            (&split, "similar 6", Some(Ground::Said)),
            (&picked, "similar 7", Some(Ground::Chosen)),
            (&shared, "draft", None),
            (&once, "similar 1", Some(Ground::Ahead)),
            (&close, "draft", None),
            (&low, "draft", None),
            (&nothing, "none", None),
        ] {
            let proposal = propose(evidence);
            assert_eq!(
                (proposal.word().as_str(), proposal.faq.map(|faq| faq.1.ground)),
                (word, ground),
                "{evidence:?}"
            );
        }
    }

    #[test]
    fn a_faq_that_did_not_help_is_proposed_only_if_an_agent_says_so() {
        let useless = BTreeSet::from([1]);
        let evidence = Evidence { chosen: vec![1], now: now(&[0.9]), useless, ..Evidence::default() };
        assert_eq!(propose(&evidence).kind, ProposalKind::AnswerNeeded);
        assert_eq!(propose(&Evidence { said: vec![1], ..evidence }).word(), "similar 1");
    }

    #[test]
    fn a_few_texts_are_proposed() {
        let texts: Vec<String> = (0..9).map(|n| format!("text {n}")).collect();
        assert_eq!(propose(&Evidence { texts: texts.clone(), ..Evidence::default() }).texts, texts[..5]);
    }
}
