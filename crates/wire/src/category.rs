//! FAQ categories (reference: helpdesk-v1 4; helpdesk-v1.json `category.*`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A category as create answers it, and inside a FAQ.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Category {
    /// Decimal id.
    pub category_id: String,
    /// The same; the older name.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Decimal id of the parent; `0` at the top.
    pub parent_id: String,
    /// Decimal id of the help desk.
    pub helpdesk_id: String,
    /// Such as `zh_cn`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// Data of `category.get`: the fields stand directly in `data`, without `parent_id`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct GetData {
    /// Decimal id.
    pub category_id: String,
    /// The same; the older name.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Decimal id of the help desk.
    pub helpdesk_id: String,
    /// Such as `zh_cn`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// A category with those under it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CategoryTree {
    /// Decimal id.
    pub category_id: String,
    /// The same; the older name.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Decimal id of the parent; `0` at the top.
    pub parent_id: String,
    /// Decimal id of the help desk.
    pub helpdesk_id: String,
    /// Such as `zh_cn`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Those under it; left out when there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<CategoryTree>,
}

/// Path of a category's endpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CategoryPath {
    /// Decimal id, not yet checked.
    #[schemars(regex(pattern = r"^[1-9][0-9]{0,18}$"))]
    pub id: String,
}

/// Body of `category.create`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CreateBody {
    /// Its name.
    #[schemars(length(min = 1, max = 200))]
    pub name: String,
    /// Decimal id of the parent; `0` for the top.
    #[schemars(regex(pattern = r"^(0|[1-9][0-9]{0,18})$"))]
    pub parent_id: String,
    /// Such as `zh_cn`.
    pub language: Option<String>,
}

/// Data of `category.create`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CreateData {
    /// The new category.
    pub category: Category,
}

/// Query of `category.list`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListQuery {
    /// Such as `zh_cn`.
    pub lang: Option<String>,
    /// 1 by update time.
    #[schemars(extend("enum" = [1]))]
    pub order_by: Option<i64>,
    /// Ascending or descending.
    pub asc: Option<bool>,
}

/// Data of `category.list`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ListData {
    /// Those at the top, with all under them.
    pub categories: Vec<CategoryTree>,
}

/// Body of `category.patch`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PatchBody {
    /// A new name.
    #[schemars(length(min = 1, max = 200))]
    pub name: Option<String>,
    /// A new parent.
    #[schemars(regex(pattern = r"^(0|[1-9][0-9]{0,18})$"))]
    pub parent_id: Option<String>,
}
