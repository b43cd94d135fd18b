//! The help desk's FAQs as the open API lists them, and the index made of them.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{PoisonError, RwLock};

use reqwest::Method;
use retrieval::{Aids, FaqText, Hit, Index, Learned, Lesson};
use serde_json::Value;

use crate::client::{CallError, Client};

/// FAQs of one page; the most that the platform gives.
const PAGE: usize = 100;
/// Pages of one round; a server that repeats itself must not keep it for ever.
const PAGES_MAX: usize = 20_000;

/// The FAQs as this app knows them.
#[derive(Default)]
pub(crate) struct Faqs {
    index: RwLock<Index>,
    /// What their similar questions taught at the last round that changed something.
    learned: RwLock<Learned>,
    /// What stands in the index: a hash of each FAQ's texts. An edit shows here even when `update_time`, which counts
    /// whole seconds, does not move.
    known: tokio::sync::Mutex<HashMap<i64, u64>>,
}

/// What a round changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Round {
    pub(crate) total: usize,
    pub(crate) changed: usize,
    pub(crate) removed: usize,
}

struct Faq {
    id: i64,
    question: String,
    similar: Vec<String>,
    answer: String,
}

impl Faqs {
    /// Pages through all FAQs and takes over what differs. One round at a time.
    ///
    /// The list may change between two pages, and a page that begins at a place in the list skips a FAQ when one before
    /// it is deleted. So what is missing is gone only when a second reading does not have it, either.
    pub(crate) async fn synchronise(&self, client: &Client) -> Result<Round, CallError> {
        let mut known = self.known.lock().await;
        let mut round = Round::default();
        let mut seen = self.read_all(client, &mut known, &mut round).await?;
        if known.keys().any(|id| !seen.contains(id)) {
            seen.extend(self.read_all(client, &mut known, &mut round).await?);
            round.removed = self.remove(&mut known, &seen);
        }
        round.total = known.len();
        self.learn().await;
        Ok(round)
    }

    /// Reads all pages; answers the ids that were listed. `known` follows the index, also when a page fails.
    async fn read_all(
        &self,
        client: &Client,
        known: &mut HashMap<i64, u64>,
        round: &mut Round,
    ) -> Result<HashSet<i64>, CallError> {
        let mut seen = HashSet::with_capacity(known.len());
        let mut next: Option<String> = None;
        for _ in 0..PAGES_MAX {
            let path = match &next {
                Some(token) => format!("/faqs?status=1&page_size={PAGE}&page_token={token}"),
                None => format!("/faqs?status=1&page_size={PAGE}"),
            };
            let page = client.call(Method::GET, &path, None).await?;
            for item in page["items"].as_array().into_iter().flatten() {
                let Some(faq) = read(item) else {
                    tracing::warn!(faq = %item["faq_id"], "a FAQ without a usable id or question is left out");
                    continue;
                };
                let hash = faq.hash();
                if known.get(&faq.id) != Some(&hash) {
                    self.put(&faq);
                    known.insert(faq.id, hash);
                    round.changed += 1;
                }
                seen.insert(faq.id);
            }
            let token = page["page_token"].as_str().filter(|token| !token.is_empty());
            let more = page["has_more"].as_bool() == Some(true);
            let Some(token) = token.filter(|token| more && next.as_deref() != Some(*token)) else {
                return Ok(seen);
            };
            next = Some(token.to_owned());
        }
        Err(CallError::Unavailable(format!("the list of FAQs does not end after {PAGES_MAX} pages")))
    }

    /// The FAQs that match, best first.
    pub(crate) fn rank(&self, question: &str, limit: usize) -> Vec<Hit> {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        let learned = self.learned.read().unwrap_or_else(PoisonError::into_inner);
        index.rank_with(question, &Aids { learned: Some(&learned), ..Aids::default() }, limit)
    }

