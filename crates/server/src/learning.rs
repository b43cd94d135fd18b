//! The worker that learns from help desks' similar questions after they have changed.

use std::time::{Duration, Instant};

use crate::app::App;

/// Edits come in rows: one lesson for all of them.
const SETTLE: Duration = Duration::from_secs(1);
/// Learning leaves at least this many times its own time between two rounds, so that it takes a tenth of a processor.
const REST: u32 = 9;

/// Runs until it is cancelled.
pub async fn run(app: App) {
    loop {
        app.engines().changed().await;
        // Real time: it bounds work of this machine.
        tokio::time::sleep(SETTLE).await;
        let began = Instant::now();
        app.engines().learn().await;
        tokio::time::sleep(began.elapsed() * REST).await;
    }
}
