//! Missing fields, `null` for them, wrong JSON types, options and limits.

use serde_json::{Value, json};

use crate::contract::deviations;
use crate::contract::probe::Report;
use crate::contract::reference::{Endpoint, Field, Kind};
use crate::contract::sample::{At, FIELD, Given, INVALID, Sample, Slot, slots};
use crate::contract::world::World;

const NOT_JSON: (u16, i64) = (400, 9_499);

pub async fn query(world: &World, endpoint: &Endpoint, sample: &Sample, report: &mut Report) {
    for parameter in &endpoint.query {
        let (name, field) = (parameter.name.as_str(), &parameter.field);
        if field.required {
            let mut given = sample.given.clone();
            given.query.retain(|(other, _)| other != name);
            let answer = world.send(endpoint, &given, sample.operator).await;
            report.refused_for(endpoint, (&format!("query without {name}"), name), &answer, &[FIELD]);
        }
        if field.kind == Kind::String {
            let given = sample.given.with_query(name, "a\0b");
            let answer = world.send(endpoint, &given, sample.operator).await;
            report.refused_for(endpoint, (&format!("query {name} with a NUL character"), name), &answer, &[FIELD]);
        }
        for value in wrong_parameters(name, field) {
            let given = sample.given.with_query(name, &value);
            let answer = world.send(endpoint, &given, sample.operator).await;
            report.refused_for(endpoint, (&format!("query {name}={value}"), name), &answer, &[FIELD, INVALID]);
            let exact = [FIELD].contains(&(answer.status, answer.code())) || field.min == Some(0);
            report.check(exact, || format!("{}: {name}={value} is the gateway's to refuse", endpoint.id));
        }
    }
}

/// Values of a parameter that cannot be read or are out of range.
fn wrong_parameters(name: &str, field: &Field) -> Vec<String> {
    let mut wrong = Vec::new();
    match &field.kind {
        Kind::Int => wrong.extend(["x", "1.5", "99999999999999999999"]),
        Kind::Bool => wrong.push("maybe"),
        Kind::Array(item) if **item == Kind::Int => wrong.push("x"),
        _ => {}
    }
    let mut wrong: Vec<String> = wrong.into_iter().map(str::to_owned).collect();
    if !field.options.is_empty() {
        wrong.push(if field.options[0].is_string() { "nonsense" } else { "99" }.to_owned());
    }
    wrong.extend(field.max.map(|max| (max + 1).to_string()));
    wrong.extend(field.min.map(|min| (min - 1).to_string()));
    if name == "page_size" {
        wrong.extend(["0".to_owned(), "-1".to_owned()]);
    }
    wrong
}

pub async fn body(world: &World, endpoint: &Endpoint, sample: &Sample, report: &mut Report) {
    let (Some(fields), Some(body)) = (&endpoint.body, &sample.given.body) else { return };
    let ask = Ask { world, endpoint, sample };
    for slot in slots(fields, body) {
        let plain = slot.place.plain();
        let ignored = sample.ignored.iter().any(|name| plain == *name || plain.starts_with(&format!("{name}.")));
        if ignored {
            continue;
        }
        report.check(slot.filled, || format!("{}: the sample leaves out {}", endpoint.id, slot.place));
        ask.about(&slot, body, report).await;
    }
    ask.not_an_object(report).await;
}

struct Ask<'a> {
    world: &'a World,
    endpoint: &'a Endpoint,
    sample: &'a Sample,
}

impl Ask<'_> {
    async fn about(&self, slot: &Slot<'_>, body: &Value, report: &mut Report) {
        let (place, field) = (&slot.place, slot.field);
        let name = place.to_string();
        if field.required || field.effectively_required {
            // What only the text calls required is the service's to miss.
            let codes: &[(u16, i64)] = if field.required { &[FIELD] } else { &[FIELD, INVALID] };
            self.refused(place.set(body, None), (&format!("body without {name}"), &name), codes, report).await;
            let null = place.set(body, Some(Value::Null));
            self.refused(null, (&format!("null for {name}"), &name), codes, report).await;
        }
        for value in wrong_types(field) {
            let codes = deviations::wrong_type(&self.endpoint.id, &place.plain()).unwrap_or(NOT_JSON);
            let wrong = place.set(body, Some(value.clone()));
            self.refused(wrong, (&format!("{name}: {value}"), &name), &[codes], report).await;
        }
        if let Kind::Array(item) = &field.kind {
            let value = if **item == Kind::String { json!(7) } else { json!("x") };
            let wrong = place.set(body, Some(json!([value])));
            let name = place.item(0).to_string();
            self.refused(wrong, (&format!("{name}: {value}"), &name), &[NOT_JSON], report).await;
        }
        if !field.options.is_empty() {
            let value = if field.options[0].is_string() { json!("nonsense") } else { json!(99) };
            let wrong = place.set(body, Some(value.clone()));
            // An agent's wrong status has a code of its own.
            let codes: &[(u16, i64)] =
                if self.endpoint.id == "agent.patch" { &[(400, 150_001)] } else { &[FIELD, INVALID] };
            self.refused(wrong, (&format!("{name}: {value}"), &name), codes, report).await;
        }
        if let Some(max) = field.max_len {
            let wrong = place.set(body, Some(json!("字".repeat(max + 1))));
            self.refused(wrong, (&format!("{name}: {} characters", max + 1), &name), &[INVALID, FIELD], report).await;
        }
        if field.kind == Kind::String && slot.filled {
            // PostgreSQL cannot store it, so it must not come so far.
            let wrong = place.set(body, Some(json!("a\0b")));
            self.refused(wrong, (&format!("{name}: a NUL character"), &name), &[INVALID], report).await;
        }
    }

    async fn refused(&self, body: Value, what: (&str, &str), codes: &[(u16, i64)], report: &mut Report) {
        let given = Given { body: Some(body), ..self.sample.given.clone() };
        let answer = self.world.send(self.endpoint, &given, self.sample.operator).await;
        report.refused_for(self.endpoint, what, &answer, codes);
    }

    async fn not_an_object(&self, report: &mut Report) {
        for text in ["[]", "7", "{", "{} {}", "{\"a\":}", "\u{feff}{}"] {
            let given = Given { body: None, ..self.sample.given.clone() };
            let call = self.world.call(self.endpoint, &given).raw(text);
            let call = call.bearer(self.world.token(self.endpoint, testkit::server::APP, self.sample.operator));
            let header = testkit::server::desk_header(testkit::server::DESK, testkit::server::DESK_TOKEN);
            let answer = call.header("x-lark-helpdesk-authorization", &header).send().await;
            report.refused(self.endpoint, &format!("the body {text}"), &answer, &[NOT_JSON]);
        }
    }
}

/// Values of another JSON type.
fn wrong_types(field: &Field) -> Vec<Value> {
    if field.also_accept.is_some() {
        return vec![json!(7), json!(true)];
    }
    match &field.kind {
        Kind::String => vec![json!(7), json!({}), json!([])],
        Kind::Int => vec![json!("1"), json!(1.5), json!(true), json!({})],
        Kind::Float => vec![json!("0.5"), json!({})],
        Kind::Bool => vec![json!("true"), json!(1)],
        Kind::StringOrObject => vec![json!(7), json!([])],
        Kind::Object | Kind::Map | Kind::Same => vec![json!("x"), json!([]), json!(7)],
        Kind::Array(_) => vec![json!("x"), json!({}), json!(7)],
    }
}

/// As [`At`], for messages.
impl std::fmt::Display for At {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self::Query(name) | Self::Body(name)) = self;
        f.write_str(name)
    }
}
