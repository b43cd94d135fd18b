//! Working out the gaps of a help desk, and the duplicates among its FAQs.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use db::{Db, DbError};
use desk::Refusal;
use desk::answer::Match;
use desk::directory::Helpdesk;
use desk::faq;
use desk::gap::{self, Cluster, Decision, Evidence, GREETING_GROUPS, Group, Past, Reply, WINDOW_MS};
use retrieval::{Answers, COMPARED_MAX, Duplicate, FaqText, Utterance, text_key};

use super::{Gap, Survey, failed};
use crate::app::App;

/// Rows read in one transaction.
const PAGE: i64 = 1_000;
/// Tickets whose replies are read in one transaction.
const TICKETS: usize = 200;
/// Of an answer, the first characters are enough to know it by.
const ANSWER_CHARS: usize = 1_000;
/// FAQs that the engine finds for a group: the best one, and the one it has to be ahead of.
const RANKED: usize = 2;

/// What was read, and the groups it makes.
struct Grouped {
    groups: Vec<Group>,
    questions: usize,
    from: i64,
    /// What agents wrote, for each group.
    replies: Vec<Vec<Reply>>,
    known: Known,
}

/// What is known of the FAQs that are online.
struct Known {
    online: HashSet<i64>,
    answers: Answers,
}

/// The gaps of a help desk; `seen` is the last decision there was before.
pub(super) async fn survey(app: &App, desk: &Arc<Helpdesk>, seen: i64) -> Result<Survey, Refusal> {
    let (db, now) = (app.db().clone(), app.now_ms());
    let grouped = {
        let desk = Arc::clone(desk);
        tokio::task::spawn_blocking(move || grouped(&db, &desk, now)).await.map_err(|e| failed(&e))??
    };
    let texts = grouped.groups.iter().map(|group| group.texts.first().cloned().unwrap_or_default()).collect();
    let found = app.engines().by_words(app, desk, texts, RANKED).await?;
    let (db, desk) = (app.db().clone(), Arc::clone(desk));
    let proposed = tokio::task::spawn_blocking(move || proposed(&db, &desk, grouped, found, seen));
    Ok(proposed.await.map_err(|e| failed(&e))??)
}

fn grouped(db: &Db, desk: &Arc<Helpdesk>, now: i64) -> Result<Grouped, DbError> {
    let from = now - WINDOW_MS;
    let past = past(db, desk, (from, now))?;
    let asked: Vec<Option<u64>> = past.iter().map(|past| text_key(&past.asked.text)).collect();
    let (decisions, decided) = decisions(db, desk, &asked.iter().copied().flatten().collect())?;
    let groups = groups((&past, &asked), (&decisions, &decided), now);
    let replies = replies(db, desk, &groups)?;
    let questions = past.len();
    Ok(Grouped { groups, questions, from, replies, known: known(db, desk)? })
}

/// The decisions about any of the texts with these keys, however old, the newest first, with the keys of their texts.
fn decisions(db: &Db, desk: &Arc<Helpdesk>, asked: &HashSet<u64>) -> Result<(Vec<Decision>, Vec<Vec<u64>>), DbError> {
    let (mut decisions, mut decided, mut before) = (Vec::new(), Vec::new(), i64::MAX);
    loop {
        let desk = Arc::clone(desk);
        let page = db.read_blocking(move |tx| gap::about_groups(tx, &desk, before, PAGE))?;
        let Some(last) = page.last() else { return Ok((decisions, decided)) };
        before = last.id;
        for decision in page {
            let keys: Vec<u64> = decision.texts.iter().filter_map(|text| text_key(text)).collect();
            if keys.iter().any(|key| asked.contains(key)) {
                decisions.push(decision);
                decided.push(keys);
            }
        }
    }
}

