//! Words that mean the same, as the database has them.

use db::{DbError, Tx};
use desk::directory::Helpdesk;
use desk::synonym::{self, Synonym};
use retrieval::Synonyms;

/// The pairs that are not switched off.
pub(crate) fn in_use(tx: &mut Tx<'_>, desk: &Helpdesk) -> Result<Synonyms, DbError> {
    let in_use = synonym::all(tx, desk)?.into_iter().filter(|pair| !pair.off);
    let pair = |Synonym { word, means, percent, .. }: Synonym| {
        let weight = f64::from(u32::try_from(percent).unwrap_or(0)) / 100.0;
        retrieval::Synonym { word, means, weight }
    };
    Ok(Synonyms::new(in_use.map(pair)))
}
