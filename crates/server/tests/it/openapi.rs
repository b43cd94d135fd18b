//! The `OpenAPI` document and the page made from it.

use std::collections::BTreeSet;
use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};
use server::api::Token;
use testkit::server::{AGENT, APP};
use testkit::{TestServer, on_both};

fn kept(path: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// An operation with its place.
struct Operation<'d> {
    path: &'d str,
    method: &'d str,
    id: &'d str,
    told: &'d Value,
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    let mut all = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, told) in methods.as_object().unwrap() {
            all.push(Operation { path, method, id: told["operationId"].as_str().unwrap(), told });
        }
    }
    all
}

/// Calls `look` with each value in the document and where it stands.
fn walk<'d>(value: &'d Value, place: &str, look: &mut impl FnMut(&str, &'d Value)) {
    look(place, value);
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(key, member)| walk(member, &format!("{place}/{key}"), look));
        }
        Value::Array(items) => items.iter().enumerate().for_each(|(i, item)| walk(item, &format!("{place}/{i}"), look)),
        _ => {}
    }
}

/// What a reference leads to; anything else is itself.
fn resolved<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    schema["$ref"].as_str().map_or(schema, |path| document.pointer(&path[1..]).unwrap())
}

/// The members of an object, an optional one, or the items of an array.
fn members<'d>(document: &'d Value, schema: &'d Value) -> Vec<(&'d str, &'d Value)> {
    let schema = resolved(document, schema);
    let choices = schema["anyOf"].as_array().into_iter().flatten();
    let inner = choices.chain(schema.get("items")).flat_map(|schema| members(document, schema));
    let own = schema["properties"].as_object().into_iter().flatten().map(|(name, member)| (name.as_str(), member));
    own.chain(inner).collect()
}

#[test]
fn the_kept_document_is_the_one_that_is_served() {
    assert!(server::openapi::document() == kept("../../docs/openapi.json"), "run `make docs`");
}

#[test]
fn every_reference_leads_somewhere_and_every_name_is_one() {
    let document = server::openapi::document();
    let mut used = BTreeSet::new();
    walk(&document, "", &mut |place, value| {
        let Some(path) = value.get("$ref").and_then(Value::as_str) else { return };
        assert!(document.pointer(&path[1..]).is_some(), "{place} leads to {path}");
        used.insert(path.to_owned());
    });
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(used.contains(&format!("#/components/schemas/{name}")), "nothing refers to {name}");
        assert!(
            !name.ends_with(|c: char| c.is_ascii_digit()) || name == "I18n",
            "{name} is told apart by a number alone"
        );
    }
    let operations = operations(&document);
    let ids: BTreeSet<&str> = operations.iter().map(|operation| operation.id).collect();
    assert_eq!(ids.len(), operations.len());
    for Operation { path, id, told, .. } in &operations {
        let in_path = told["parameters"].as_array().into_iter().flatten().filter(|p| p["in"] == "path");
        let declared: BTreeSet<&str> = in_path.map(|p| p["name"].as_str().unwrap()).collect();
        let named = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        assert_eq!(declared, named, "{id}");
        assert!(told["summary"].as_str().is_some_and(|text| !text.is_empty()), "{id}");
    }
}

#[test]
fn every_field_and_parameter_is_described() {
    let document = server::openapi::document();
    let mut silent = Vec::new();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        for (field, member) in schema["properties"].as_object().into_iter().flatten() {
            if member["description"].as_str().is_none_or(str::is_empty) {
                silent.push(format!("{name}.{field}"));
            }
        }
    }
    for Operation { id, told, .. } in operations(&document) {
        let parameters = told["parameters"].as_array().into_iter().flatten();
        silent.extend(parameters.filter(|p| p["description"].is_null()).map(|p| format!("{id} {}", p["name"])));
    }
    assert!(silent.is_empty(), "{silent:?}");
}

