//! Explanations by the engine: all there is for people who try a question out, in short for timelines.

use std::sync::Arc;

use desk::Refusal;
use desk::answer::Why;
use desk::answer::why::{self, RunnerUp, Word};
use desk::directory::Helpdesk;
use retrieval::{Explained, Explanation, FaqId, MatchedText};

use super::Engines;
use crate::app::App;

impl Engines {
    /// Why FAQs match `text` as they do: the first `limit`, and `also` in any case. With the aids of [`Self::rank`].
    pub async fn explain(
        &self,
        app: &App,
        desk: &Arc<Helpdesk>,
        text: &str,
        limit: usize,
        also: Option<FaqId>,
    ) -> Result<Explained, Refusal> {
        self.aided(app, desk, text, |words, aids| words.explain_query(text, aids, limit, also)).await
    }

    /// Builds a help desk's index and learns from it at once, for who asks a question and ends. A server learns in the
    /// background.
    pub async fn prepare(&self, app: &App, desk: &Arc<Helpdesk>) -> Result<(), Refusal> {
        self.caught_up(app, desk).await?;
        self.learn().await;
        Ok(())
    }
}

/// Which text, and which similar question, the first being 1.
pub(crate) fn matched_text(text: MatchedText) -> (why::MatchedText, Option<usize>) {
    match text {
        MatchedText::Question => (why::MatchedText::Question, None),
        MatchedText::Similar(place) => (why::MatchedText::SimilarQuestion, Some(place + 1)),
        MatchedText::Answer => (why::MatchedText::Answer, None),
    }
}

/// What is kept of an explanation.
pub(super) fn short(long: &Explanation) -> Why {
    let (matched, similar) = matched_text(long.best_text.text);
    let words = long.matched_terms.iter().take(why::WORDS_MAX);
    Why {
        faq_id: long.id.to_string(),
        score: long.score,
        runner_up: long.runner_up.map(|(id, score)| RunnerUp { faq_id: id.to_string(), score }),
        margin: long.margin,
        matched,
        similar,
        exact: long.best_text.exact,
        text: Some(long.text.clone()).filter(|text| !text.is_empty()),
        words: words.map(|term| Word { word: term.term.clone(), weight: term.weight }).collect(),
        similarity: long.similarity,
    }
}
