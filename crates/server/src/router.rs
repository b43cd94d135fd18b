//! All routes of the server.

use axum::Router;

use crate::api::gateway::{Api, Info};
use crate::api::{category, event, faq, ticket, ticket_message};
use crate::app::App;
use crate::front::not_found;
use crate::settings::Mode;
use crate::{api, dev, guest, health, long_connection, pages};

/// The open API, one line an endpoint.
fn open_api(app: &App) -> Api {
    Api::new(app)
        .with::<category::create::Create>()
        .with::<category::get::Get>()
        .with::<category::list::List>()
        .with::<category::patch::Patch>()
        .with::<category::delete::Delete>()
        .with::<event::subscribe::Subscribe>()
        .with::<event::unsubscribe::Unsubscribe>()
        .with::<faq::create::Create>()
        .with::<faq::get::Get>()
        .with::<faq::list::List>()
        .with::<faq::patch::Patch>()
        .with::<faq::delete::Delete>()
        .with::<faq::search::Search>()
        .with::<ticket::start_service::StartService>()
        .with::<ticket::get::Get>()
        .with::<ticket::list::List>()
        .with::<ticket::answer_user_query::AnswerUserQuery>()
        .with::<ticket_message::create::Create>()
        .with::<ticket_message::list::List>()
}

/// What the open API consists of, in the order of the list above.
pub fn endpoints(app: &App) -> Vec<Info> {
    open_api(app).finish().1
}

/// The router, without the layer around it.
pub fn build(app: &App) -> Router {
    let (open_api, _) = open_api(app).finish();
    let dev = if app.settings().mode == Mode::Dev { dev::routes() } else { Router::new() };
    Router::new()
        .merge(open_api)
        .merge(guest::routes())
        .merge(dev)
        .merge(api::auth::routes())
        .merge(long_connection::routes())
        .merge(health::routes())
        .merge(pages::routes())
        .fallback(not_found)
        .method_not_allowed_fallback(not_found)
        .with_state(app.clone())
}
