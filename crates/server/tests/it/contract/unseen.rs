//! Documented fields that no answer holds, each with its reason.

use std::collections::BTreeSet;

use super::probe::Report;
use super::reference::Reference;
use super::shape;

/// Endings of `endpoint field`, and why it is never there.
const TABLE: &[(&str, &str)] = &[
    ("avatar_url", "people have no pictures here"),
    ("department", "departments have ids here, but no names"),
    ("expire_time", "FAQs do not expire"),
    ("dissatisfaction_reason.ja_jp", "a guest writes one reason, which is shown in Chinese and English"),
];

/// Fields that no answer held and no row excuses, and rows that excuse nothing.
pub fn faults(reference: &Reference, report: &Report) -> Vec<String> {
    let unseen = unseen(reference, report);
    let unexcused = unseen.iter().filter(|name| row(name).is_none());
    let mut faults: Vec<String> = unexcused.map(|name| format!("no answer ever held {name}")).collect();
    let needed: BTreeSet<&str> = unseen.iter().filter_map(|name| row(name)).collect();
    let stale = TABLE.iter().filter(|(ending, _)| !needed.contains(ending));
    faults.extend(stale.map(|(ending, _)| format!("every {ending} is in some answer; strike it off")));
    faults
}

fn row(name: &str) -> Option<&'static str> {
    TABLE.iter().find(|(ending, _)| name.ends_with(ending)).map(|(ending, _)| *ending)
}

fn unseen(reference: &Reference, report: &Report) -> Vec<String> {
    let mut names = Vec::new();
    for endpoint in &reference.endpoints {
        let mut paths = BTreeSet::new();
        if let Some(fields) = &endpoint.response_data {
            shape::paths(fields, "", &mut paths);
        }
        names.extend(paths.into_iter().map(|path| format!("{} {path}", endpoint.id)));
    }
    names.retain(|name| !report.seen.contains(name));
    names
}
