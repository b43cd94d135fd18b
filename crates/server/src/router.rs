//! All routes of the server.

use axum::Router;
use axum::middleware::from_fn_with_state;

use crate::api::gateway::{Api, Collect, Info};
use crate::api::{agent, agent_schedule, agent_schedules, agent_skill, agent_skill_rule};
use crate::api::{bot_message, category, event, faq, notification};
use crate::api::{ticket, ticket_customized_field, ticket_message};
use crate::app::App;
use crate::front::not_found;
use crate::settings::Mode;
use crate::{admin, api, approval, console, dev, guest, health, inspector, long_connection, oauth, openapi, pages};

/// The open API, one line an endpoint.
fn open_api<C: Collect>(endpoints: C) -> C {
    endpoints
        .with::<agent::agent_email::AgentEmail>()
        .with::<agent::patch::Patch>()
        .with::<agent_schedule::create::Create>()
        .with::<agent_schedule::list::List>()
        .with::<agent_schedules::get::Get>()
        .with::<agent_schedules::patch::Patch>()
        .with::<agent_schedules::delete::Delete>()
        .with::<agent_skill::create::Create>()
        .with::<agent_skill::get::Get>()
        .with::<agent_skill::list::List>()
        .with::<agent_skill::patch::Patch>()
        .with::<agent_skill::delete::Delete>()
        .with::<agent_skill_rule::list::List>()
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
        .with::<faq::faq_image::FaqImage>()
        .with::<ticket::start_service::StartService>()
        .with::<ticket::get::Get>()
        .with::<ticket::list::List>()
        .with::<ticket::update::Update>()
        .with::<ticket::answer_user_query::AnswerUserQuery>()
        .with::<ticket::customized_fields::CustomizedFields>()
        .with::<ticket::ticket_image::TicketImage>()
        .with::<ticket_message::create::Create>()
        .with::<ticket_message::list::List>()
        .with::<ticket_customized_field::create::Create>()
        .with::<ticket_customized_field::get::Get>()
        .with::<ticket_customized_field::list::List>()
        .with::<ticket_customized_field::patch::Patch>()
        .with::<ticket_customized_field::delete::Delete>()
        .with::<bot_message::create::Create>()
        .with::<notification::create::Create>()
        .with::<notification::get::Get>()
        .with::<notification::patch::Patch>()
        .with::<notification::preview::Preview>()
        .with::<notification::submit_approve::SubmitApprove>()
        .with::<notification::cancel_approve::CancelApprove>()
        .with::<notification::execute_send::ExecuteSend>()
        .with::<notification::cancel_send::CancelSend>()
}

/// What the open API consists of, in the order of the list above.
pub fn endpoints() -> Vec<Info> {
    open_api(Vec::new())
}

/// The router, without the layer around it.
pub fn build(app: &App) -> Router {
    let dev = if app.settings().mode == Mode::Dev { dev::routes() } else { Router::new() };
    let all = Router::new()
        .merge(open_api(Api::new(app)).finish())
        .merge(guest::routes(app))
        .merge(admin::routes())
        .merge(console::routes())
        .merge(dev)
        .merge(api::auth::routes())
        .merge(oauth::routes(app))
        .merge(approval::routes())
        .merge(openapi::routes())
        .merge(long_connection::routes())
        .merge(health::routes())
        .merge(pages::routes(app.settings().mode))
        .fallback(not_found)
        .method_not_allowed_fallback(not_found);
    let all = match app.settings().mode {
        Mode::Dev => all.layer(from_fn_with_state(app.clone(), dev::layer::layer)),
        Mode::Serve if app.settings().inspector => all.layer(from_fn_with_state(app.clone(), inspector::layer)),
        Mode::Serve => all,
    };
    all.with_state(app.clone())
}
