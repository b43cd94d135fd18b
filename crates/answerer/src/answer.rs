//! Answers what stands in the ledger: ranks, notes the call, makes it, and notes what became of it.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use reqwest::Method;
use retrieval::worth_showing;
use serde_json::{Value, json};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use wire::Code;

use crate::client::{CallError, Client, SIDE_BY_SIDE};
use crate::faqs::Faqs;
use crate::ledger::{Ledger, Question};
use crate::shadow::Shadow;
use crate::{Clock, Counts, Thresholds, backoff};

/// Even without a wake-up somebody looks this often: tries that failed come due.
const FLOOR: Duration = Duration::from_secs(1);
/// Longest pause between two tries of one question, in ms.
const PAUSE_MAX_MS: i64 = 60_000;
/// Answers that name a FAQ deleted meanwhile are ranked anew so often.
const RERANKS: u32 = 3;

/// The FAQs of an answer that nothing was found.
const NO_FAQS: &str = "[]";

/// What answering needs.
pub(crate) struct Answering {
    pub(crate) client: Arc<Client>,
    pub(crate) faqs: Arc<Faqs>,
    pub(crate) ledger: Ledger,
    pub(crate) came: Arc<Notify>,
    pub(crate) thresholds: Thresholds,
    pub(crate) max_age_ms: i64,
    pub(crate) counts: Arc<Counts>,
    pub(crate) shadow: Option<Shadow>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Answering {
    /// Answers until it is told to stop, and then finishes what is under way.
    pub(crate) async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut tasks = JoinSet::new();
        let mut under_way: HashSet<String> = HashSet::new();
        while !*stop.borrow() {
            let came = self.came.notified();
            self.begin(&mut tasks, &mut under_way).await;
            tokio::select! {
                Some(ended) = tasks.join_next() => forget(&mut under_way, ended),
                () = came => {}
                _ = stop.changed() => {}
                () = self.clock.sleep(FLOOR) => {}
            }
            while let Some(ended) = tasks.try_join_next() {
                forget(&mut under_way, ended);
            }
        }
        while tasks.join_next().await.is_some() {}
    }

    async fn begin(self: &Arc<Self>, tasks: &mut JoinSet<String>, under_way: &mut HashSet<String>) {
        if under_way.len() >= SIDE_BY_SIDE {
            return;
        }
        // Those under way are still due, so ask for more than there can be of them.
        let limit = i64::try_from(2 * SIDE_BY_SIDE).unwrap_or(i64::MAX);
        let due = match self.ledger.due(self.clock.unix_ms(), limit).await {
            Ok(due) => due,
            Err(error) => return tracing::error!(%error, "the ledger cannot be read; trying again"),
        };
        for question in due {
            if under_way.len() < SIDE_BY_SIDE && under_way.insert(question.event_id.clone()) {
                let answering = Arc::clone(self);
                tasks.spawn(async move {
                    answering.settle(&question).await;
                    question.event_id
                });
            }
        }
    }

    /// Answers one question and notes what became of it.
    async fn settle(&self, question: &Question) {
        let noted = match self.answer(question).await {
            Ok(outcome) => {
                self.counts.count(outcome);
                tracing::info!(ticket = question.ticket_id, event = question.event_id, outcome, "question settled");
                self.ledger.end(&question.event_id, outcome, self.clock.unix_ms()).await
            }
            Err(why) => {
                let pause = i64::try_from(backoff(u32::try_from(question.tries).unwrap_or(9)).as_millis());
                let pause = pause.unwrap_or(PAUSE_MAX_MS).min(PAUSE_MAX_MS);
                self.counts.retried.fetch_add(1, Ordering::Relaxed);
                tracing::warn!(ticket = question.ticket_id, %why, pause_ms = pause, "not answered yet");
                self.ledger.later(&question.event_id, self.clock.unix_ms() + pause).await
            }
        };
        if let Err(error) = noted {
            // The question stays due: the same call again changes nothing at the desk.
            tracing::error!(%error, "the ledger cannot be written");
            self.clock.sleep(FLOOR).await;
        }
    }

