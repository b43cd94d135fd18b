//! Groups of questions that ask the same and that no FAQ answered.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::decision::ByKey;
use super::{Decision, Evidence, GROUPS_MAX, Miss, Past, Proposal, TEXTS_KEPT, cut};

/// How many questions of a group are shown.
pub const EXAMPLES_MAX: usize = 5;
/// In how many tickets of a group agents' replies are read, the newest ones.
const REPLIED_MAX: usize = 30;

/// Questions that ask the same, as the caller put them together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// Its id.
    pub id: u64,
    /// The places of its questions.
    pub members: Vec<usize>,
    /// The places of its different texts, one each, the one that stands for it first.
    pub texts: Vec<usize>,
}

/// A question of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The guest's words.
    pub text: String,
    /// When, Unix ms.
    pub asked_at: i64,
    /// Its ticket.
    pub ticket_id: i64,
    /// Why it is a gap.
    pub miss: Miss,
}

/// A group. What was decided before counts no more: only questions since the last approval are in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Its id.
    pub id: u64,
    /// The keys of its different texts: whoever names one of them means this group.
    pub keys: Vec<u64>,
    /// Its different texts, the one that stands for it first; at most [`TEXTS_KEPT`].
    pub texts: Vec<String>,
    /// How many questions.
    pub questions: usize,
    /// How many guests asked them.
    pub guests: usize,
    /// In how many tickets.
    pub tickets: usize,
    /// How many of the questions are gaps for which reason.
    pub misses: BTreeMap<Miss, usize>,
    /// When the first was asked, Unix ms.
    pub first_asked_at: i64,
    /// When the last was asked, Unix ms.
    pub last_asked_at: i64,
    /// When something was done about it last; questions from before are not in it.
    pub since: Option<i64>,
    /// Some questions, each with other words if possible, the newest first.
    pub examples: Vec<Example>,
    /// Tickets in which agents wrote, with the place after which their replies are meant; the newest first.
    pub replied: Vec<(i64, i64)>,
    /// The rejection that nothing was done after, with how many guests have asked in vain since.
    pub rejected: Option<(Decision, usize)>,
    /// What the questions themselves tell: [`Evidence::agent`], [`Evidence::chosen`] and [`Evidence::useless`].
    told: (Vec<i64>, Vec<i64>, BTreeSet<i64>),
}

impl Group {
    /// What its questions tell; the rest is for the caller to add. `is_online` says which FAQs are.
    pub fn evidence(&self, is_online: impl Fn(i64) -> bool) -> Evidence {
        let online = |faqs: &[i64]| faqs.iter().copied().filter(|faq| is_online(*faq)).collect();
        let (agent, chosen, useless) = &self.told;
        Evidence {
            texts: self.texts.clone(),
            tickets: self.tickets,
            agent: online(agent),
            chosen: online(chosen),
            useless: useless.clone(),
            ..Evidence::default()
        }
    }

    /// Whether there is still something to decide: it is not, if it was rejected and that [stands](Decision), or if a FAQ
    /// that was changed since the last of its questions answers it now. `changed_at` is when the best FAQ was changed, if
    /// its score is one that answers.
    pub fn is_open(&self, proposal: &Proposal, answers_now: Option<(i64, i64)>) -> bool {
        let closed =
            answers_now.is_some_and(|(faq, changed_at)| changed_at > self.last_asked_at && !self.told.2.contains(&faq));
        let rejected =
            self.rejected.as_ref().is_some_and(|(decision, guests)| !decision.is_outdated(*guests, &proposal.word()));
        !closed && !rejected
    }
}

/// The groups that have a gap, those that the most guests asked first. `keys` has the key of each question's text, and
/// `decided` that of each decision's texts; decisions are in order, the newest first. There may be twice as many as
/// [`GROUPS_MAX`], because those that were rejected are among them.
pub fn groups(
    (past, keys): (&[Past], &[Option<u64>]),
    clusters: &[Cluster],
    (decisions, decided): (&[Decision], &[Vec<u64>]),
    now: i64,
) -> Vec<Group> {
    let by_key = ByKey::new(decisions, decided);
    let mut groups: Vec<Group> =
        clusters.iter().filter_map(|cluster| of_cluster((past, keys), cluster, &by_key, now)).collect();
    groups.sort_by_key(|group| (Reverse((group.guests, group.questions, group.last_asked_at)), group.id));
    groups.truncate(2 * GROUPS_MAX);
    groups
}

