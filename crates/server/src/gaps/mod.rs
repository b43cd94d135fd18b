//! Gaps in the FAQs of a help desk, as people look at them: the rules are `desk::gap`'s, which texts ask the same is
//! `retrieval`'s, and this puts both together off the async threads.
//!
//! What was worked out is kept until a FAQ or a decision is new; questions and tickets alone renew it every ten seconds at
//! most, so that a busy help desk is not worked on with each look at it. It is kept for a minute at most, because guests'
//! verdicts leave no mark and time alone makes some questions gaps. One help desk is worked on once at a time; who asks meanwhile waits for that.

mod effects;
mod find;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use db::DbError;
use desk::Refusal;
use desk::directory::Helpdesk;
use desk::gap::{self, Decision, Effect, Group, Marks, Proposal};
use retrieval::Duplicate;
use tokio::task::JoinError;

use crate::app::App;

/// How long a result is kept at most, in ms of the desk's time.
const KEPT_MS: i64 = 60_000;
/// How long a result is kept at least while there is no more than questions and tickets that are new.
const BUSY_MS: i64 = 10_000;
/// How many help desks results are kept of; the one that was asked for the longest ago goes for the next.
const DESKS_MAX: usize = 16;
/// How many effects of decisions are kept of a help desk.
const EFFECTS_MAX: usize = 200;

/// Questions that no FAQ answered, and what is proposed.
#[derive(Debug, Clone, PartialEq)]
pub struct Gap {
    /// The questions.
    pub group: Group,
    /// What could close the gap.
    pub proposal: Proposal,
}

/// The gaps of a help desk.
#[derive(Debug, Clone)]
pub struct Survey {
    /// Those that wait for a decision, at most [`gap::GROUPS_MAX`], those that the most guests asked first.
    pub gaps: Vec<Gap>,
    /// How many questions were looked at.
    pub questions: usize,
    /// The oldest time that was looked at, Unix ms.
    pub from: i64,
    /// The last decision that was known.
    pub seen: i64,
}

impl Survey {
    /// The gap of this id. An id is the key of a text, and means the gap with that text.
    pub fn find(&self, id: u64) -> Option<&Gap> {
        let named = self.gaps.iter().find(|gap| gap.group.id == id);
        named.or_else(|| self.gaps.iter().find(|gap| gap.group.keys.contains(&id)))
    }
}

/// What is kept of one help desk.
#[derive(Debug, Default)]
struct Kept {
    survey: Option<(Marks, i64, Arc<Survey>)>,
    /// With the version of the FAQs.
    duplicates: Option<(i64, Arc<Vec<Duplicate>>)>,
    effects: HashMap<i64, (Marks, i64, Effect)>,
}

/// A help desk's results, held while they are worked out.
type Place = Arc<tokio::sync::Mutex<Kept>>;

/// The results of one server.
#[derive(Debug, Default)]
pub struct Gaps {
    desks: Mutex<Desks>,
}

#[derive(Debug, Default)]
struct Desks {
    /// How often one was asked for.
    asked: u64,
    /// The places, with the count when each was asked for last.
    places: HashMap<i64, (u64, Place)>,
}

impl Gaps {
    fn of(&self, helpdesk_id: i64) -> Place {
        let mut desks = self.desks.lock().unwrap_or_else(PoisonError::into_inner);
        let Desks { asked, places } = &mut *desks;
        *asked += 1;
        if !places.contains_key(&helpdesk_id)
            && places.len() >= DESKS_MAX
            && let Some(oldest) = places.iter().min_by_key(|(_, (used, _))| *used).map(|(id, _)| *id)
        {
            places.remove(&oldest);
        }
        let (used, place) = places.entry(helpdesk_id).or_default();
        *used = *asked;
        Arc::clone(place)
    }

