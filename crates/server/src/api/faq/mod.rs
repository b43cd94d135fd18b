//! FAQs.

pub mod create;
pub mod delete;
pub mod faq_image;
pub mod get;
pub mod list;
pub mod patch;
pub mod search;

use std::collections::{BTreeSet, HashMap};

use db::Tx;
use desk::Refusal;
use desk::category::{self, Category};
use desk::directory::Helpdesk;
use desk::faq::{Content, Faq, RESTORABLE_MS, status};
use desk::ticket::Contact;
use wire::faq::{FaqInput, Richtext};
use wire::user::TicketUser;

use crate::api::{ApiError, optional_number};

/// The FAQs as SDKs read them.
pub(crate) fn shapes(tx: &mut Tx<'_>, desk: &Helpdesk, faqs: &[Faq]) -> Result<Vec<wire::faq::Faq>, Refusal> {
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
        expire_time: (faq.status == status::DELETED).then_some(faq.deleted_at).flatten().map(expiry),
        update_user: faq.updated_by.as_ref().map(user),
        create_user: faq.created_by.as_ref().map(user),
    }
}

/// When a FAQ deleted then can no longer be restored, in seconds.
fn expiry(deleted_at: i64) -> i64 {
    (deleted_at + RESTORABLE_MS) / 1000
}

/// FAQs show people without their address.
fn user(contact: &Contact) -> TicketUser {
    TicketUser { email: None, ..super::ticket::user(contact) }
}

/// What a create or patch is to store. The table flags `faq` itself as optional although its question is required.
pub(crate) fn content(input: Option<FaqInput>) -> Result<Content, ApiError> {
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
        category_id: optional_number("faq.category_id", category_id)?,
    })
}
