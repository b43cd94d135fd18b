//! The console API: the side of those who work on tickets, JSON over HTTP under `/console/v1`. Whoever is signed in to the
//! admin API is a visitor here too; failures have the open API's envelope.

mod act;
mod calls;
mod conversation;
mod deliveries;
mod faqs;
mod inboxes;
mod me;
mod presence;
mod search;
mod shape;
mod stream;
mod tickets;
mod writing;

pub use calls::calls;
pub(crate) use presence::{Beat, Presence};
pub(crate) use stream::Streams;

use std::sync::Arc;

use axum::Router;
use axum::middleware::map_response;
use desk::admin::Staff;
use desk::directory::Directory;
use desk::{Kind, Refusal};

use crate::admin::{Visitor, kept_nowhere};
use crate::api::error::ApiError;
use crate::api::known;
use crate::app::App;

/// The routes.
pub fn routes() -> Router<App> {
    calls().into_router().route_layer(map_response(kept_nowhere))
}

/// Who asks, and the directory they ask in.
#[derive(Clone)]
struct Asking {
    staff: Staff,
    directory: Arc<Directory>,
}

impl Asking {
    fn of(app: &App, who: Visitor) -> Self {
        Self { staff: who.session.staff, directory: Arc::clone(&app.directory()) }
    }
}

/// The ticket of a path.
fn ticket_id(text: &str) -> Result<i64, ApiError> {
    known(Kind::Ticket, text)
}

/// A ticket with everything beside its conversation. Read by itself, also after a change: nobody who writes waits for it.
async fn whole(app: &App, at: Asking, ticket_id: i64) -> Result<shape::WholeOut, Refusal> {
    let present = app.presence().others(ticket_id, &at.staff.open_id);
    let read = app.read(move |tx, cx| {
        let (seat, ticket) = desk::console::find(tx, &at.staff, &at.directory, ticket_id)?;
        Ok((desk::console::view::whole(tx, &at.staff, &seat, &ticket)?, cx.now))
    });
    let (whole, now) = read.await?;
    Ok(shape::WholeOut::of(whole, now, present))
}