    /// The gaps of a help desk.
    pub async fn survey(&self, app: &App, desk: &Arc<Helpdesk>) -> Result<Arc<Survey>, Refusal> {
        let (place, app, desk) = (self.of(desk.id), app.clone(), Arc::clone(desk));
        finished(async move {
            let mut kept = place.lock().await;
            let (marks, now) = marks(&app, &desk).await?;
            if let Some((known, at, survey)) = &kept.survey
                && is_fresh((known, *at), &marks, now)
            {
                return Ok(Arc::clone(survey));
            }
            let survey = Arc::new(find::survey(&app, &desk, marks.decision).await?);
            kept.survey = Some((marks, now, Arc::clone(&survey)));
            Ok(survey)
        })
        .await
    }

    /// Has the gaps of a help desk worked out anew by the next who asks: a decision that is gone leaves no mark.
    pub async fn forget(&self, desk: &Helpdesk) {
        let place = self.of(desk.id);
        place.lock().await.survey = None;
    }

    /// The pairs of FAQs that ask nearly the same, the most alike first, those that are to stay two too.
    pub async fn duplicates(&self, app: &App, desk: &Arc<Helpdesk>) -> Result<Arc<Vec<Duplicate>>, Refusal> {
        let (place, app, desk) = (self.of(desk.id), app.clone(), Arc::clone(desk));
        finished(async move {
            let mut kept = place.lock().await;
            let version = {
                let desk = Arc::clone(&desk);
                app.read(move |tx, _| Ok(desk::faq::version(tx, &desk)?)).await?
            };
            if let Some((known, pairs)) = &kept.duplicates
                && *known == version
            {
                return Ok(Arc::clone(pairs));
            }
            let pairs = Arc::new(find::duplicates(&app, &desk).await?);
            kept.duplicates = Some((version, Arc::clone(&pairs)));
            Ok(pairs)
        })
        .await
    }

    /// What these decisions were good for; none for those that changed nothing.
    pub async fn effects(
        &self,
        app: &App,
        desk: &Arc<Helpdesk>,
        decisions: &[Decision],
    ) -> Result<Vec<Option<Effect>>, Refusal> {
        let (place, app, desk) = (self.of(desk.id), app.clone(), Arc::clone(desk));
        let decisions = decisions.to_vec();
        finished(async move {
            let mut kept = place.lock().await;
            let (marks, now) = marks(&app, &desk).await?;
            let mut told = Vec::with_capacity(decisions.len());
            for decision in &decisions {
                if !decision.is_approval() {
                    told.push(None);
                    continue;
                }
                let known = kept.effects.get(&decision.id).filter(|(known, at, _)| is_fresh((known, *at), &marks, now));
                let effect = if let Some((_, _, effect)) = known {
                    *effect
                } else {
                    let effect = effects::effect(&app, &desk, decision).await?;
                    if kept.effects.len() >= EFFECTS_MAX {
                        kept.effects.clear();
                    }
                    kept.effects.insert(decision.id, (marks.clone(), now, effect));
                    effect
                };
                told.push(Some(effect));
            }
            Ok(told)
        })
        .await
    }
}

/// Goes on to the end even if whoever asked is gone: what is half done would be begun again by the next one while it still
/// keeps a thread busy.
async fn finished<T: Send + 'static>(
    work: impl Future<Output = Result<T, Refusal>> + Send + 'static,
) -> Result<T, Refusal> {
    tokio::spawn(work).await.map_err(|e| failed(&e))?
}

async fn marks(app: &App, desk: &Arc<Helpdesk>) -> Result<(Marks, i64), Refusal> {
    let desk = Arc::clone(desk);
    app.read(move |tx, cx| Ok((gap::marks(tx, &desk)?, cx.now))).await
}

fn is_fresh((known, at): (&Marks, i64), marks: &Marks, now: i64) -> bool {
    let kept_ms = if known == marks {
        KEPT_MS
    } else if known.only_asked(marks) {
        BUSY_MS
    } else {
        0
    };
    (0..kept_ms).contains(&(now - at))
}

/// The failure of work on a thread of its own.
fn failed(error: &JoinError) -> Refusal {
    DbError::Corrupt(format!("working out the gaps failed: {error}")).into()
}