    async fn answer(&self, question: &Question) -> Result<&'static str, String> {
        if self.clock.unix_ms() - question.asked_at > self.max_age_ms {
            return Ok("too_old");
        }
        if let Some(shadow) = &self.shadow {
            return shadow.record(question, &self.choose(&question.text)).await.map(|()| "shadowed");
        }
        // As text: read and written again, a score may differ in its last digit, and it would be another call.
        let mut begun = question.answer.clone();
        for _ in 0..=RERANKS {
            let faqs = if let Some(faqs) = begun.take() {
                faqs
            } else {
                let faqs = self.choose(&question.text);
                if faqs.is_empty() && self.thresholds.silent_below {
                    return Ok("silent");
                }
                let faqs = Value::Array(faqs).to_string();
                let noted = self.ledger.begin(&question.event_id, &faqs).await;
                noted.map_err(|error| error.to_string())?;
                faqs
            };
            match self.send(question, &faqs).await {
                Ok(()) if faqs == NO_FAQS => return Ok("nothing_found"),
                Ok(()) => return Ok("answered"),
                Err(CallError::Refused { code, msg, .. }) if code == Code::NOT_FOUND.number => {
                    if !self.outdated(&faqs).await? {
                        tracing::info!(ticket = question.ticket_id, msg, "the ticket is not of this help desk");
                        return Ok("not_found");
                    }
                }
                Err(CallError::Refused { code, msg, .. }) if code == Code::BAD_REQUEST.number => {
                    // Answered by another instance with other scores, closed, or with a human.
                    tracing::info!(ticket = question.ticket_id, msg, "the desk takes no answer");
                    return Ok("refused");
                }
                Err(error) => return Err(error.to_string()),
            }
        }
        Err("FAQs are deleted faster than they can be ranked".to_owned())
    }

    async fn send(&self, question: &Question, faqs: &str) -> Result<(), CallError> {
        let path = format!("/tickets/{}/answer_user_query", question.ticket_id);
        let body = format!(r#"{{"event_id":{},"faqs":{faqs}}}"#, json!(question.answer_id));
        self.client.call(Method::POST, &path, Some(&body)).await.map(|_| ())
    }

    /// Whether an answer names a FAQ that is gone, by the list of this moment.
    async fn outdated(&self, faqs: &str) -> Result<bool, String> {
        self.faqs.synchronise(&self.client).await.map_err(|error| error.to_string())?;
        let faqs: Value = serde_json::from_str(faqs).map_err(|error| error.to_string())?;
        let ids = faqs.as_array().into_iter().flatten().filter_map(|faq| faq["id"].as_str()?.parse().ok());
        Ok(!self.faqs.knows(ids).await)
    }

    /// The FAQs to answer with, best first: the one that is surely right, or some to choose from, or none.
    fn choose(&self, text: &str) -> Vec<Value> {
        let wanted = &self.thresholds;
        let hits = self.faqs.rank(text, wanted.list_size + 1);
        let best = hits.first().map_or(0.0, |hit| hit.score);
        let count = match best {
            best if best < wanted.list_score => 0,
            best if best >= wanted.direct_score && !wanted.related => 1,
            best if best >= wanted.direct_score => wanted.list_size + 1,
            _ => wanted.list_size,
        };
        worth_showing(hits).take(count).map(|hit| json!({"id": hit.id.to_string(), "score": hit.score})).collect()
    }
}

fn forget(under_way: &mut HashSet<String>, ended: Result<String, tokio::task::JoinError>) {
    match ended {
        Ok(event_id) => {
            under_way.remove(&event_id);
        }
        // Nobody knows which one; all that are under way are known to the ledger, and the same call again is harmless.
        Err(error) => {
            tracing::error!(%error, "answering a question failed");
            under_way.clear();
        }
    }
}
