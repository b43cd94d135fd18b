//! Answers that an endpoint's page does not list, each with its reason. `docs/compatibility.md` tells users.

use std::collections::BTreeSet;

use super::reference::Reference;

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

/// Failures of a page that no call here can cause.
const NEVER: &[(&str, u16, i64, &str)] = &[
    ("agent.agent_email", 404, 154_004, "the call names nothing that could be missing"),
    ("agent_schedule.list", 400, 154_000, "a wrong status is the gateway's to refuse"),
    ("agent_skill.list", 400, 154_000, "the call has no parameters"),
    ("agent_skill_rule.list", 400, 154_000, "the call has no parameters"),
    ("category.create", 404, 154_004, "a parent that is not there is a bad request: 404 is for what the call is about"),
    ("faq.list", 404, 154_004, "a category that is not there has no FAQs"),
    (
        "notification.create",
        404,
        154_004,
        "a user or chat that is not there is a bad request, and nothing else is named",
    ),
    ("ticket.customized_fields", 404, 154_004, "the call names nothing that could be missing"),
];

/// Rows of pages that no answer met and [`NEVER`] does not excuse, and rows of these tables that nothing needs.
pub fn unmet(reference: &Reference, met: &BTreeSet<(String, u16, i64)>) -> Vec<String> {
    let was_met = |endpoint: &str, http: u16, code: i64| met.contains(&(endpoint.to_owned(), http, code));
    let mut faults = Vec::new();
    for endpoint in &reference.endpoints {
        // Nothing breaks the server on purpose here.
        for row in endpoint.errors.iter().filter(|row| row.code != 155_000 && endpoint.errors_documented) {
            let excused = NEVER.iter().any(|n| (n.0, n.1, n.2) == (endpoint.id.as_str(), row.http, row.code));
            if was_met(&endpoint.id, row.http, row.code) == excused {
                let how = if excused { "is met, so strike it off NEVER" } else { "was never met" };
                faults.push(format!("{}: {} {how}", endpoint.id, row.code));
            }
        }
    }
    for row in TABLE {
        let unmet = row.endpoints.iter().filter(|endpoint| !was_met(endpoint, row.http, row.code));
        faults
            .extend(unmet.map(|endpoint| format!("{endpoint}: {} is never answered, so it is no deviation", row.code)));
    }
    faults
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