#[test]
fn an_operation_tells_what_its_endpoint_is() {
    let document = server::openapi::document();
    let operations = operations(&document);
    for info in server::router::endpoints() {
        let found = operations.iter().find(|operation| operation.id == info.id).unwrap();
        assert_eq!((found.path, found.method.to_uppercase().as_str()), (info.path, info.method.as_str()));
        let scheme = if info.token == Token::Tenant { "tenantToken" } else { "userToken" };
        assert_eq!(found.told["security"], json!([{"helpdeskToken": [], scheme: []}]));
        assert_eq!(found.told["x-scopes"], json!(info.scopes));
        for code in info.errors {
            let failure = resolved(&document, &found.told["responses"][code.http.to_string()]);
            let numbers = &failure["content"]["application/json"]["schema"]["allOf"][1]["properties"]["code"]["enum"];
            assert!(numbers.as_array().unwrap().contains(&json!(code.number)), "{}: {code:?}", info.id);
            assert!(failure["description"].as_str().unwrap().contains(code.meaning()), "{}: {code:?}", info.id);
        }
        for status in ["200", "400", "401", "429", "500", "503"] {
            assert!(found.told["responses"].get(status).is_some(), "{}: {status}", info.id);
        }
    }
}

/// Members that only the server assigns; SDKs send them because their models are shared, and they are ignored.
const ASSIGNED: [&str; 10] = [
    "body.create_user",
    "body.created_at",
    "body.id",
    "body.read_user_count",
    "body.send_at",
    "body.sent_user_count",
    "body.status",
    "body.target_user_count",
    "body.update_user",
    "body.updated_at",
];

/// Whether a call ignores this member of its body.
fn is_ignored(id: &str, member: &str) -> bool {
    match id {
        "notification.create" | "notification.patch" => ASSIGNED.contains(&member),
        "agent_skill.patch" => member == "body.agent_skill.rules.operator_options",
        _ => false,
    }
}

