//! What changes, as it changes, for the inspector's page. It tells that something did, not what: the page reads its list
//! again, also after a lost connection, and so misses nothing.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, Sse};
use desk::delivery::Follow;
use futures_util::Stream;

use super::controls;
use crate::api::error::ApiError;
use crate::app::App;
use crate::sse::{self, Ended, Source};

/// How often it looks.
const LOOK: Duration = Duration::from_millis(250);

struct Changes {
    app: App,
    /// [`crate::inspector::calls::Calls::changes`] as told last.
    calls: u64,
    deliveries: Arc<Follow>,
}

/// `GET /dev/v1/stream`: `event: calls` when a call came or was answered, `event: deliveries` when an event happened, was
/// tried or was sent again.
pub(super) async fn stream(
    State(app): State<App>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let calls = controls(&app).calls.changes();
    let follow = app.read(|tx, cx| Ok(Follow::start(tx, cx.now)?)).await?;
    Ok(sse::feed(app.clone(), Changes { app, calls, deliveries: Arc::new(follow) }))
}

impl Source for Changes {
    async fn look(&mut self) -> Result<Vec<Event>, Ended> {
        let mut events = Vec::new();
        let calls = controls(&self.app).calls.changes();
        if calls != self.calls {
            self.calls = calls;
            events.push(Event::default().event("calls").data(calls.to_string()));
        }
        let follow = Arc::clone(&self.deliveries);
        let looked = self.app.read(move |tx, _| Ok(follow.look(tx)?)).await.map_err(|refusal| {
            tracing::warn!(%refusal, "a feed of changes ended; the page resumes");
            Ended
        })?;
        if !looked.news.is_empty() {
            events.push(Event::default().event("deliveries").data(looked.news.len().to_string()));
        }
        Arc::make_mut(&mut self.deliveries).saw(&looked, self.app.now_ms());
        Ok(events)
    }

    async fn news(&mut self) {
        self.app.clock().network().sleep(LOOK).await;
    }
}
