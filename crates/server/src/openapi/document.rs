//! The reference as an `OpenAPI` 3.1 document.

use std::collections::BTreeMap;

use axum::http::Method;
use serde_json::{Map, Value, json};
use wire::Code;

use super::Reference;
use super::operation::{Access, Operation, Parameter, Success};
use super::words::{conditions, headline, limits};
use crate::admin::{COOKIE, CSRF_HEADER};
use crate::api::Token;
use crate::auth::HELPDESK_HEADER;

const ABOUT: &str = "The Feishu/Lark Helpdesk v1 Open API as this server speaks it, with the token endpoints, the \
    guest API, the admin API and the console API beside it.\n\nAn answer of the open API is `{code, msg, data}`; `code` 0 is success. A failure is \
    `{code, msg, error}` with a status of its own: branch on `code`, show `error.message`. Fields and parameters that \
    are not listed are ignored. Fields without a value are left out of answers, and `null` in a body counts as left \
    out. Ids are decimal digits in strings. The content type of requests does not matter. Every answer carries \
    `X-Tt-Logid`, which names the request in the server's log.";

/// The document.
pub fn of(reference: &Reference) -> Value {
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for operation in &reference.operations {
        let method = operation.method.as_str().to_ascii_lowercase();
        paths.entry(operation.path).or_default().insert(method, told(reference, operation));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Deskwire",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "A help desk server that speaks the Feishu/Lark Helpdesk v1 Open API",
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "The server that this document comes from"}],
        "tags": tags(reference),
        "x-tagGroups": groups(reference),
        "paths": paths,
        "components": {
            "schemas": reference.schemas,
            "responses": {
                "RateLimited": failure(reference, &[Code::RATE_LIMITED]),
                "Internal": failure(reference, &[Code::INTERNAL]),
                "Busy": failure(reference, &[Code::BUSY]),
            },
            "headers": headers(),
            "securitySchemes": security_schemes(),
        },
    })
}

/// Which part of the document an operation belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// The open API proper.
    Gateway,
    /// What an app or a guest begins with.
    Beside,
    /// The admin API.
    Admin,
    /// The console API.
    Console,
}

fn part(operation: &Operation) -> Part {
    match operation.access {
        Access::Token(_) => Part::Gateway,
        _ if operation.path.starts_with("/admin/") => Part::Admin,
        _ if operation.path.starts_with("/console/") => Part::Console,
        Access::Open | Access::Guest | Access::Staff => Part::Beside,
    }
}

/// Resources in the order of their first operation.
fn resources(reference: &Reference, of: Part) -> Vec<&'static str> {
    let mut found = Vec::new();
    for operation in reference.operations.iter().filter(|operation| part(operation) == of) {
        if !found.contains(&operation.resource) {
            found.push(operation.resource);
        }
    }
    found
}

fn tags(reference: &Reference) -> Value {
    [Part::Gateway, Part::Beside, Part::Admin, Part::Console]
        .into_iter()
        .flat_map(|part| resources(reference, part))
        .map(|name| json!({"name": name}))
        .collect()
}

fn groups(reference: &Reference) -> Value {
    json!([
        {"name": "Help desk", "tags": resources(reference, Part::Gateway)},
        {"name": "Tokens and guests", "tags": resources(reference, Part::Beside)},
        {"name": "Administration", "tags": resources(reference, Part::Admin)},
        {"name": "Console", "tags": resources(reference, Part::Console)},
    ])
}

fn told(reference: &Reference, operation: &Operation) -> Value {
    let facts: Vec<String> = conditions(operation).iter().map(|(name, text)| format!("- {name}: {text}")).collect();
    let mut told = json!({
        "operationId": operation.id,
        "tags": [operation.resource],
        "summary": headline(operation.summary),
        "description": format!("{}\n\n{}", operation.summary, facts.join("\n")),
        "security": security(operation),
        "responses": responses(reference, operation),
    });
    if !operation.parameters.is_empty() {
        told["parameters"] = operation.parameters.iter().map(parameter).collect();
    }
    if let Some(body) = &operation.body {
        told["requestBody"] =
            json!({"required": body.required, "content": {body.content_type: {"schema": body.schema}}});
    }
    if let Access::Token(token) = operation.access {
        told["x-token"] = json!(if token == Token::Tenant { "tenant" } else { "user" });
        told["x-app-types"] = if operation.store_apps { json!(["custom", "store"]) } else { json!(["custom"]) };
        told["x-scopes"] = json!(operation.scopes);
    }
    if let Some(rate) = operation.rate {
        told["x-rate-limits"] = limits(rate);
    }
    told
}

fn parameter(parameter: &Parameter) -> Value {
    let mut schema = parameter.schema.clone();
    let description = schema.as_object_mut().and_then(|members| members.remove("description"));
    let mut told = json!({
        "name": parameter.name,
        "in": if parameter.in_path { "path" } else { "query" },
        "required": parameter.required,
        "schema": schema,
    });
    if let Some(description) = description {
        told["description"] = description;
    }
    if told["schema"]["type"] == "array" {
        // `status_list=1&status_list=50`
        (told["style"], told["explode"]) = (json!("form"), json!(true));
    }
    told
}

