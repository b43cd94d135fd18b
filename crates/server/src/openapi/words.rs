//! Facts of an operation in words.

use serde_json::{Value, json};

use super::operation::{Access, Operation};
use crate::api::Token;
use crate::limits::{Meter, Rate};

/// The first sentence of what an operation does.
pub fn headline(summary: &str) -> &str {
    summary.split_once(". ").map_or(summary, |(first, _)| first).trim_end_matches('.')
}

/// Who may call it, how often: name and text.
pub fn conditions(operation: &Operation) -> Vec<(&'static str, String)> {
    let mut facts = vec![("Access", access(operation.access).to_owned())];
    if !operation.scopes.is_empty() {
        let scopes: Vec<String> = operation.scopes.iter().map(|scope| format!("`{scope}`")).collect();
        let one_of = if scopes.len() > 1 { "one of " } else { "" };
        facts.push(("Scope", format!("{one_of}{}", scopes.join(", "))));
    }
    if let Access::Token(_) = operation.access {
        let kinds = if operation.store_apps { "custom and store apps" } else { "custom apps" };
        facts.push(("Apps", kinds.to_owned()));
    }
    if let Some(rate) = operation.rate {
        facts.push(("Limit", format!("{}, counted for each app", limit(rate))));
    }
    facts
}

/// Who may call.
fn access(access: Access) -> &'static str {
    match access {
        Access::Open => "no token",
        Access::Token(Token::Tenant) => "tenant access token (`t-…`) and help desk header",
        Access::Token(Token::User) => "user access token (`u-…`) and help desk header",
        Access::Guest => "session token of a guest",
        Access::Staff => "session of somebody who is signed in, by bearer token or cookie",
    }
}

fn limit(rate: Rate) -> String {
    let meters: Vec<String> = rate
        .meters()
        .iter()
        .map(|meter| {
            let (calls, period) = calls_in(*meter);
            format!(
                "{calls} {} {}",
                if calls == 1 { "call" } else { "calls" },
                if period == 1 { "a second" } else { "a minute" }
            )
        })
        .collect();
    meters.join(" and ")
}

/// The limits for programs.
pub fn limits(rate: Rate) -> Value {
    let meter = |meter: &Meter| {
        let (calls, period_s) = calls_in(*meter);
        json!({"calls": calls, "period_s": period_s})
    };
    rate.meters().iter().map(meter).collect()
}

/// How many calls in how many seconds.
fn calls_in(meter: Meter) -> (u32, u32) {
    match meter {
        Meter::PerSecond(calls) => (calls.get(), 1),
        Meter::PerMinute(calls) => (calls.get(), 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_read_as_people_say_them() {
        assert_eq!(limit(Rate::Tier4), "50 calls a second and 1000 calls a minute");
        assert_eq!(limit(Rate::Tier5), "1 call a second");
        assert_eq!(limits(Rate::Tier1), json!([{"calls": 10, "period_s": 60}]));
        assert_eq!(headline("Make a FAQ. It is online."), "Make a FAQ");
        assert_eq!(headline("Read a ticket."), "Read a ticket");
    }
}
