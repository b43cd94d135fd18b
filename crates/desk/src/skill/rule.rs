//! What a skill rule says, and whether it holds. Pure: what is known of a ticket comes in as [`Facts`].
//!
//! A rule compares what is known (the left side) with its operand (the right side). Where nothing is known, no positive
//! rule holds and every negated one does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::ids;

/// Most values of an operand.
pub const VALUES_MAX: usize = 100;
/// Longest value, in characters.
pub const VALUE_MAX: usize = 200;
/// Longest operand as JSON, in bytes.
pub const OPERAND_MAX: usize = 20_000;

/// Operators (reference: `skill_operator`).
pub mod operator {
    /// The left number is at least the right one.
    pub const AT_LEAST: i64 = 2;
    /// The left number is at most the right one.
    pub const AT_MOST: i64 = 3;
    /// The left text is in the right array.
    pub const IN: i64 = 5;
    /// The left text is not in the right array.
    pub const NOT_IN: i64 = 6;
    /// No element of the left array is in the right array.
    pub const NONE_IN: i64 = 7;
    /// Some element of the left array is in the right array.
    pub const SOME_IN: i64 = 8;
}
use operator::{AT_LEAST, AT_MOST, IN, NONE_IN, NOT_IN, SOME_IN};

/// What a rule looks at (reference: `skill_rule`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The guest's city.
    City,
    /// Where the ticket came from: 0 the client side, 1 the server side (the open API).
    Source,
    /// The guest's language: `zh_cn`, `en_us` or `ja_jp`.
    Language,
    /// Who the guest is.
    User,
    /// The guest's departments.
    Department,
    /// Chinese categories of the FAQs that the bot showed.
    ChineseCategory,
    /// English categories of the FAQs that the bot showed.
    EnglishCategory,
    /// Japanese categories of the FAQs that the bot showed.
    JapaneseCategory,
    /// The guest's level.
    Level,
}

impl Kind {
    /// All, by id.
    pub const ALL: [Self; 9] = [
        Self::City,
        Self::Source,
        Self::Language,
        Self::User,
        Self::Department,
        Self::ChineseCategory,
        Self::EnglishCategory,
        Self::JapaneseCategory,
        Self::Level,
    ];

    /// The rule's id.
    pub fn id(self) -> &'static str {
        match self {
            Self::City => "3",
            Self::Source => "9",
            Self::Language => "10",
            Self::User => "11",
            Self::Department => "12",
            Self::ChineseCategory => "14",
            Self::EnglishCategory => "15",
            Self::JapaneseCategory => "16",
            Self::Level => "17",
        }
    }

    /// What it is called.
    pub fn display_name(self) -> &'static str {
        match self {
            Self::City => "City",
            Self::Source => "Source",
            Self::Language => "Language",
            Self::User => "Name or e-mail",
            Self::Department => "Department",
            Self::ChineseCategory => "Chinese FAQ category",
            Self::EnglishCategory => "English FAQ category",
            Self::JapaneseCategory => "Japanese FAQ category",
            Self::Level => "User level",
        }
    }

    /// 1 FAQ, 2 ticket information, 3 the user's profile (reference: `skill_rule_category`).
    pub fn category(self) -> i64 {
        match self {
            Self::ChineseCategory | Self::EnglishCategory | Self::JapaneseCategory => 1,
            Self::Source | Self::Language => 2,
            Self::City | Self::User | Self::Department | Self::Level => 3,
        }
    }

    /// The operators it takes. A single picked value is a text as well as an array of one.
    pub fn operators(self) -> &'static [i64] {
        match self {
            Self::City => &[IN, NOT_IN],
            Self::Source | Self::Language | Self::User => &[IN, NOT_IN, NONE_IN, SOME_IN],
            Self::Department | Self::ChineseCategory | Self::EnglishCategory | Self::JapaneseCategory => {
                &[NONE_IN, SOME_IN]
            }
            Self::Level => &[AT_LEAST, AT_MOST],
        }
    }

    /// Members of the operand that may hold its value, the usual one first.
    pub fn members(self) -> &'static [&'static str] {
        match self {
            Self::City => &["selected_cities", "cities", "city", "values", "value"],
            Self::Source => &["selected_sources", "sources", "source", "values", "value"],
            Self::Language => &["selected_languages", "languages", "language", "values", "value"],
            Self::User => &["selected_users", "users", "user_ids", "values", "value"],
            Self::Department => &["selected_departments", "departments", "department_ids", "values", "value"],
            Self::ChineseCategory | Self::EnglishCategory | Self::JapaneseCategory => {
                &["selected_categories", "categories", "category_ids", "values", "value"]
            }
            Self::Level => &["level", "number", "value"],
        }
    }

    /// Whether its values are ids of FAQ categories.
    pub fn is_faq_category(self) -> bool {
        self.category() == 1
    }

    /// The kind of the rule with this id.
    pub fn of(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.id() == id)
    }
}