fn responses(reference: &Reference, operation: &Operation) -> Value {
    let mut responses = Map::new();
    let (status, success) = &operation.success;
    let file = json!({"schema": {"type": "string", "format": "binary"}});
    let content = match success {
        Success::Enveloped(data) => json!({"application/json": {"schema": envelope(data)}}),
        Success::Plain(schema) => json!({"application/json": {"schema": schema}}),
        Success::File(content_types) => {
            content_types.split(", ").map(|one| (one.to_owned(), file.clone())).collect::<Map<_, _>>().into()
        }
        Success::PlainOr(schema, content_type) => {
            let mut content = json!({"application/json": {"schema": schema}});
            content[*content_type] = file;
            content
        }
    };
    let success = json!({"description": "It worked.", "headers": log_id(), "content": content});
    responses.insert(status.to_string(), success);
    for (status, codes) in &operation.failures {
        let shared = match codes.as_slice() {
            [Code::RATE_LIMITED] => Some("RateLimited"),
            [Code::INTERNAL] => Some("Internal"),
            [Code::BUSY] => Some("Busy"),
            _ => None,
        };
        let response = match shared {
            Some(name) => json!({"$ref": format!("#/components/responses/{name}")}),
            None => failure(reference, codes),
        };
        responses.insert(status.to_string(), response);
    }
    Value::Object(responses)
}

fn envelope(data: &Value) -> Value {
    json!({
        "type": "object",
        "required": ["code", "msg", "data"],
        "properties": {
            "code": {"type": "integer", "const": Code::SUCCESS.number, "description": "Always 0."},
            "msg": {"type": "string", "const": Code::SUCCESS.msg, "description": "Always `success`."},
            "data": data,
        },
    })
}

fn failure(reference: &Reference, codes: &[Code]) -> Value {
    let numbers: Vec<i64> = codes.iter().map(|code| code.number).collect();
    let lines: Vec<String> = codes.iter().map(|code| format!("- `{}`: {}", code.number, code.meaning())).collect();
    let mut headers = log_id();
    if codes.contains(&Code::RATE_LIMITED) {
        headers["x-ogw-ratelimit-limit"] = json!({"$ref": "#/components/headers/RateLimit"});
        headers["x-ogw-ratelimit-reset"] = json!({"$ref": "#/components/headers/RateReset"});
    }
    let schema = json!({"allOf": [reference.failure, {"properties": {"code": {"enum": numbers}}}]});
    json!({"description": lines.join("\n"), "headers": headers, "content": {"application/json": {"schema": schema}}})
}

fn log_id() -> Value {
    json!({"X-Tt-Logid": {"$ref": "#/components/headers/LogId"}})
}

fn headers() -> Value {
    json!({
        "LogId": {
            "description": "Names the request in the server's log; in failures also `error.log_id`.",
            "required": true,
            "schema": {"type": "string"},
        },
        "RateLimit": {
            "description": "How many calls the limit allows in its period.",
            "required": true,
            "schema": {"type": "integer", "minimum": 1},
        },
        "RateReset": {
            "description": "How many seconds to wait.",
            "required": true,
            "schema": {"type": "integer", "minimum": 1},
        },
    })
}

fn security(operation: &Operation) -> Value {
    match operation.access {
        Access::Open => json!([]),
        Access::Token(Token::Tenant) => json!([{"tenantToken": [], "helpdeskToken": []}]),
        Access::Token(Token::User) => json!([{"userToken": [], "helpdeskToken": []}]),
        Access::Guest => json!([{"guestToken": []}]),
        Access::Staff if operation.method == Method::GET => json!([{"adminToken": []}, {"adminCookie": []}]),
        Access::Staff => json!([{"adminToken": []}, {"adminCookie": [], "csrfToken": []}]),
    }
}

fn security_schemes() -> Value {
    let bearer = |description: &str| json!({"type": "http", "scheme": "bearer", "description": description});
    json!({
        "tenantToken": bearer("A tenant access token, `t-…`, for an app in its tenant; good for two hours."),
        "userToken": bearer("A user access token, `u-…`, for a user through an app; good for two hours."),
        "guestToken": bearer("The `session_token` of a guest."),
        "adminToken": bearer("The `token` of `POST /admin/v1/session` with `{\"cookie\": false}`, for scripts."),
        "adminCookie": {
            "type": "apiKey",
            "in": "cookie",
            "name": COOKIE,
            "description": "Set by `POST /admin/v1/session`.",
        },
        "csrfToken": {
            "type": "apiKey",
            "in": "header",
            "name": CSRF_HEADER,
            "description": "The `csrf_token` of the session; with the cookie on everything that is not a GET.",
        },
        "helpdeskToken": {
            "type": "apiKey",
            "in": "header",
            "name": HELPDESK_HEADER,
            "description": "Base64 of `helpdesk_id:helpdesk_token`, with or without `Bearer ` in front. It names the help desk.",
        },
    })
}