    /// Learns from the FAQs if they have changed. A question that comes meanwhile is ranked by what was known before.
    async fn learn(&self) {
        let lesson = {
            let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
            let learned = self.learned.read().unwrap_or_else(PoisonError::into_inner);
            (!learned.is_current(&index, None)).then(|| Lesson::of(&index, None))
        };
        let Some(lesson) = lesson else { return };
        match tokio::task::spawn_blocking(move || lesson.learn()).await {
            Ok(learned) => *self.learned.write().unwrap_or_else(PoisonError::into_inner) = learned,
            Err(error) => tracing::error!(%error, "learning from the FAQs failed; the general model ranks alone"),
        }
    }

    /// Whether all of these are online as far as is known.
    pub(crate) async fn knows(&self, ids: impl IntoIterator<Item = i64>) -> bool {
        let known = self.known.lock().await;
        ids.into_iter().all(|id| known.contains_key(&id))
    }

    fn put(&self, faq: &Faq) {
        let text = FaqText { question: &faq.question, similar: &faq.similar, answer: &faq.answer };
        self.index.write().unwrap_or_else(PoisonError::into_inner).upsert(faq.id, &text);
    }

    fn remove(&self, known: &mut HashMap<i64, u64>, seen: &HashSet<i64>) -> usize {
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        let gone = known.extract_if(|id, _| !seen.contains(id));
        gone.map(|(id, _)| index.remove(id)).count()
    }
}

impl Faq {
    fn hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (&self.question, &self.similar, &self.answer).hash(&mut hasher);
        hasher.finish()
    }
}

fn read(item: &Value) -> Option<Faq> {
    let id = item["faq_id"].as_str().or(item["id"].as_str())?.parse().ok()?;
    let question = item["question"].as_str()?.trim().to_owned();
    if question.is_empty() {
        return None;
    }
    let tags = item["tags"].as_array().into_iter().flatten();
    let similar = tags.filter_map(|tag| tag.as_str().map(str::to_owned)).collect();
    Some(Faq { id, question, similar, answer: answer(item).unwrap_or_default() })
}

/// The words of a FAQ's answer; `None` if it has none.
pub(crate) fn answer(item: &Value) -> Option<String> {
    let plain = item["answer"].as_str().filter(|answer| !answer.trim().is_empty());
    let answer = plain.map_or_else(|| rich(&item["answer_richtext"]), str::to_owned);
    (!answer.is_empty()).then_some(answer)
}

/// The words of a rich text: an array, or a string that holds one (reference: helpdesk-v1 4).
fn rich(value: &Value) -> String {
    if let Some(text) = value.as_str() {
        return serde_json::from_str::<Value>(text)
            .ok()
            .filter(Value::is_array)
            .map_or_else(|| text.to_owned(), |items| rich(&items));
    }
    let mut words = String::new();
    for item in value.as_array().into_iter().flatten() {
        match item["type"].as_str() {
            Some("line break") => words.push('\n'),
            _ => words.push_str(item["content"].as_str().or(item["text"].as_str()).unwrap_or_default()),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rich_text_is_read_in_both_forms() {
        let items = json!([{"type": "text", "content": "Open "}, {"type": "hyperlink", "text": "设置", "url": "u"},
            {"type": "line break"}, {"type": "img", "key": "img_1"}, {"type": "text", "content": "Done."}]);
        assert_eq!(rich(&items), "Open 设置\nDone.");
        assert_eq!(rich(&json!(items.to_string())), "Open 设置\nDone.");
        assert_eq!(rich(&json!("plain")), "plain");
    }

    #[test]
    fn a_faq_needs_an_id_and_a_question() {
        let faq = read(&json!({"id": "7", "question": " q ", "answer": "", "tags": ["a", "b"],
            "answer_richtext": [{"type": "text", "content": "r"}]}))
        .unwrap();
        assert_eq!((faq.id, faq.question.as_str(), faq.answer.as_str(), faq.similar.len()), (7, "q", "r", 2));
        assert!(read(&json!({"id": "x", "question": "q"})).is_none());
        assert!(read(&json!({"id": "7"})).is_none());
    }
}