fn of_cluster(
    (past, keys): (&[Past], &[Option<u64>]),
    cluster: &Cluster,
    decisions: &ByKey<'_>,
    now: i64,
) -> Option<Group> {
    let all_keys: Vec<u64> = cluster.texts.iter().filter_map(|place| keys[*place]).collect();
    let (approved, rejected) = decisions.of(&all_keys);
    let since = approved.map(|decision| decision.at);
    let mut missed: Vec<(usize, Miss)> =
        cluster.members.iter().filter_map(|p| Some((*p, past[*p].miss(now)?))).collect();
    missed.retain(|(place, _)| since.is_none_or(|since| past[*place].asked.asked_at > since));
    missed.sort_by_key(|(place, _)| Reverse((past[*place].asked.asked_at, past[*place].asked.event_id.clone())));
    let (newest, oldest) = (missed.first()?, missed.last()?);
    let guests = |from: i64| {
        let after = missed.iter().filter(|(place, _)| past[*place].asked.asked_at > from);
        after.map(|(place, _)| past[*place].guest.as_str()).collect::<HashSet<_>>().len()
    };
    let missed_keys: HashSet<u64> = missed.iter().filter_map(|(place, _)| keys[*place]).collect();
    let texts = cluster.texts.iter().filter(|place| keys[**place].is_some_and(|key| missed_keys.contains(&key)));
    let mut by_reason = BTreeMap::new();
    for (_, miss) in &missed {
        *by_reason.entry(*miss).or_default() += 1;
    }
    let tickets: HashSet<i64> = missed.iter().map(|(place, _)| past[*place].asked.ticket_id).collect();
    Some(Group {
        id: cluster.id,
        texts: texts.take(TEXTS_KEPT).map(|place| cut(&past[*place].asked.text)).collect(),
        questions: missed.len(),
        guests: guests(i64::MIN),
        tickets: tickets.len(),
        misses: by_reason,
        first_asked_at: past[oldest.0].asked.asked_at,
        last_asked_at: past[newest.0].asked.asked_at,
        since,
        examples: examples(past, keys, &missed),
        replied: replied(past, &missed),
        rejected: rejected.map(|decision| (decision.clone(), guests(decision.at))),
        told: told(past, cluster, &missed),
        keys: all_keys,
    })
}

/// The newest question of each text, then others.
fn examples(past: &[Past], keys: &[Option<u64>], missed: &[(usize, Miss)]) -> Vec<Example> {
    let mut seen = HashSet::new();
    let (first, again): (Vec<_>, Vec<_>) = missed.iter().partition(|(place, _)| seen.insert(keys[*place]));
    let mut shown: Vec<(usize, Miss)> = first.into_iter().chain(again).take(EXAMPLES_MAX).collect();
    shown.sort_by_key(|(place, _)| Reverse(past[*place].asked.asked_at));
    let example = |(place, miss): (usize, Miss)| {
        let asked = &past[place].asked;
        Example { text: cut(&asked.text), asked_at: asked.asked_at, ticket_id: asked.ticket_id, miss }
    };
    shown.into_iter().map(example).collect()
}

fn replied(past: &[Past], missed: &[(usize, Miss)]) -> Vec<(i64, i64)> {
    let mut seen = HashSet::new();
    // The newest first, so of several questions of a ticket the last one counts.
    let with_reply = missed.iter().map(|(place, _)| &past[*place]).filter(|past| past.is_replied);
    let tickets = with_reply.filter(|past| seen.insert(past.asked.ticket_id));
    tickets.take(REPLIED_MAX).map(|past| (past.asked.ticket_id, past.position)).collect()
}

fn told(past: &[Past], cluster: &Cluster, missed: &[(usize, Miss)]) -> (Vec<i64>, Vec<i64>, BTreeSet<i64>) {
    let agent: BTreeMap<i64, i64> = (missed.iter().rev())
        .filter_map(|(place, _)| Some((past[*place].asked.ticket_id, past[*place].asked.agent_faq?)))
        .collect();
    let chosen = cluster.members.iter().filter_map(|place| past[*place].picked()).collect();
    let useless = missed.iter().filter_map(|(place, _)| past[*place].useless()).collect();
    (agent.into_values().collect(), chosen, useless)
}

#[cfg(test)]
mod tests {
    use super::super::decision::tests::decision;
    use super::super::tests::past;
    use super::super::{Kind, ProposalKind, propose};
    use super::*;
    use crate::answer::Mode;

    const NOW: i64 = 10_000_000;

