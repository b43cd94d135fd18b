//! Answers that an endpoint's page does not list, each with its reason. `docs/compatibility.md` tells users.

use std::collections::BTreeSet;

/// A code of some endpoints beside those on their pages.
struct Row {
    http: u16,
    code: i64,
    endpoints: &'static [&'static str],
    reason: &'static str,
}

const TABLE: &[Row] = &[
    Row {
        http: 403,
        code: 154_003,
        endpoints: &["agent.patch", "faq.create", "faq.delete"],
        reason: "the code means just this: the operator lacks the role, or the app is a store app",
    },
    Row {
        http: 403,
        code: 154_003,
        endpoints: &[
            "agent.agent_email",
            "category.get",
            "category.list",
            "faq.get",
            "faq.list",
            "faq.search",
            "ticket.customized_fields",
            "ticket.get",
            "ticket.list",
        ],
        reason: "a store app on an endpoint for custom apps",
    },
    Row {
        http: 400,
        code: 154_000,
        endpoints: &["faq.list"],
        reason: "a page token or category id that is no number cannot be said to be missing",
    },
    Row {
        http: 400,
        code: 154_000,
        endpoints: &["agent.patch"],
        reason: "the page's only code is for a wrong status; an id that names no agent is a bad request, as on the pages of schedules",
    },
];

/// Why this endpoint answers with a code that is not on its page.
pub fn reason(endpoint: &str, (http, code): (u16, i64)) -> Option<&'static str> {
    let row = TABLE.iter().find(|row| (row.http, row.code) == (http, code) && row.endpoints.contains(&endpoint));
    row.map(|row| row.reason)
}

/// Rows that no answer needed: they are to be struck off.
pub fn unmet(met: &BTreeSet<(String, i64)>) -> Vec<String> {
    let rows = TABLE.iter().flat_map(|row| row.endpoints.iter().map(move |endpoint| (*endpoint, row.code)));
    let unmet = rows.filter(|(endpoint, code)| !met.contains(&((*endpoint).to_owned(), *code)));
    unmet.map(|(endpoint, code)| format!("{endpoint} never answers {code}, so it is no deviation")).collect()
}

/// Fields that take any JSON type, because another code than 9499 is documented for a wrong one.
const ANY_TYPE: &[(&str, &str, (u16, i64))] = &[
    // A score that is no number is a bad score: 154000, as for one out of range.
    ("ticket.answer_user_query", "faqs.score", (400, 154_000)),
];

/// The code of a wrong JSON type, where it is not 9499.
pub fn wrong_type(endpoint: &str, field: &str) -> Option<(u16, i64)> {
    ANY_TYPE.iter().find(|row| (row.0, row.1) == (endpoint, field)).map(|row| row.2)
}
