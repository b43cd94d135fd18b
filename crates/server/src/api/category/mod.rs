//! FAQ categories.

pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod patch;

use desk::category::{Category, TOP};
use desk::directory::Helpdesk;

use crate::api::{ApiError, number};

/// The category as SDKs read it.
pub(super) fn shape(desk: &Helpdesk, category: &Category) -> wire::category::Category {
    wire::category::Category {
        category_id: category.id.to_string(),
        id: category.id.to_string(),
        name: category.name.clone(),
        parent_id: category.parent_id.to_string(),
        helpdesk_id: desk.id.to_string(),
        language: category.language.clone(),
    }
}

/// A parent's id: `0` is the top level.
pub(crate) fn parent(text: &str) -> Result<i64, ApiError> {
    if text == "0" { Ok(TOP) } else { number("parent_id", text) }
}