    /// Questions in vain, each by a guest of its own at its own time, all of one cluster; equal texts have equal keys.
    fn world(texts: &[&str]) -> (Vec<Past>, Vec<Option<u64>>, Cluster) {
        let mut known: Vec<&str> = Vec::new();
        let (mut all, mut keys, mut first) = (Vec::new(), Vec::new(), Vec::new());
        for (place, text) in texts.iter().enumerate() {
            let mut one = past(text, Some(Mode::None));
            let number = i64::try_from(place).unwrap();
            (one.asked.ticket_id, one.asked.asked_at, one.guest) = (number, 100 + number, format!("g{place}"));
            let key = known.iter().position(|known| known == text).unwrap_or_else(|| {
                known.push(text);
                first.push(place);
                known.len() - 1
            });
            keys.push(u64::try_from(key).ok());
            all.push(one);
        }
        (all, keys, Cluster { id: 0, members: (0..texts.len()).collect(), texts: first })
    }

    fn only(past: &[Past], keys: &[Option<u64>], cluster: &Cluster, decisions: &[Decision]) -> Option<Group> {
        let decided: Vec<Vec<u64>> = decisions.iter().map(|_| vec![0]).collect();
        let mut found = groups((past, keys), std::slice::from_ref(cluster), (decisions, &decided), NOW);
        assert!(found.len() < 2);
        found.pop()
    }

    #[test]
    fn a_group_counts_questions_guests_and_tickets() {
        let (mut past, keys, cluster) = world(&["a", "b", "a", "c", "d", "e", "f"]);
        past[2].guest = past[0].guest.clone();
        (past[1].asked.mode, past[1].asked.solved, past[1].asked.handed_over) = (Some(Mode::Direct), Some(false), true);
        (past[3].asked.mode, past[3].asked.chosen_faq) = (Some(Mode::List), Some(3));
        past[6].is_replied = true;
        (past[6].asked.agent_faq, past[6].position) = (Some(9), 4);
        let group = only(&past, &keys, &cluster, &[]).unwrap();
        assert_eq!((group.questions, group.guests, group.tickets), (6, 5, 6), "the one that found its FAQ is no gap");
        assert_eq!(group.misses, BTreeMap::from([(Miss::Unanswered, 5), (Miss::NotSolved, 1)]));
        assert_eq!((group.first_asked_at, group.last_asked_at), (100, 106));
        assert_eq!(group.texts, ["a", "b", "d", "e", "f"]);
        let shown: Vec<&str> = group.examples.iter().map(|example| example.text.as_str()).collect();
        assert_eq!(shown, ["f", "e", "d", "a", "b"], "one of each text, the newest first");
        assert_eq!(group.replied, [(6, 4)]);
        let evidence = group.evidence(|faq| faq != 3);
        assert_eq!((evidence.agent, evidence.chosen), (vec![9], Vec::new()), "FAQ 3 is gone");
        assert_eq!(evidence.useless, BTreeSet::from([7]));
    }

    #[test]
    fn what_was_done_counts_no_more_and_a_rejection_hides() {
        let (past, keys, cluster) = world(&["a", "a", "a", "a"]);
        let approved = |at| Decision { at, ..decision(1, Kind::Draft, 2, "draft") };
        let rest = only(&past, &keys, &cluster, &[approved(101)]).unwrap();
        assert_eq!((rest.questions, rest.since), (2, Some(101)));
        assert_eq!(only(&past, &keys, &cluster, &[approved(103)]), None);
        let none = propose(&Evidence::default());
        assert_eq!(none.kind, ProposalKind::AnswerNeeded);
        for (at, guests, is_open) in [(103, 1, false), (101, 1, false), (100, 1, true), (100, 4, false)] {
            let rejected = Decision { at, ..decision(1, Kind::Rejected, guests, "none") };
            let group = only(&past, &keys, &cluster, &[rejected]).unwrap();
            assert_eq!((group.questions, group.is_open(&none, None)), (4, is_open), "{at} {guests}");
        }
    }

    #[test]
    fn a_faq_that_was_changed_since_and_answers_now_closes_a_group() {
        let (mut past, keys, cluster) = world(&["a", "a"]);
        let none = propose(&Evidence::default());
        let group = only(&past, &keys, &cluster, &[]).unwrap();
        assert!(!group.is_open(&none, Some((7, 102))) && group.is_open(&none, Some((7, 101))));
        (past[0].asked.mode, past[0].asked.solved) = (Some(Mode::Direct), Some(false));
        let group = only(&past, &keys, &cluster, &[]).unwrap();
        assert!(group.is_open(&none, Some((7, 102))), "it did not help");
    }
}
