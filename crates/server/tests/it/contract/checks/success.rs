//! Valid calls: the answer has what the reference says, and no more.

use serde_json::{Value, json};
use testkit::server::{APP, DESK, DESK_TOKEN, desk_header};

use crate::contract::probe::Report;
use crate::contract::reference::Endpoint;
use crate::contract::sample::{Given, Sample, slots};
use crate::contract::world::World;

pub async fn check(world: &World, endpoint: &Endpoint, sample: &Sample, report: &mut Report) {
    let mut given = sample.given.clone();
    if let Some(body) = &mut given.body {
        *body = with_extras(endpoint, body);
    }
    // As the Node SDK writes the header; the set-up sends it bare.
    let header = format!("Bearer {}", desk_header(DESK, DESK_TOKEN));
    let call = world.call(endpoint, &given).bearer(world.token(endpoint, APP, sample.operator));
    let answer = call.header("x-lark-helpdesk-authorization", &header).send().await;
    report.succeeded(endpoint, &given, &answer);
    for given in &sample.others {
        let answer = world.send(endpoint, given, sample.operator).await;
        report.succeeded(endpoint, given, &answer);
    }
    if endpoint.is_read() {
        // Node sends an empty object with every GET, Python some parameter more.
        let given = Given { body: Some(json!({})), ..sample.given.clone() };
        let given = if endpoint.body.is_some() { sample.given.clone() } else { given };
        let answer = world.send(endpoint, &given.query("helpdesk_id", DESK), sample.operator).await;
        report.succeeded(endpoint, &sample.given, &answer);
    }
    nulls(world, endpoint, sample, report).await;
}

/// `null` for an optional field is never a wrong type: it is as if the field were left out.
async fn nulls(world: &World, endpoint: &Endpoint, sample: &Sample, report: &mut Report) {
    let (Some(fields), Some(body)) = (&endpoint.body, &sample.given.body) else { return };
    for slot in slots(fields, body).into_iter().filter(|slot| !slot.field.required) {
        let given = Given { body: Some(slot.place.set(body, Some(Value::Null))), ..sample.given.clone() };
        let answer = world.send(endpoint, &given, sample.operator).await;
        report.envelope(endpoint, &format!("null for {}", slot.place), &answer);
        report.check(answer.code() != 9_499, || format!("{}: null for {}: {}", endpoint.id, slot.place, answer.json));
    }
}

/// The body with members that shared SDK models carry, and one that nobody knows: all are ignored.
fn with_extras(endpoint: &Endpoint, body: &Value) -> Value {
    let mut body = body.clone();
    for path in &endpoint.sdk_extra_fields.body {
        let (above, name) = path.rsplit_once('.').unwrap_or(("", path));
        let holders = if above.is_empty() { vec![&mut body] } else { below(&mut body, above) };
        for holder in holders.into_iter().filter_map(Value::as_object_mut) {
            holder.entry(name).or_insert_with(|| plausible(name));
        }
    }
    body["no_such_member"] = json!({"ignored": [true, null]});
    body
}

/// The values at a path without indexes; all items of arrays.
fn below<'v>(value: &'v mut Value, path: &str) -> Vec<&'v mut Value> {
    let mut found = vec![value];
    for name in path.split('.') {
        let members = found.into_iter().filter_map(|value| value.get_mut(name));
        found = members
            .flat_map(|value| match value {
                Value::Array(items) => items.iter_mut().collect(),
                other => vec![other],
            })
            .collect();
    }
    found
}

/// A value of the type that a member of this name has elsewhere in the reference.
fn plausible(name: &str) -> Value {
    match name {
        "is_default" | "editable" | "required" | "dropdown_allow_multiple" => json!(false),
        "position" | "category" => json!(1),
        "agents" | "operator_options" => json!([]),
        "created_by" | "updated_by" => json!({"name": "x"}),
        "created_at" | "updated_at" => json!("1"),
        "helpdesk_id" => json!(DESK),
        _ => json!("x"),
    }
}
