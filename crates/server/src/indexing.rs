//! Keeps the searches up to date, in the background: the words of new messages and private notes, taken apart as the FAQ
//! engine does; and what accounts are found by that are older than the search for people. How far it is stands in the database, so a restart goes on where it ended; of several servers one works.

use std::collections::BTreeSet;
use std::time::Duration;

use desk::Refusal;
use desk::console::search::{self, TERMS_MAX, Term};
use desk::person::find;
use retrieval::TermKind;

use crate::app::App;

/// How often somebody looks for new texts.
const FLOOR: Duration = Duration::from_secs(5);
/// Between two batches, so that others get to write too.
const PAUSE: Duration = Duration::from_millis(10);
/// The same while writes wait for the database.
const WHILE_BUSY: Duration = Duration::from_millis(100);
/// How long to wait after a failure.
const AGAIN: Duration = Duration::from_secs(5);

/// Runs until it is cancelled. A failure is logged once until a round succeeds.
pub async fn run(app: App) {
    let holder = app.ids().uuid();
    let (mut failing, mut older) = (false, true);
    loop {
        let pause = match round(&app, &holder, &mut older).await {
            Ok(more) => {
                failing = false;
                match (more, app.db().stats().writes_queued) {
                    (false, _) => FLOOR,
                    (true, 0) => PAUSE,
                    (true, _) => WHILE_BUSY,
                }
            }
            Err(error) => {
                if !failing {
                    tracing::error!(%error, "new messages cannot be indexed for the search; trying again");
                }
                failing = true;
                AGAIN
            }
        };
        // Network time, because the desk's time may stand still.
        app.clock().network().sleep(pause).await;
    }
}

/// One batch; answers whether there is likely more. `older`: whether there may be accounts that are not kept yet, which no
/// server that runs makes.
async fn round(app: &App, holder: &str, older: &mut bool) -> Result<bool, Refusal> {
    if *older {
        *older = app.read(|tx, _| Ok(find::has_older(tx)?)).await?;
    }
    if *older {
        app.write(|tx, _| Ok(find::keep_older(tx)?)).await?;
        return Ok(true);
    }
    let Some(batch) = app.read(|tx, cx| Ok(search::next(tx, cx)?)).await? else { return Ok(false) };
    let terms: Vec<Vec<Term>> = batch.texts.iter().map(|text| words(&text.text)).collect();
    let holder = holder.to_owned();
    app.write(move |tx, cx| Ok(search::index(tx, cx, &holder, &batch, &terms)?)).await
}

/// Whether a term of a text is kept. A single character of a run counts only where it stands alone; otherwise it is in its
/// pairs.
fn kept(terms: &[retrieval::Term], at: usize) -> bool {
    let is_pair = |at: Option<usize>| at.and_then(|at| terms.get(at)).is_some_and(|term| term.kind == TermKind::Pair);
    match terms[at].kind {
        TermKind::Single => !is_pair(at.checked_sub(1)) && !is_pair(at.checked_add(1)),
        TermKind::Word | TermKind::Whole | TermKind::Part | TermKind::Pair => true,
        // Its stem is there.
        TermKind::Written => false,
    }
}

/// The different words of a text.
fn words(text: &str) -> Vec<Term> {
    let terms = retrieval::analyse(text).terms;
    let words = terms.iter().enumerate().filter(|(at, _)| kept(&terms, *at)).map(|(_, term)| term.text.as_str());
    words.collect::<BTreeSet<_>>().into_iter().map(Term::of).collect()
}

/// The words that a search asks for, at most [`TERMS_MAX`]. Common English words count only if there are no others.
pub fn asked(query: &str) -> Vec<Term> {
    let terms = retrieval::analyse(query).terms;
    let of = |telling: bool| {
        let mut words: Vec<&str> = Vec::new();
        for (at, term) in terms.iter().enumerate() {
            let tells = term.kind == TermKind::Pair || term.weight >= 1.0 || !telling;
            if kept(&terms, at) && tells && !words.contains(&term.text.as_str()) {
                words.push(&term.text);
            }
        }
        words.into_iter().take(TERMS_MAX).map(Term::of).collect::<Vec<_>>()
    };
    let telling = of(true);
    if telling.is_empty() { of(false) } else { telling }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_asks_for_words_that_texts_with_them_have() {
        for (query, text) in [
            ("密码", "我忘记密码了怎么办"),
            ("密碼", "我忘记密码了怎么办"),
            ("reset passwords", "How do I reset my password?"),
            ("the", "What is the matter"),
            ("A-2024-0042", "Order A-2024-0042 has not come"),
            ("20240042", "订单号20240042还没到"),
            ("退", "退"),
        ] {
            let (asked, has) = (asked(query), words(text));
            assert!(!asked.is_empty() && asked.iter().all(|term| has.contains(term)), "{query}: {asked:?} {has:?}");
        }
        for (query, text) in [("码密", "我忘记密码了怎么办"), ("reset", "password"), ("2024", "20240042")] {
            assert!(!asked(query).iter().all(|term| words(text).contains(term)), "{query}");
        }
        assert!(asked("?! …").is_empty());
        assert_eq!(asked("how do I reset my password"), asked("reset password"));
        assert_eq!(asked(&"one two three four five six seven eight nine ten".repeat(3)).len(), TERMS_MAX);
    }
}