/// The newest questions that tell something: gaps, and those that show which FAQ a text looks for.
fn past(db: &Db, desk: &Arc<Helpdesk>, (from, now): (i64, i64)) -> Result<Vec<Past>, DbError> {
    let mut telling = Vec::new();
    let (mut until, mut read) = ((i64::MAX, String::new()), 0);
    while read < gap::READ_MAX && telling.len() < gap::GAPS_MAX {
        let (desk, before) = (Arc::clone(desk), until.clone());
        let page = db.read_blocking(move |tx| gap::before(tx, &desk, from, &before, PAGE))?;
        let Some(last) = page.last() else { break };
        until = (last.asked.asked_at, last.asked.event_id.clone());
        read += page.len();
        telling.extend(page.into_iter().filter(|past| past.miss(now).is_some() || past.picked().is_some()));
    }
    telling.truncate(gap::GAPS_MAX);
    Ok(telling)
}

fn groups((past, keys): (&[Past], &[Option<u64>]), decisions: (&[Decision], &[Vec<u64>]), now: i64) -> Vec<Group> {
    let utterances: Vec<Utterance<'_>> =
        past.iter().map(|past| Utterance { text: &past.asked.text, at: past.asked.asked_at }).collect();
    let clusters: Vec<Cluster> = retrieval::group(&utterances)
        .into_iter()
        .map(|group| Cluster { id: group.id, members: group.members, texts: group.texts })
        .collect();
    gap::groups((past, keys), &clusters, decisions, now)
}

fn replies(db: &Db, desk: &Arc<Helpdesk>, groups: &[Group]) -> Result<Vec<Vec<Reply>>, DbError> {
    let wanted: Vec<(usize, (i64, i64))> = (groups.iter().enumerate())
        .flat_map(|(number, group)| group.replied.iter().map(move |ticket| (number, *ticket)))
        .collect();
    let mut replies = vec![Vec::new(); groups.len()];
    for some in wanted.chunks(TICKETS) {
        let (desk, tickets) = (Arc::clone(desk), some.to_vec());
        let read = db.read_blocking(move |tx| {
            let one = |(number, ticket): &(usize, (i64, i64))| Ok((*number, gap::replies(tx, &desk, *ticket)?));
            tickets.iter().map(one).collect::<Result<Vec<_>, DbError>>()
        })?;
        for (number, read) in read {
            replies[number].extend(read);
        }
    }
    Ok(replies)
}

/// Reads the FAQs by pages and hands each to `each`.
fn each_faq(
    db: &Db,
    desk: &Arc<Helpdesk>,
    mut each: impl FnMut(i64, String, Vec<String>, &str),
) -> Result<(), DbError> {
    let mut after = 0;
    loop {
        let desk = Arc::clone(desk);
        let page = db.read_blocking(move |tx| faq::online_after(tx, &desk, after, PAGE))?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.faq_id;
        for faq in page {
            if let Some((question, similar, answer)) = faq.text {
                each(faq.faq_id, question, similar, &answer);
            }
        }
    }
}

fn known(db: &Db, desk: &Arc<Helpdesk>) -> Result<Known, DbError> {
    let mut answers: Vec<(i64, String)> = Vec::new();
    let mut online = HashSet::new();
    each_faq(db, desk, |faq_id, _, _, answer| {
        online.insert(faq_id);
        if answers.len() < COMPARED_MAX {
            answers.push((faq_id, answer.chars().take(ANSWER_CHARS).collect()));
        }
    })?;
    let answers = Answers::new(answers.iter().map(|(faq_id, answer)| (*faq_id, answer.as_str())));
    Ok(Known { online, answers })
}

/// Looks at what agents wrote and what the engine finds, and proposes.
fn proposed(
    db: &Db,
    desk: &Arc<Helpdesk>,
    grouped: Grouped,
    found: Vec<Vec<Match>>,
    seen: i64,
) -> Result<Survey, DbError> {
    let Grouped { groups, questions, from, replies, known } = grouped;
    let said = said(&replies, &known.answers);
    let changed = changed(db, desk, &found)?;
    let mut gaps = Vec::new();
    for (((group, said), now), changed) in groups.into_iter().zip(said).zip(found).zip(changed) {
        let evidence =
            Evidence { now, said: said.faqs, answer: said.answer, ..group.evidence(|faq| known.online.contains(&faq)) };
        let proposal = gap::propose(&evidence);
        if group.is_open(&proposal, changed) {
            gaps.push(Gap { group, proposal });
        }
    }
    gaps.truncate(gap::GROUPS_MAX);
    Ok(Survey { gaps, questions, from, seen })
}

