//! The worker that learns from help desks' similar questions after they have changed.

use std::time::Duration;

use crate::app::App;

/// Edits come in rows: one lesson for all of them. No round number, so that tests of other limits tell it apart.
const SETTLE: Duration = Duration::from_millis(1_100);
/// Learning leaves at least this many times its own time between two rounds, so that it takes a tenth of a processor.
const REST: u32 = 9;

/// Runs until it is cancelled.
pub async fn run(app: App) {
    loop {
        app.engines().changed().await;
        let timers = app.clock().network();
        timers.sleep(SETTLE).await;
        let began = timers.now();
        app.engines().learn().await;
        timers.sleep(timers.since(began) * REST).await;
    }
}