/// A rule as it is written and stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The rule's id: 3 city, 9 source, 10 language, 11 user, 12 department, 14 to 16 Chinese, English and Japanese FAQ
    /// category, 17 user level.
    pub id: String,
    /// 2 at least, 3 at most, 5 in, 6 not in, 7 none in, 8 some in.
    pub selected_operator: i64,
    /// What to compare with, such as `{selected_departments: [{id: od_it}]}`.
    pub operand: Map<String, Value>,
    /// 1 FAQ, 2 ticket information, 3 the user's profile; it follows from the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<i64>,
}

/// What is wrong with a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleFault {
    /// The rule's member.
    pub at: &'static str,
    /// What is wrong and what is allowed.
    pub why: String,
}

/// A checked rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    kind: Kind,
    operator: i64,
    right: Right,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Right {
    Values(Vec<String>),
    Number(i64),
}

/// What is known of a ticket and of who asks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The guest's city.
    pub city: Option<String>,
    /// Whether the ticket came through the open API.
    pub server_side: bool,
    /// The guest's language, such as `zh-CN`.
    pub language: Option<String>,
    /// The guest's user id and open id.
    pub user_ids: Vec<String>,
    /// The guest's departments.
    pub departments: Vec<String>,
    /// Categories of the FAQs that the bot showed, and those above them: Chinese, English, Japanese.
    pub categories: [Vec<i64>; 3],
    /// The guest's level.
    pub level: Option<i64>,
}

impl Test {
    /// Checks a rule.
    ///
    /// # Errors
    /// The first mistake.
    pub fn new(rule: &Rule) -> Result<Self, RuleFault> {
        let kind = Kind::of(&rule.id).ok_or_else(|| {
            let known = Kind::ALL.map(|kind| format!("{} ({})", kind.id(), kind.display_name())).join(", ");
            RuleFault { at: "id", why: format!("no rule {:?}; rules are {known}", rule.id) }
        })?;
        if !kind.operators().contains(&rule.selected_operator) {
            let why = format!("options: {:?} for rule {} ({})", kind.operators(), kind.id(), kind.display_name());
            return Err(RuleFault { at: "selected_operator", why });
        }
        if rule.category.is_some_and(|category| category != kind.category()) {
            let why = format!("rule {} ({}) has category {}", kind.id(), kind.display_name(), kind.category());
            return Err(RuleFault { at: "category", why });
        }
        let right = right(kind, &rule.operand).map_err(|why| RuleFault { at: "operand", why })?;
        Ok(Self { kind, operator: rule.selected_operator, right })
    }

