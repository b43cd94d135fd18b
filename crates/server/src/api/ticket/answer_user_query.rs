//! `ticket.answer_user_query`: an app's FAQs for a guest's question. The rules are in `desk::answer::app`.

use axum::http::Method;
use desk::answer::app::{self as by_app, Answer, Given, Outcome, Score};
use wire::ticket::{AnswerUserQueryBody, TicketPath, UserQueryFaqInfo};
use wire::{Code, Nothing};

use super::ticket_id;
use crate::api::{ApiError, Caller, Endpoint, Token};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct AnswerUserQuery;

impl Endpoint for AnswerUserQuery {
    const ID: &'static str = "ticket.answer_user_query";
    const SUMMARY: &'static str =
        "Answer a question of the guest with FAQs and scores; the ticket has to be in progress and not with a human.";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/open-apis/helpdesk/v1/tickets/{ticket_id}/answer_user_query";
    const TOKEN: Token = Token::Tenant;
    const SCOPES: &'static [&'static str] = &["helpdesk:all"];
    const RATE: Rate = Rate::Special;
    const ERRORS: &'static [Code] = &[Code::BAD_REQUEST, Code::FORBIDDEN, Code::NOT_FOUND];

    type Path = TicketPath;
    type Query = Nothing;
    type Body = AnswerUserQueryBody;
    type Data = Nothing;

    async fn call(
        app: &App,
        caller: Caller,
        path: TicketPath,
        _: Nothing,
        body: AnswerUserQueryBody,
    ) -> Result<Nothing, ApiError> {
        let id = ticket_id(&path.ticket_id)?;
        let faqs: Vec<Given> = body.faqs.unwrap_or_default().into_iter().map(given).collect();
        let answer = Answer::new(&body.event_id, &faqs)?;
        let outcome =
            app.write(move |tx, cx| by_app::answer(tx, cx, &caller.helpdesk, &caller.app, id, &answer)).await?;
        match outcome {
            Outcome::Shown(mode) => app.metrics().answered("app", mode.as_str()),
            Outcome::Kept => app.metrics().answered("app", "kept"),
            Outcome::Repeated => {}
        }
        Ok(Nothing {})
    }
}

fn given(faq: UserQueryFaqInfo) -> Given {
    let score = match faq.score {
        None => Score::Missing,
        Some(value) => value.as_f64().map_or(Score::NotANumber, Score::Number),
    };
    Given { id: faq.id, score }
}
