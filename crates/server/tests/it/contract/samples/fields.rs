//! Customized fields of tickets and users.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::server::{DESK, OTHER_DESK, OWNER};

use crate::contract::sample::{At, INVALID, Sample};
use crate::contract::world::{World, text};

/// A drop-down of three levels.
fn options() -> Value {
    json!({"children": [{"tag": "north", "display_name": "North", "children": [
        {"tag": "n1", "display_name": "Floor 1", "children": [{"tag": "n11", "display_name": "Room 11"}]}]}]})
}

/// Below the last level.
const LEAF: &str = "dropdown_options.children[0].children[0].children[0].children";

fn dropdown(key_name: &str) -> Value {
    json!({"key_name": key_name, "display_name": "Kind", "position": "6", "field_type": "dropdown",
           "description": "Kind", "visible": true, "required": true, "dropdown_allow_multiple": true,
           "dropdown_options": {"children": [{"tag": "a", "display_name": "A"}]}})
}

fn field(key_name: &str, position: &str) -> Value {
    json!({"helpdesk_id": DESK, "key_name": key_name, "display_name": "Where", "position": position,
           "field_type": "dropdown_nested", "description": "Where it is", "visible": true, "required": false,
           "editable": true, "dropdown_options": options(), "dropdown_allow_multiple": false})
}

/// Makes a field and answers its id, which only the list tells.
pub async fn make(world: &World, body: Value) -> String {
    let key_name = body["key_name"].clone();
    world.user(OWNER, Method::POST, "/ticket_customized_fields", body).await;
    let list = world.tenant(Method::GET, "/ticket_customized_fields?page_size=100", json!({})).await;
    let found = list["items"].as_array().and_then(|items| items.iter().find(|item| item["key_name"] == key_name));
    text(&found.expect("the field that was made")["ticket_customized_field_id"])
}

pub async fn samples(world: &World) -> Vec<Sample> {
    let (kept, patched, deleted) = (
        make(world, field("place", "1")).await,
        make(world, field("corner", "2")).await,
        make(world, field("gone", "3")).await,
    );
    let plain = json!({"key_name": "device", "display_name": "Device", "position": "5", "field_type": "string",
                       "description": "", "visible": false, "required": true});
    let list = make(world, dropdown("list")).await;
    let deep = json!([{"tag": "n111", "display_name": "Desk 111"}]);
    vec![
        Sample::new("ticket_customized_field.create")
            .body(field("building", "4"))
            .wrong(At::Body("helpdesk_id"), OTHER_DESK, &[INVALID])
            .wrong(At::Body("key_name"), "", &[INVALID])
            .wrong(At::Body("key_name"), "place", &[INVALID])
            .wrong(At::Body("display_name"), "", &[INVALID])
            .wrong(At::Body("position"), "first", &[INVALID])
            .wrong(At::Body("position"), "-1", &[INVALID])
            .and(|given| given.body(plain))
            .wrong(At::Body(LEAF), deep, &[INVALID])
            .conflict(At::Body("dropdown_options.children[0].tag"), "n11", &[INVALID])
            .wrong(At::Body("dropdown_options.children[0].display_name"), "", &[INVALID])
            .wrong(At::Body("dropdown_options"), Value::Null, &[INVALID])
            .and(|given| given.body(dropdown("kind"))),
        Sample::new("ticket_customized_field.get").path("ticket_customized_field_id", kept),
        Sample::new("ticket_customized_field.get").path("ticket_customized_field_id", list),
        Sample::new("ticket_customized_field.list")
            .query("page_size", 100)
            .body(json!({"visible": true}))
            .wrong(At::Query("page_token"), "nonsense", &[INVALID])
            .and(|given| given.query("page_size", 1).body(json!({})))
            .and(|given| given)
            .and(|given| given.body(json!({"visible": false}))),
        Sample::new("ticket_customized_field.patch")
            .path("ticket_customized_field_id", patched)
            .body(json!({"display_name": "Corner", "position": "9", "description": "Which corner", "visible": true,
                         "required": true, "dropdown_options": options()}))
            .wrong(At::Body("display_name"), "", &[INVALID])
            .wrong(At::Body("position"), "last", &[INVALID])
            .and(|given| given.body(json!({"visible": false}))),
        Sample::new("ticket_customized_field.delete").path("ticket_customized_field_id", deleted),
        Sample::new("ticket.customized_fields").query("visible_only", "True").and(|given| given),
    ]
}