/// What agents said to a group.
struct Said {
    /// The FAQs whose answers they wrote, one for each ticket.
    faqs: Vec<i64>,
    /// What they answered in their own words.
    answer: Option<gap::AgentAnswer>,
}

/// The replies to a group: the FAQ that each ticket's hold, and the others with what they are alike to.
#[derive(Clone, Default)]
struct Heard {
    faqs: BTreeMap<i64, i64>,
    own: Vec<(Reply, Option<u64>)>,
}

fn said(replies: &[Vec<Reply>], answers: &Answers) -> Vec<Said> {
    let all: Vec<(usize, &Reply)> = replies
        .iter()
        .enumerate()
        .flat_map(|(number, replies)| replies.iter().map(move |reply| (number, reply)))
        .collect();
    let utterances: Vec<Utterance<'_>> =
        all.iter().map(|(_, reply)| Utterance { text: &reply.text, at: reply.at }).collect();
    let mut alike: Vec<Option<u64>> = vec![None; all.len()];
    let mut greetings = BTreeSet::new();
    for group in retrieval::group(&utterances) {
        let groups: HashSet<usize> = group.members.iter().map(|place| all[*place].0).collect();
        if groups.len() >= GREETING_GROUPS {
            greetings.insert(group.id);
        }
        group.members.iter().for_each(|place| alike[*place] = Some(group.id));
    }
    let mut said = vec![Heard::default(); replies.len()];
    for ((number, reply), alike) in all.into_iter().zip(alike) {
        let heard = &mut said[number];
        match answers.said_in(&reply.text) {
            Some(faq_id) => _ = heard.faqs.entry(reply.ticket_id).or_insert(faq_id),
            None => heard.own.push((reply.clone(), alike)),
        }
    }
    let told = said.into_iter().map(|heard| {
        let (faqs, answer) = (heard.faqs.into_values().collect(), gap::answer(&heard.own, &greetings));
        Said { faqs, answer }
    });
    told.collect()
}

/// For each ranking the best FAQ and when it was changed, if its score is one that answers.
fn changed(db: &Db, desk: &Arc<Helpdesk>, found: &[Vec<Match>]) -> Result<Vec<Option<(i64, i64)>>, DbError> {
    let best: Vec<Option<Match>> = found.iter().map(|hits| hits.first().copied()).collect();
    let desk = Arc::clone(desk);
    db.read_blocking(move |tx| {
        let one = |best: &Option<Match>| match best {
            Some(best) => Ok(gap::answers_since(tx, &desk, best)?.map(|at| (best.faq_id, at))),
            None => Ok(None),
        };
        best.iter().map(one).collect::<Result<Vec<_>, DbError>>()
    })
}

/// The pairs of FAQs that ask nearly the same.
pub(super) async fn duplicates(app: &App, desk: &Arc<Helpdesk>) -> Result<Vec<Duplicate>, Refusal> {
    let (db, desk) = (app.db().clone(), Arc::clone(desk));
    let found = tokio::task::spawn_blocking(move || {
        let mut faqs: Vec<(i64, String, Vec<String>)> = Vec::new();
        each_faq(&db, &desk, |faq_id, question, similar, _| faqs.push((faq_id, question, similar)))?;
        let texts: Vec<(i64, FaqText<'_>)> = (faqs.iter())
            .map(|(faq_id, question, similar)| (*faq_id, FaqText { question, similar, answer: "" }))
            .collect();
        Ok::<_, DbError>(retrieval::duplicates(&texts))
    });
    Ok(found.await.map_err(|e| failed(&e))??)
}
