//! Customized fields (reference: helpdesk-v1 6; helpdesk-v1.json `ticket_customized_field.*`,
//! `ticket.customized_fields`). `position` and times (Unix ms) are digits in strings here; in a ticket `position` is a
//! number.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::flex;
use crate::user::TicketUser;

/// A field of tickets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct TicketField {
    /// Decimal id.
    pub ticket_customized_field_id: String,
    /// Decimal id of the help desk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub helpdesk_id: Option<String>,
    /// Its key.
    pub key_name: String,
    /// Its name.
    pub display_name: String,
    /// Its place, digits in a string.
    pub position: String,
    /// `string`, `multiline`, `dropdown` or `dropdown_nested`.
    pub field_type: String,
    /// What it is for.
    pub description: String,
    /// Whether agents see it.
    pub visible: bool,
    /// Whether its value may be changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub editable: Option<bool>,
    /// Whether agents have to fill it in.
    pub required: bool,
    /// When it was made, digits in a string.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When it was last changed, digits in a string.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    /// Who made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_by: Option<TicketUser>,
    /// Who changed it last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_by: Option<TicketUser>,
    /// The options of a drop-down; no SDK model has them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropdown_options: Option<DropdownOptions>,
    /// Whether several options may be picked; only of a `dropdown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropdown_allow_multiple: Option<bool>,
}

/// A field of users.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct UserField {
    /// Decimal id.
    pub user_customized_field_id: String,
    /// The same; the older name.
    pub id: String,
    /// Decimal id of the help desk.
    pub helpdesk_id: String,
    /// Its key.
    pub key_name: String,
    /// Its name.
    pub display_name: String,
    /// Its place, digits in a string.
    pub position: String,
    /// As of a ticket's field.
    pub field_type: String,
    /// What it is for.
    pub description: String,
    /// Whether agents see it.
    pub visible: bool,
    /// Whether its value may be changed.
    pub editable: bool,
    /// Whether agents have to fill it in.
    pub required: bool,
    /// When it was made, digits in a string.
    pub created_at: String,
    /// When it was last changed, digits in a string.
    pub updated_at: String,
}

/// The root of a tree of options.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DropdownOptions {
    /// The options at the top.
    #[serde(default, deserialize_with = "flex::objects", skip_serializing_if = "Option::is_none")]
    pub children: Option<Vec<DropdownOption>>,
}

/// An option.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DropdownOption {
    /// The caller's own id of it, unique within the field.
    #[schemars(length(min = 1, max = 100))]
    pub tag: String,
    /// What people read.
    #[schemars(length(min = 1, max = 200))]
    pub display_name: String,
    /// Options below it; three levels in all.
    #[serde(default, deserialize_with = "flex::objects", skip_serializing_if = "Option::is_none")]
    pub children: Option<Vec<DropdownOption>>,
}

/// Path of a field's endpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FieldPath {
    /// Decimal id, not yet checked.
    #[schemars(regex(pattern = r"^[1-9][0-9]{0,18}$"))]
    pub ticket_customized_field_id: String,
}

/// Body of `ticket_customized_field.create`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CreateBody {
    /// Decimal id of the help desk; has to be the header's.
    #[schemars(regex(pattern = r"^[1-9][0-9]{0,18}$"))]
    pub helpdesk_id: Option<String>,
    /// Its key, unique in the help desk.
    #[schemars(length(min = 1, max = 100))]
    pub key_name: String,
    /// Its name.
    #[schemars(length(min = 1, max = 200))]
    pub display_name: String,
    /// Its place, digits in a string.
    #[schemars(regex(pattern = r"^[0-9]{1,6}$"))]
    pub position: String,
    /// `string`, `multiline`, `dropdown` or `dropdown_nested`.
    #[schemars(extend("enum" = ["string", "multiline", "dropdown", "dropdown_nested"]))]
    pub field_type: String,
    /// What it is for.
    #[schemars(length(max = 1000))]
    pub description: String,
    /// Whether agents see it.
    pub visible: bool,
    /// Whether its value may be changed; it may, if left out.
    pub editable: Option<bool>,
    /// Whether agents have to fill it in.
    pub required: bool,
    /// The options of a drop-down.
    #[serde(default, deserialize_with = "flex::object", skip_serializing_if = "Option::is_none")]
    pub dropdown_options: Option<DropdownOptions>,
    /// Whether several options may be picked; only of a `dropdown`.
    pub dropdown_allow_multiple: Option<bool>,
}

/// Body of `ticket_customized_field.patch`. Members that are left out stay.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PatchBody {
    /// Its name.
    #[schemars(length(min = 1, max = 200))]
    pub display_name: Option<String>,
    /// Its place, digits in a string.
    #[schemars(regex(pattern = r"^[0-9]{1,6}$"))]
    pub position: Option<String>,
    /// What it is for.
    #[schemars(length(max = 1000))]
    pub description: Option<String>,
    /// Whether agents see it.
    pub visible: Option<bool>,
    /// Whether agents have to fill it in.
    pub required: Option<bool>,
    /// The options of a drop-down, all anew.
    #[serde(default, deserialize_with = "flex::object", skip_serializing_if = "Option::is_none")]
    pub dropdown_options: Option<DropdownOptions>,
}

/// Query of `ticket_customized_field.list`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListQuery {
    /// Where the page starts; left out for the first. The page before calls it `next_page_token`.
    #[schemars(regex(pattern = r"^[1-9][0-9]{0,18}$"))]
    pub page_token: Option<String>,
    /// 20 if left out, 100 at most.
    #[schemars(range(min = 1, max = 100))]
    pub page_size: Option<i64>,
}

/// Body of `ticket_customized_field.list`, a GET.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListBody {
    /// Only fields that agents see, or only others.
    pub visible: Option<bool>,
}

/// Data of `ticket_customized_field.list`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ListData {
    /// Whether there is more.
    pub has_more: bool,
    /// Where the next page starts; left out on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
    /// The page.
    pub items: Vec<TicketField>,
}

/// Query of `ticket.customized_fields`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AllQuery {
    /// Only fields that agents see.
    pub visible_only: Option<bool>,
}

/// Data of `ticket.customized_fields`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AllData {
    /// Fields of users.
    pub user_customized_fields: Vec<UserField>,
    /// Fields of tickets.
    pub ticket_customized_fields: Vec<TicketField>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_of_options_is_read_and_written_as_the_reference_shows_it() {
        let text = r#"{"children":[{"tag":"t1","display_name":"A","children":[{"tag":"t2","display_name":"B"}]}]}"#;
        let options: DropdownOptions = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&options).unwrap(), text);
        for bad in [r#"{"children":{}}"#, r#"{"children":[["t","A"]]}"#, r#"{"children":[{"tag":"t"}]}"#] {
            assert!(serde_json::from_str::<DropdownOptions>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn members_that_only_other_calls_know_are_ignored() {
        let text = r#"{"display_name":"A","key_name":7,"field_type":[],"created_by":{"id":1}}"#;
        let body: PatchBody = serde_json::from_str(text).unwrap();
        assert_eq!(body.display_name.as_deref(), Some("A"));
    }
}
