//! What a decision was good for.

use std::sync::Arc;

use db::DbError;
use desk::Refusal;
use desk::directory::Helpdesk;
use desk::gap::{self, Decision, Effect};
use retrieval::Utterance;

use super::failed;
use crate::app::App;

/// Reads the questions around a decision and counts those that are in a group with one of its texts.
pub(super) async fn effect(app: &App, desk: &Arc<Helpdesk>, decision: &Decision) -> Result<Effect, Refusal> {
    let (db, now) = (app.db().clone(), app.now_ms());
    let (desk, decision) = (Arc::clone(desk), decision.clone());
    let counted = tokio::task::spawn_blocking(move || {
        let spans = {
            let decision = decision.clone();
            db.read_blocking(move |tx| gap::spans(tx, &desk, &decision, now))?
        };
        // The decision's texts lead the groups.
        let led = decision.texts.iter().map(|text| Utterance { text, at: i64::MIN });
        let asked = spans.before.iter().chain(&spans.after);
        let asked = asked.map(|past| Utterance { text: &past.asked.text, at: past.asked.asked_at });
        let utterances: Vec<Utterance<'_>> = led.chain(asked).collect();
        let mut alike = vec![false; utterances.len()];
        for group in retrieval::group(&utterances) {
            let is_led = group.members.iter().any(|place| *place < decision.texts.len());
            group.members.iter().for_each(|place| alike[*place] = is_led);
        }
        let (before, after) = alike[decision.texts.len()..].split_at(spans.before.len());
        Ok::<_, DbError>(gap::effect(&decision, &spans, (before, after), now))
    });
    Ok(counted.await.map_err(|e| failed(&e))??)
}
