//! Words that mean the same, as the database has them.

use std::sync::{Arc, PoisonError};

use desk::Refusal;
use desk::directory::Helpdesk;
use desk::synonym::{self, Synonym};
use retrieval::Synonyms;

use super::Engine;
use crate::app::App;

/// Reads the pairs that are not switched off. A change of them raises the version that an index catches up with.
pub(super) async fn reload(app: &App, desk: &Arc<Helpdesk>, engine: &Engine) -> Result<(), Refusal> {
    let desk = Arc::clone(desk);
    let all = app.read(move |tx, _| Ok(synonym::all(tx, &desk)?)).await?;
    let in_use = all.into_iter().filter(|pair| !pair.off);
    let pair = |Synonym { word, means, percent, .. }: Synonym| {
        let weight = f64::from(u32::try_from(percent).unwrap_or(0)) / 100.0;
        retrieval::Synonym { word, means, weight }
    };
    let synonyms = Synonyms::new(in_use.map(pair));
    engine.index.write().unwrap_or_else(PoisonError::into_inner).synonyms = synonyms;
    Ok(())
}
