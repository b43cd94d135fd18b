//! FAQs beside the composer: finding one, and sending its answer.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use desk::console::seat;
use desk::faq::{self, RichItem, status};
use desk::message::TEXT_MAX;
use desk::ticket::act::Act;
use desk::{Kind, Refusal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Asking;
use super::act::{Sent, send};
use crate::admin::{Asked, Visitor};
use crate::api::error::ApiError;
use crate::api::{known, number, sized};
use crate::app::App;
use crate::guest::{Body, Segment};

/// What is looked for.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "ConsoleFindFaqs")]
pub struct FindFaqs {
    /// Decimal id of the help desk.
    helpdesk_id: String,
    /// The question, as a guest would ask it; 1 to 5000 characters.
    #[schemars(length(min = 1, max = 5000))]
    q: String,
    /// How many at most; 10 if left out.
    #[schemars(range(min = 1, max = 20))]
    limit: Option<i64>,
}

/// FAQs that were found.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleFaqList")]
pub struct FaqList {
    /// Best first.
    faqs: Vec<FoundFaq>,
}

/// A FAQ that was found.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleFaq")]
struct FoundFaq {
    /// Decimal id.
    id: String,
    /// The question.
    question: String,
    /// The plain answer.
    answer: String,
    /// The rich answer.
    answer_richtext: Vec<RichItem>,
    /// 0 to 1: how likely it answers the question.
    score: f64,
}

/// `GET /console/v1/faqs`
pub async fn search(
    State(app): State<App>,
    who: Visitor,
    Asked(ask): Asked<FindFaqs>,
) -> Result<Json<FaqList>, ApiError> {
    let id = number("helpdesk_id", &ask.helpdesk_id)?;
    let limit = sized("limit", ask.limit, 10, 20)?;
    if ask.q.trim().is_empty() || ask.q.chars().count() > TEXT_MAX {
        return Err(ApiError::invalid("q", format!("1 to {TEXT_MAX} characters are allowed")));
    }
    let at = Asking::of(&app, who);
    let desk = seat(&at.staff, &at.directory, id)?.desk;
    let hits = app.engines().rank(&app, &desk, &ask.q, limit).await?;
    let faqs = app
        .read(move |tx, _| {
            let mut found = Vec::with_capacity(hits.len());
            for hit in &hits {
                let faq = match faq::get(tx, &desk, hit.id) {
                    Ok(faq) if faq.status == status::ONLINE => faq,
                    // One that was deleted since it was ranked is left out.
                    Ok(_) | Err(Refusal::NotFound { .. }) => continue,
                    Err(other) => return Err(other),
                };
                found.push(FoundFaq {
                    id: faq.id.to_string(),
                    question: faq.question,
                    answer: faq.answer,
                    answer_richtext: faq.richtext,
                    score: hit.score,
                });
            }
            Ok(found)
        })
        .await?;
    Ok(Json(FaqList { faqs }))
}

/// A FAQ to be sent.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "ConsoleSendFaq")]
pub struct SendFaq {
    /// Decimal id of a FAQ of the ticket's help desk that is online.
    faq_id: String,
    /// The client's own id of the message, 1 to 100 bytes: sent twice with the same one, it is one message.
    client_id: Option<String>,
}

/// `POST /console/v1/tickets/:ticket_id/faq`
pub async fn send_faq(
    State(app): State<App>,
    who: Visitor,
    Segment(id): Segment,
    Body(ask): Body<SendFaq>,
) -> Result<(StatusCode, Json<Sent>), ApiError> {
    let faq_id = known(Kind::Faq, &ask.faq_id)?;
    send(&app, who, &id, Act::SendFaq { faq_id, client_id: ask.client_id }).await
}
