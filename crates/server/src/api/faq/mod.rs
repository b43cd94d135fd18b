//! FAQs.

pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod patch;
pub mod search;

use std::collections::{BTreeSet, HashMap};

use db::Tx;
use desk::category::{self, Category};
use desk::directory::Helpdesk;
use desk::event::Who;
use desk::faq::{Content, Faq};
use desk::{Refusal, ids};
use wire::faq::{FaqInput, Richtext};
use wire::user::TicketUser;

use crate::api::{ApiError, number};

/// The FAQs as SDKs read them.
fn shapes(tx: &mut Tx<'_>, desk: &Helpdesk, faqs: &[Faq]) -> Result<Vec<wire::faq::Faq>, Refusal> {
    let ids: BTreeSet<i64> = faqs.iter().filter_map(|f| f.category_id).collect();
    let mut categories: HashMap<i64, Category> = HashMap::new();
    for id in ids {
        match category::get(tx, desk, id) {
            Ok(found) => categories.extend([(id, found)]),
            Err(Refusal::NotFound { .. }) => {}
            Err(other) => return Err(other),
        }
    }
    let category_of = |faq: &Faq| faq.category_id.and_then(|id| categories.get(&id));
    Ok(faqs.iter().map(|faq| shape(desk, faq, category_of(faq))).collect())
}

fn shape(desk: &Helpdesk, faq: &Faq, category: Option<&Category>) -> wire::faq::Faq {
    let items = faq.richtext.iter().cloned().map(serde_json::Value::Object);
    wire::faq::Faq {
        faq_id: faq.id.to_string(),
        id: faq.id.to_string(),
        helpdesk_id: desk.id.to_string(),
        question: faq.question.clone(),
        answer: Some(faq.answer.clone()),
        answer_richtext: Some(items.filter_map(|item| serde_json::from_value::<Richtext>(item).ok()).collect()),
        create_time: Some(faq.created_at / 1000),
        update_time: Some(faq.updated_at / 1000),
        categories: Some(category.map(|c| super::category::shape(desk, c)).into_iter().collect()),
        tags: Some(faq.similar.clone()),
        expire_time: None,
        update_user: faq.updated_by.as_ref().map(user),
        create_user: faq.created_by.as_ref().map(user),
    }
}

fn user((who, name): &(Who, String)) -> TicketUser {
    TicketUser { id: Some(who.open_id.clone()), name: Some(name.clone()), ..TicketUser::default() }
}

/// What a create or patch is to store. The table flags `faq` itself as optional although its question is required.
fn content(input: Option<FaqInput>) -> Result<Content, ApiError> {
    let input = input.ok_or_else(|| ApiError::invalid("faq", "faq is required"))?;
    let items = input.answer_richtext.map(wire::faq::RichtextInput::into_items).transpose();
    let items = items.map_err(|why| ApiError::invalid("faq.answer_richtext", why))?;
    let richtext = items.map(|items| {
        let object = |item: &Richtext| match serde_json::to_value(item) {
            Ok(serde_json::Value::Object(object)) => object,
            _ => serde_json::Map::new(),
        };
        items.iter().map(object).collect()
    });
    let category_id = input.category_id.as_deref().filter(|id| !matches!(*id, "" | "0"));
    Ok(Content {
        question: input.question,
        similar: input.tags,
        answer: input.answer,
        richtext,
        category_id: category_id.map(|id| number("faq.category_id", id)).transpose()?,
    })
}

/// The position that a page token stands for.
fn position(token: Option<&str>) -> Result<i64, ApiError> {
    match token.filter(|t| !t.is_empty()) {
        None => Ok(0),
        Some(token) => ids::parse(token).ok_or_else(|| {
            ApiError::invalid("page_token", "must be the page_token of the page before, or be left out")
        }),
    }
}
