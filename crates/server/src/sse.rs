//! Feeds as server-sent events, for whoever has something to tell.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use axum::response::sse::{Event, Sse};
use futures_util::{Stream, stream};

use crate::app::App;
use crate::clock::Moment;
use crate::workers::Stop;

/// A comment is sent after this time without an event, so that nobody in between takes the connection for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// Where the events of a feed come from.
pub(crate) trait Source: Send + 'static {
    /// What comes next: some events at most, because a client that reads too slowly has them in memory. None if there is
    /// nothing now, an error if the feed ends; the source has said why, and the client resumes elsewhere.
    fn look(&mut self) -> impl Future<Output = Result<Vec<Event>, Ended>> + Send;

    /// Waits until it is time to look again.
    fn news(&mut self) -> impl Future<Output = ()> + Send;
}

/// A feed ends.
#[derive(Debug)]
pub(crate) struct Ended;

struct Feed<S> {
    app: App,
    source: S,
    stop: Stop,
    ready: VecDeque<Event>,
    /// When the last event was sent, or the feed began.
    sent: Moment,
}

/// The feed of a source, until that or the server ends.
pub(crate) fn feed<S: Source>(app: App, source: S) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let (stop, sent) = (app.workers().stop(), app.clock().network().now());
    Sse::new(stream::unfold(Feed { app, source, stop, ready: VecDeque::new(), sent }, next))
}

async fn next<S: Source>(mut feed: Feed<S>) -> Option<(Result<Event, Infallible>, Feed<S>)> {
    let timers = feed.app.clock().network().clone();
    let event = loop {
        if let Some(event) = feed.ready.pop_front() {
            break event;
        }
        if feed.stop.is_requested() {
            return None;
        }
        feed.ready = feed.source.look().await.ok()?.into();
        if !feed.ready.is_empty() {
            continue;
        }
        let quiet_until = feed.sent + KEEP_ALIVE;
        if timers.now() >= quiet_until {
            break Event::DEFAULT_KEEP_ALIVE;
        }
        tokio::select! {
            () = feed.source.news() => {}
            () = timers.sleep_until(quiet_until) => {}
            () = feed.stop.requested() => return None,
        }
    };
    feed.sent = timers.now();
    Some((Ok(event), feed))
}