    /// What it looks at.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The categories it names.
    pub fn categories(&self) -> Vec<i64> {
        match &self.right {
            Right::Values(values) if self.kind.is_faq_category() => {
                values.iter().filter_map(|v| ids::parse(v)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether it holds.
    pub fn holds(&self, facts: &Facts) -> bool {
        match &self.right {
            Right::Number(right) if self.operator == AT_LEAST => facts.level.is_some_and(|left| left >= *right),
            Right::Number(right) => facts.level.is_some_and(|left| left <= *right),
            Right::Values(right) => {
                let meets = left(self.kind, facts).iter().any(|value| right.contains(value));
                meets == matches!(self.operator, IN | SOME_IN)
            }
        }
    }
}

/// What is known, in the form in which values are compared.
fn left(kind: Kind, facts: &Facts) -> Vec<String> {
    let numbers = |ids: &[i64]| ids.iter().map(i64::to_string).collect();
    match kind {
        Kind::City => facts.city.as_deref().map(city).into_iter().collect(),
        Kind::Source => vec![i64::from(facts.server_side).to_string()],
        Kind::Language => facts.language.as_deref().and_then(language).map(str::to_owned).into_iter().collect(),
        Kind::User => facts.user_ids.clone(),
        Kind::Department => facts.departments.clone(),
        Kind::ChineseCategory => numbers(&facts.categories[0]),
        Kind::EnglishCategory => numbers(&facts.categories[1]),
        Kind::JapaneseCategory => numbers(&facts.categories[2]),
        Kind::Level => Vec::new(),
    }
}

fn city(name: &str) -> String {
    name.trim().to_lowercase()
}

/// The open API's word for a language tag; `None` for one that it does not have.
pub(crate) fn language(tag: &str) -> Option<&'static str> {
    let primary = tag.trim().split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    match primary.as_str() {
        "zh" => Some("zh_cn"),
        "en" => Some("en_us"),
        "ja" => Some("ja_jp"),
        _ => None,
    }
}

/// The member of an operand that holds its value.
fn member(kind: Kind, operand: &Map<String, Value>) -> Result<(&'static str, &Value), String> {
    let mut found = kind.members().iter().filter_map(|name| Some((*name, operand.get(*name)?)));
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(only),
        (Some((first, _)), Some((second, _))) => Err(format!("has both {first} and {second}; give one")),
        (None, _) => Err(format!("must have the member {}", kind.members()[0])),
    }
}

fn right(kind: Kind, operand: &Map<String, Value>) -> Result<Right, String> {
    if serde_json::to_string(operand).map_or(usize::MAX, |text| text.len()) > OPERAND_MAX {
        return Err(format!("at most {OPERAND_MAX} bytes of JSON are allowed"));
    }
    if kind == Kind::Level {
        let (name, value) = member(kind, operand)?;
        let number = value.as_i64().or_else(|| value.as_str()?.trim().parse().ok());
        return number.map(Right::Number).ok_or_else(|| format!("{name} must be a whole number"));
    }
    let checked = |value: &String| checked(kind, value);
    values(kind, operand)?.iter().map(checked).collect::<Result<_, _>>().map(Right::Values)
}

/// The values of an operand that holds a list, as given: texts, numbers, or objects with an `id`; one alone may stand
/// without its list.
pub(crate) fn values(kind: Kind, operand: &Map<String, Value>) -> Result<Vec<String>, String> {
    let (name, value) = member(kind, operand)?;
    let items = match value {
        Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    if items.is_empty() || items.len() > VALUES_MAX {
        return Err(format!("{name} must hold 1 to {VALUES_MAX} values"));
    }
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) if number.is_i64() => Some(number.to_string()),
        _ => None,
    };
    let item = |(i, item): (usize, &Value)| {
        let object = item.as_object().and_then(|object| {
            let keys: &[&str] = if kind == Kind::City { &["name", "value", "id"] } else { &["id", "value"] };
            keys.iter().find_map(|key| object.get(*key))
        });
        let value = text(object.unwrap_or(item)).filter(|text| (1..=VALUE_MAX).contains(&text.chars().count()));
        value.ok_or_else(|| {
            format!("{name}[{i}] must be a text of 1 to {VALUE_MAX} characters, or an object with such an id")
        })
    };
    items.iter().enumerate().map(item).collect()
}

/// A value in the form in which it is compared.
fn checked(kind: Kind, value: &str) -> Result<String, String> {
    match kind {
        Kind::City => Ok(city(value)),
        Kind::Source if !matches!(value, "0" | "1") => {
            Err(format!("{value:?} is no source; 0 is the client side, 1 the server side"))
        }
        Kind::Language => match language(value) {
            Some(language) => Ok(language.to_owned()),
            None => Err(format!("{value:?} is no language here; zh_cn, en_us and ja_jp are")),
        },
        kind if kind.is_faq_category() && ids::parse(value).is_none() => {
            Err(format!("{value:?} is no id of a category; ids are decimal digits"))
        }
        _ => Ok(value.to_owned()),
    }
}

/// An example of the operand, as the list of rules shows it.
pub fn example(kind: Kind) -> Map<String, Value> {
    let value = match kind {
        Kind::Level => Value::from(1),
        Kind::City => Value::from(vec!["Berlin"]),
        Kind::Source => Value::from(vec![0]),
        Kind::Language => Value::from(vec!["zh_cn"]),
        Kind::User | Kind::Department | Kind::ChineseCategory | Kind::EnglishCategory | Kind::JapaneseCategory => {
            serde_json::json!([{"id": "", "name": ""}])
        }
    };
    Map::from_iter([(kind.members()[0].to_owned(), value)])
}

#[cfg(test)]
#[path = "rule_tests.rs"]
mod tests;
