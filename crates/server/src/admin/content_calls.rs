//! Which calls there are about FAQ categories and the customized fields of tickets.

use axum::http::Method;
use axum::routing::{delete, get, patch, post, put};
use wire::Nothing;
use wire::field::{CreateBody, PatchBody};

use super::calls::{body_call, call, get_call};
use super::categories::{self, CategoryData, CategoryList, CategoryPath, ChangeCategory, NewCategory};
use super::fields::{self, FieldData, FieldList, FieldOrder, FieldPath};
use crate::guest::DeskPath;
use crate::openapi::Calls;

/// Adds them.
pub(super) fn with(calls: Calls) -> Calls {
    with_fields(with_categories(calls))
}

fn with_categories(calls: Calls) -> Calls {
    let (all, one) =
        ("/admin/v1/desks/{helpdesk_id}/categories", "/admin/v1/desks/{helpdesk_id}/categories/{category_id}");
    let tree = "Read the tree of a help desk's FAQ categories, with the scores from which on FAQs are shown.";
    let changed = "Rename a FAQ category, move it with those below it, or change from which scores on its FAQs, and \
                   theirs, are shown; what is left out stays as it is, a score of null inherits again. Scores count from \
                   the next question on.";
    calls
        .with(
            get_call("admin_category.list", all, tree).of::<DeskPath, Nothing, Nothing, CategoryList>(),
            get(categories::list),
        )
        .with(
            body_call("admin_category.create", Method::POST, all, "Make a FAQ category that inherits its scores.")
                .creates()
                .of::<DeskPath, Nothing, NewCategory, CategoryData>(),
            post(categories::create),
        )
        .with(
            get_call("admin_category.get", one, "Read a FAQ category with those below it.")
                .of::<CategoryPath, Nothing, Nothing, CategoryData>(),
            get(categories::show),
        )
        .with(
            body_call("admin_category.patch", Method::PATCH, one, changed)
                .of::<CategoryPath, Nothing, ChangeCategory, CategoryData>(),
            patch(categories::change),
        )
        .with(
            call(
                "admin_category.delete",
                Method::DELETE,
                one,
                "Delete a FAQ category that holds neither categories nor FAQs.",
            )
            .of::<CategoryPath, Nothing, Nothing, Nothing>(),
            delete(categories::delete),
        )
}

fn with_fields(calls: Calls) -> Calls {
    let (all, one) = ("/admin/v1/desks/{helpdesk_id}/fields", "/admin/v1/desks/{helpdesk_id}/fields/{field_id}");
    let removed = "Delete a customized field of tickets. What tickets were told stays, shown nowhere.";
    calls
        .with(
            get_call("admin_field.list", all, "List the customized fields of tickets, in their order.")
                .of::<DeskPath, Nothing, Nothing, FieldList>(),
            get(fields::list),
        )
        .with(
            body_call("admin_field.create", Method::POST, all, "Make a customized field of tickets.")
                .creates()
                .of::<DeskPath, Nothing, CreateBody, FieldData>(),
            post(fields::create),
        )
        .with(
            body_call(
                "admin_field.arrange",
                Method::PUT,
                "/admin/v1/desks/{helpdesk_id}/field-order",
                "Put the customized fields of tickets into an order.",
            )
            .of::<DeskPath, Nothing, FieldOrder, FieldList>(),
            put(fields::arrange),
        )
        .with(
            body_call(
                "admin_field.patch",
                Method::PATCH,
                one,
                "Change a customized field of tickets; what is left out stays as it is.",
            )
            .of::<FieldPath, Nothing, PatchBody, FieldData>(),
            patch(fields::update),
        )
        .with(
            call("admin_field.delete", Method::DELETE, one, removed).of::<FieldPath, Nothing, Nothing, Nothing>(),
            delete(fields::delete),
        )
}
