//! Words that mean the same, as the database has them.

use std::sync::{Arc, PoisonError};

use db::{DbError, Tx};
use desk::Refusal;
use desk::directory::Helpdesk;
use desk::synonym::{self, Synonym};
use retrieval::Synonyms;

use super::Engine;
use crate::app::App;

/// The pairs that are not switched off.
pub(crate) fn in_use(tx: &mut Tx<'_>, desk: &Helpdesk) -> Result<Synonyms, DbError> {
    let in_use = synonym::all(tx, desk)?.into_iter().filter(|pair| !pair.off);
    let pair = |Synonym { word, means, percent, .. }: Synonym| {
        let weight = f64::from(u32::try_from(percent).unwrap_or(0)) / 100.0;
        retrieval::Synonym { word, means, weight }
    };
    Ok(Synonyms::new(in_use.map(pair)))
}

/// Reads them into an index. A change of them raises the version that an index catches up with.
pub(super) async fn reload(app: &App, desk: &Arc<Helpdesk>, engine: &Engine) -> Result<(), Refusal> {
    let desk = Arc::clone(desk);
    let synonyms = app.read(move |tx, _| Ok(in_use(tx, &desk)?)).await?;
    engine.index.write().unwrap_or_else(PoisonError::into_inner).synonyms = synonyms;
    Ok(())
}