#[test]
fn the_document_has_what_the_reference_has() {
    let document = server::openapi::document();
    let operations = operations(&document);
    let reference = kept("testdata/helpdesk-v1.json");
    let mut missing = Vec::new();
    for endpoint in reference["endpoints"].as_array().unwrap() {
        let id = endpoint["id"].as_str().unwrap();
        let Some(found) = operations.iter().find(|operation| operation.id == id) else { continue };
        let mut miss = |what: String| missing.push(format!("{id}: {what}"));
        let parameters = found.told["parameters"].as_array().cloned().unwrap_or_default();
        for (group, place) in [("path_params", "path"), ("query", "query")] {
            for wanted in endpoint[group].as_array().unwrap() {
                let name = &wanted["name"];
                match parameters.iter().find(|p| p["in"] == place && p["name"] == *name) {
                    None => miss(format!("{place} parameter {name}")),
                    Some(given) => faults(wanted, given).into_iter().for_each(&mut miss),
                }
            }
        }
        let body = &found.told["requestBody"]["content"]["application/json"]["schema"];
        let data = &found.told["responses"]["200"]["content"]["application/json"]["schema"]["properties"]["data"];
        let mut unless_ignored = |what: String| {
            if !is_ignored(id, &what) {
                miss(what);
            }
        };
        absent(&document, &endpoint["body"], body, "body", &mut unless_ignored);
        absent(&document, &endpoint["response_data"], data, "data", &mut miss);
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// What the reference says of a parameter and the document does not.
fn faults(wanted: &Value, given: &Value) -> Vec<String> {
    let schema = &given["schema"];
    let mut faults = Vec::new();
    let mut check = |key: &str, found: &Value| {
        if !wanted[key].is_null()
            && wanted[key].as_f64().is_none_or(|n| Some(n) != found.as_f64())
            && wanted[key] != *found
        {
            faults.push(format!("{}: {key} is {} and not {found}", wanted["name"], wanted[key]));
        }
    };
    check("required", &given["required"]);
    check("enum", schema.get("enum").unwrap_or(&schema["items"]["enum"]));
    check("max", &schema["maximum"]);
    check("min", &schema["minimum"]);
    faults
}

/// Fields of the reference that the document lacks.
fn absent(document: &Value, wanted: &Value, schema: &Value, place: &str, miss: &mut impl FnMut(String)) {
    let members = members(document, schema);
    for (name, field) in wanted.as_object().into_iter().flatten() {
        if field["sdk_only"] == true || field["docs_only"] == "never" {
            continue;
        }
        match members.iter().find(|(known, _)| known == name) {
            None => miss(format!("{place}.{name}")),
            Some((_, member)) => absent(document, &field["fields"], member, &format!("{place}.{name}"), miss),
        }
    }
}

on_both! {
    async fn every_limit_of_a_query_is_enforced(database) {
        let server = TestServer::start(database).await;
        let document = server.call(Method::GET, "/openapi.json").send().await.json;
        assert!(document == kept("../../docs/openapi.json"));
        let (tenant, agent) = (server.tenant_token(APP), server.user_token(AGENT).await);
        let guest = server.guest().await;
        let ticket = guest.say("hello").await["ticket_id"].as_str().unwrap().to_owned();
        let mut checked = 0;
        for operation in operations(&document) {
            let Some(path) = operation.path.strip_prefix("/open-apis/helpdesk/v1") else { continue };
            // What has a body tells of the body first; the contract test sends whole calls.
            if operation.method != "get" {
                continue;
            }
            let path = path.split('/').map(|part| if part.starts_with('{') { ticket.as_str() } else { part });
            let path = path.collect::<Vec<_>>().join("/");
            let parameters = operation.told["parameters"].as_array().cloned().unwrap_or_default();
            let query: Vec<&Value> = parameters.iter().filter(|p| p["in"] == "query").collect();
            for parameter in &query {
                for bad in violations(&parameter["schema"]) {
                    // The other required ones are right.
                    let others = query.iter().filter(|p| p["required"] == true && p["name"] != parameter["name"]);
                    let others: Vec<String> = others.map(|p| format!("&{}=1", p["name"].as_str().unwrap())).collect();
                    let others = others.concat();
                    let name = parameter["name"].as_str().unwrap();
                    let token = if operation.told["x-token"] == "tenant" { &tenant } else { &agent };
                    let call = server.open_api_as(token, Method::GET, &format!("{path}?{name}={bad}{others}"));
                    let answer = call.send().await;
                    assert_eq!(answer.status, 400, "{}: {name}={bad}: {}", operation.id, answer.json);
                    assert!(answer.json["error"].to_string().contains(name), "{}: {}", operation.id, answer.json);
                    checked += 1;
                }
            }
        }
        assert!(checked > 20, "{checked}");
    }

    async fn the_reference_is_a_page_without_scripts(database) {
        let server = TestServer::start(database).await;
        let answer = server.call(Method::GET, "/docs").send().await;
        assert_eq!(answer.status, 200);
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        let page = String::from_utf8(answer.body).unwrap();
        for absent in ["<style", " style=", " onclick", "{{", "https://"] {
            assert!(!page.contains(absent), "{absent}");
        }
        // The one script is a file of this server.
        assert_eq!((page.matches("<script").count(), page.matches("<script src=\"/assets/").count()), (1, 1));
        let document = server.call(Method::GET, "/openapi.json").send().await;
        assert_eq!(document.headers["content-type"], "application/json; charset=utf-8");
        for operation in operations(&document.json) {
            assert!(page.contains(&format!("<article id=\"{}\">", operation.id)), "{}", operation.id);
        }
        let example = format!("curl \"{}\"", server.url("/open-apis/helpdesk/v1/events/subscribe"));
        assert!(page.contains(&example), "{example}");
        for part in ["faqs[].<wbr>score", "0 to 1", "at most 50 items", "154401", "one of 1, 2, 3, 4, 5, 50, 51, 52"] {
            assert!(page.contains(part), "{part}");
        }
        for asset in ["docs.css", "docs.js"] {
            assert_eq!(server.call(Method::GET, &format!("/assets/{asset}")).send().await.status, 200);
        }
    }
}

/// Values outside of a schema's range, options or pattern.
fn violations(schema: &Value) -> Vec<String> {
    let mut bad = Vec::new();
    bad.extend(schema["minimum"].as_i64().map(|min| (min - 1).to_string()));
    bad.extend(schema["maximum"].as_i64().and_then(|max| max.checked_add(1)).map(|over| over.to_string()));
    let numbers = schema["type"] == "integer" || schema["items"]["type"] == "integer";
    if schema["enum"].is_array() || schema["items"]["enum"].is_array() {
        bad.extend(["77".to_owned(), "x".to_owned()]);
    } else if numbers {
        bad.extend(["x".to_owned(), "1.5".to_owned()]);
    }
    if schema["pattern"].is_string() {
        bad.extend(["x".to_owned(), "-1".to_owned(), "0001".to_owned()]);
    }
    bad
}
