//! Sends calls, judges answers and keeps what was found, so that one run tells everything that is wrong.

use std::collections::BTreeSet;

use serde_json::Value;
use testkit::Answer;

use super::deviations;
use super::reference::Endpoint;
use super::sample::Given;
use super::shape;

/// What a group of checks found.
#[derive(Debug, Default)]
pub struct Report {
    /// Endpoints that were called.
    pub endpoints: BTreeSet<String>,
    /// How many checks were made.
    pub checks: usize,
    /// What does not hold.
    pub faults: Vec<String>,
    /// `endpoint field` for each documented field that an answer held.
    pub seen: BTreeSet<String>,
    /// Failures that were met: endpoint, HTTP status, code.
    pub met: BTreeSet<(String, u16, i64)>,
}

impl Report {
    pub fn add(&mut self, other: Self) {
        self.endpoints.extend(other.endpoints);
        self.checks += other.checks;
        self.faults.extend(other.faults);
        self.seen.extend(other.seen);
        self.met.extend(other.met);
    }

    /// Counts a check; keeps what `why` says if it does not hold.
    pub fn check(&mut self, holds: bool, why: impl FnOnce() -> String) {
        self.checks += 1;
        if !holds {
            self.faults.push(why());
        }
    }

    /// A failure with one of these codes.
    pub fn refused(&mut self, endpoint: &Endpoint, what: &str, answer: &Answer, codes: &[(u16, i64)]) {
        let pair = (answer.status, answer.code());
        self.check(codes.contains(&pair), || {
            format!("{}: {what}: {pair:?} instead of {codes:?}: {}", endpoint.id, answer.json)
        });
        self.envelope(endpoint, what, answer);
    }

    /// What every failure has: a documented code, the log id twice, a message.
    pub fn envelope(&mut self, endpoint: &Endpoint, what: &str, answer: &Answer) {
        let pair = (answer.status, answer.code());
        if pair == (200, 0) {
            return;
        }
        self.met.insert((endpoint.id.clone(), pair.0, pair.1));
        let deviation = deviations::reason(&endpoint.id, pair);
        let row = endpoint.row(pair.0, pair.1);
        let same = row.is_none_or(|row| answer.json["msg"] == row.msg.as_str());
        self.check(same, || format!("{}: {what}: msg is {}", endpoint.id, answer.json["msg"]));
        let documented = row.is_some() || gateway(pair) || deviation.is_some();
        self.check(documented, || format!("{}: {what}: {pair:?} is not on the endpoint's page", endpoint.id));
        let header = answer.headers.get("x-tt-logid").and_then(|id| id.to_str().ok());
        let error = &answer.json["error"];
        let same = header.is_some() && error["log_id"].as_str() == header;
        self.check(same, || format!("{}: {what}: the log id is {} and {header:?}", endpoint.id, error["log_id"]));
        let told = error["message"].as_str().is_some_and(|message| !message.is_empty());
        self.check(told, || format!("{}: {what}: nothing says what is wrong: {}", endpoint.id, answer.json));
        self.json_type(endpoint, what, answer);
    }

    /// A failure with one of these codes that names this field.
    pub fn refused_for(
        &mut self,
        endpoint: &Endpoint,
        (what, field): (&str, &str),
        answer: &Answer,
        codes: &[(u16, i64)],
    ) {
        self.refused(endpoint, what, answer, codes);
        let error = &answer.json["error"];
        let violated = error["field_violations"][0]["field"] == field;
        let named = violated || error["message"].as_str().is_some_and(|message| message.contains(field));
        // That an id names nothing is told with the id.
        let named = named || answer.status == 404;
        self.check(named, || format!("{}: {what}: {field} is not named: {error}", endpoint.id));
    }

    /// A success whose data the reference describes.
    pub fn succeeded(&mut self, endpoint: &Endpoint, given: &Given, answer: &Answer) {
        let id = &endpoint.id;
        if endpoint.binary_response {
            return self.is_file(endpoint, answer);
        }
        let success = answer.status == 200 && answer.code() == 0 && answer.json["msg"] == "success";
        self.check(success, || format!("{id}: a valid call answers {}: {} {given:?}", answer.status, answer.json));
        if !success {
            return;
        }
        self.json_type(endpoint, "success", answer);
        let logged = answer.headers.contains_key("x-tt-logid");
        self.check(logged, || format!("{id}: no X-Tt-Logid"));
        let data = &answer.json["data"];
        let Some(fields) = &endpoint.response_data else {
            let empty = data.is_null() || data.as_object().is_some_and(serde_json::Map::is_empty);
            return self.check(empty, || format!("{id}: no data is documented, but there is {data}"));
        };
        let findings = shape::object(fields, data, &endpoint.sdk_extra_fields.response);
        self.checks += findings.checks;
        self.faults.extend(findings.faults.into_iter().map(|fault| format!("{id}: {fault}")));
        self.seen.extend(findings.seen.into_iter().map(|path| format!("{id} {path}")));
    }

    fn is_file(&mut self, endpoint: &Endpoint, answer: &Answer) {
        let header = |name: &str| answer.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let (kind, disposition) = (header("content-type"), header("content-disposition"));
        let file = answer.status == 200 && kind.starts_with("image/") && !answer.body.is_empty();
        self.check(file, || format!("{}: no file but {} {kind}: {}", endpoint.id, answer.status, answer.json));
        self.check(disposition.contains("filename"), || format!("{}: no file name: {disposition}", endpoint.id));
        self.check(answer.headers.contains_key("x-tt-logid"), || format!("{}: no X-Tt-Logid", endpoint.id));
    }

    fn json_type(&mut self, endpoint: &Endpoint, what: &str, answer: &Answer) {
        let kind = answer.headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let json = kind.starts_with("application/json") && answer.json != Value::Null;
        self.check(json, || format!("{}: {what}: content type {kind}", endpoint.id));
    }
}

/// Codes of the gateway, which are on no page.
fn gateway((http, code): (u16, i64)) -> bool {
    let listed = wire::Code::ALL.iter().any(|row| (row.http, row.number) == (http, code));
    listed && (code == 9_499 || (99_991_000..99_993_000).contains(&code) || code == 154_001)
}
