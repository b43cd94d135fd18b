//! The live feed of events, as server-sent events, resumable by `Last-Event-ID`.
//!
//! Ids grow with time, but a transaction that made a smaller id may be committed after one that made a greater. So that
//! none is left out, only what is older than [`SETTLED_MS`] is told: the feed is complete, in order, and that much
//! behind. It leaves nothing out as long as the clocks of servers on one database are not farther apart than that.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, Sse};
use desk::admin::{events, session};
use desk::delivery::Delivery;
use desk::{Refusal, ids};
use futures_util::Stream;
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wire::Code;

use super::events::scope;
use super::{Asked, Visitor};
use crate::api::error::ApiError;
use crate::app::App;
use crate::push::shape::DeliveryOut;
use crate::sse::{self, Ended, Source};

/// How many feeds a server has at a time.
const FEEDS_MAX: usize = 64;
/// How often the database is looked at.
const LOOK: Duration = Duration::from_millis(500);
/// After this long every transaction is committed that had made its ids before, in ms of the server's clock.
const SETTLED_MS: i64 = 2_000;
const PAGE: i64 = 200;

/// The places for feeds of one server.
#[derive(Debug)]
pub(crate) struct Feeds(Arc<Semaphore>);

impl Default for Feeds {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(FEEDS_MAX)))
    }
}

/// Where a feed begins.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AskFeed {
    /// Decimal id of the newest delivery that is known, such as the first of a list: what came after it is told, and
    /// perhaps some that came shortly before. Counts only without `Last-Event-ID`. Without both the feed begins now.
    after: Option<String>,
    /// Only events of this help desk: decimal id.
    helpdesk_id: Option<String>,
}

struct Events {
    app: App,
    token: String,
    helpdesk_id: Option<i64>,
    /// Everything up to here was told.
    position: i64,
    /// Whether the last look got further.
    moved: bool,
    _place: OwnedSemaphorePermit,
}

/// `GET /admin/v1/events/stream`: each event with its delivery id as id. A client that reads too slowly gets its events
/// later, from the database; nothing is queued for it in memory but one page.
pub async fn stream(
    State(app): State<App>,
    who: Visitor,
    headers: HeaderMap,
    Asked(ask): Asked<AskFeed>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    scope(&app, &who, ask.helpdesk_id.as_deref())?;
    let helpdesk_id = ask.helpdesk_id.as_deref().map(|id| crate::api::number("helpdesk_id", id)).transpose()?;
    let position = begins_at(&app, &headers, &ask)?;
    let place = Arc::clone(&app.feeds().0).try_acquire_owned().map_err(|_| {
        ApiError::new(Code::BUSY, format!("{FEEDS_MAX} feeds are open on this server already; close one or try later"))
    })?;
    Ok(sse::feed(app.clone(), Events { app, token: who.token, helpdesk_id, position, moved: false, _place: place }))
}

fn begins_at(app: &App, headers: &HeaderMap, ask: &AskFeed) -> Result<i64, ApiError> {
    if let Some(id) = headers.get("last-event-id") {
        let id = id.to_str().ok().and_then(|id| ids::parse(id.trim()));
        return id.ok_or_else(|| ApiError::invalid("Last-Event-ID", "must be the id of the last event received"));
    }
    let known_at = match &ask.after {
        Some(after) => ids::made_at(crate::api::number("after", after)?),
        None => app.now_ms(),
    };
    Ok(settled(known_at))
}

/// Deliveries below this id are all there at `now`, Unix ms.
fn settled(now: i64) -> i64 {
    ids::floor_at(now - SETTLED_MS)
}

impl Source for Events {
    async fn look(&mut self) -> Result<Vec<Event>, Ended> {
        let before = self.position;
        let found = self.settled_since().await.map_err(|refusal| {
            // Signed out, or no longer allowed: resuming tells the client.
            if let Refusal::Db(error) = refusal {
                tracing::warn!(%error, "a feed of events ended; the client resumes");
            }
            Ended
        })?;
        self.moved = self.position > before;
        Ok(found.iter().map(event).collect())
    }

    async fn news(&mut self) {
        // What was looked at may all have been others' events.
        if !self.moved {
            self.app.clock().network().sleep(LOOK).await;
        }
    }
}

impl Events {
    /// What has settled since the last look, and is theirs.
    async fn settled_since(&mut self) -> Result<Vec<Delivery>, Refusal> {
        let directory = Arc::clone(&self.app.directory());
        let (token, helpdesk_id, position) = (self.token.clone(), self.helpdesk_id, self.position);
        let (events, looked) = self
            .app
            .read(move |tx, cx| {
                let session = session::find(tx, cx, &token)?;
                let session = session.ok_or_else(|| Refusal::Forbidden("the session is over".to_owned()))?;
                let scope = session.staff.scope(&directory, helpdesk_id)?;
                Ok(events::between(tx, &scope, (position, settled(cx.now)), PAGE)?)
            })
            .await?;
        self.position = looked;
        Ok(events)
    }
}

fn event(delivery: &Delivery) -> Event {
    let out = DeliveryOut::from(delivery);
    let data = serde_json::to_string(&out).expect("deliveries have string keys and whole numbers only");
    Event::default().id(delivery.delivery_id.to_string()).event("delivery").data(data)
}
