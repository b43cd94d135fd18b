//! An operation as the document and the page tell it, and where it comes from: an endpoint of the open API, or a call
//! outside of the gateway.

use std::collections::BTreeMap;

use axum::http::Method;
use serde_json::Value;
use wire::Code;

use super::call::{Answered, Call};
use super::names::Names;
use super::shape::{self, Shape};
use crate::api::Token;
use crate::api::gateway::Info;
use crate::limits::Rate;

/// Who may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Open,
    /// An app or a user of an app, with the help desk header.
    Token(Token),
    /// A guest with a session token.
    Guest,
    /// Somebody who is signed in to the admin API.
    Staff,
}

/// One operation.
#[derive(Debug)]
pub struct Operation {
    /// As [`crate::api::Endpoint::ID`].
    pub id: &'static str,
    /// The part of the id before the point.
    pub resource: &'static str,
    /// What it does and what it needs.
    pub summary: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path with `{name}` for parameters.
    pub path: &'static str,
    /// Who may call.
    pub access: Access,
    /// One of these scopes is needed.
    pub scopes: &'static [&'static str],
    /// Whether store apps may call.
    pub store_apps: bool,
    /// How often an app may call.
    pub rate: Option<Rate>,
    /// Path and query.
    pub parameters: Vec<Parameter>,
    /// What is sent.
    pub body: Option<Body>,
    /// What comes back with which status.
    pub success: (u16, Success),
    /// The codes of each failing status.
    pub failures: BTreeMap<u16, Vec<Code>>,
}

/// A parameter.
#[derive(Debug)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Whether it stands in the path.
    pub in_path: bool,
    /// Whether it must be there.
    pub required: bool,
    /// Its schema, with its description.
    pub schema: Value,
}

/// A body.
#[derive(Debug)]
pub struct Body {
    /// Whether the call makes no sense without one.
    pub required: bool,
    /// `application/json`, or the type of a form.
    pub content_type: &'static str,
    /// Its schema.
    pub schema: Value,
}

/// A successful answer.
#[derive(Debug)]
pub enum Success {
    /// `{code, msg, data}` with this `data`.
    Enveloped(Value),
    /// This JSON.
    Plain(Value),
    /// Something of this content type.
    File(&'static str),
    /// This JSON, or something of this content type.
    PlainOr(Value, &'static str),
}

/// The shapes of an operation, before their schemas have names.
#[derive(Debug, Clone)]
pub struct Shapes {
    /// Path parameters.
    pub path: Shape,
    /// Query parameters.
    pub query: Shape,
    /// The body.
    pub body: Shape,
    /// `data`, or the whole answer outside of the gateway; `None` for a file.
    pub data: Option<Shape>,
}

impl Shapes {
    /// Notes what has to be named.
    pub fn note(&self, id: &str, names: &mut Names) {
        for shape in [&self.path, &self.query] {
            names.note_members(id, shape);
        }
        for shape in std::iter::once(&self.body).chain(&self.data) {
            names.note(id, shape);
        }
    }
}

impl Operation {
    /// Of an endpoint.
    pub fn of_endpoint(info: &Info, shapes: &Shapes, names: &mut Names) -> Self {
        let data = shapes.data.as_ref().map(|data| names.place(data));
        Self {
            id: info.id,
            resource: resource(info.id),
            summary: info.summary,
            method: info.method.clone(),
            path: info.path,
            access: Access::Token(info.token),
            scopes: info.scopes,
            store_apps: info.store_apps,
            rate: Some(info.rate),
            parameters: parameters(shapes, names),
            body: info.reads_body.then(|| body(shapes, names)).flatten(),
            success: (200, data.map_or(Success::File("image/*"), Success::Enveloped)),
            failures: by_status(gateway_codes(info, shapes).into_iter().chain(info.errors.iter().copied())),
        }
    }

    /// Of a call outside of the gateway.
    pub fn of_call(call: &Call, shapes: &Shapes, names: &mut Names) -> Self {
        let data = shapes.data.as_ref().map(|data| names.place(data));
        let body = match call.form {
            Some(schema) => Some(Body { required: true, content_type: "multipart/form-data", schema: schema() }),
            None => body(shapes, names),
        };
        let success = match (call.answered, data) {
            (Answered::Json, Some(data)) => Success::Plain(data),
            (Answered::File(content_type), _) => Success::File(content_type),
            (Answered::JsonOr(content_type), Some(data)) => Success::PlainOr(data, content_type),
            (Answered::Json | Answered::JsonOr(_), None) => Success::File("application/json"),
        };
        Self {
            id: call.id,
            resource: resource(call.id),
            summary: call.summary,
            method: call.method.clone(),
            path: call.path,
            access: call.access,
            scopes: &[],
            store_apps: true,
            rate: None,
            parameters: parameters(shapes, names),
            body,
            success: (call.status, success),
            failures: by_status(call.errors.iter().copied()),
        }
    }
}

fn resource(id: &'static str) -> &'static str {
    id.split('.').next().unwrap_or(id)
}

/// What the gateway may answer before the endpoint is asked, or in its name.
fn gateway_codes(info: &Info, shapes: &Shapes) -> Vec<Code> {
    let mut codes = vec![
        Code::TOKEN_MISSING,
        Code::TOKEN_MALFORMED,
        Code::TENANT_TOKEN_INVALID,
        Code::USER_TOKEN_INVALID,
        Code::USER_TOKEN_EXPIRED,
        Code::SCOPE_MISSING,
        Code::BAD_REQUEST,
        Code::UNAUTHORIZED,
        Code::RATE_LIMITED,
        Code::INTERNAL,
        Code::BUSY,
    ];
    if info.token == Token::User {
        codes.push(Code::USER_SCOPE_MISSING);
    }
    if info.token == Token::User || !info.store_apps {
        codes.push(info.forbidden);
    }
    // A query longer than any endpoint wants is refused everywhere.
    codes.push(Code::FIELD_INVALID);
    if info.reads_body && !shapes.body.is_empty() || matches!(info.method, Method::POST | Method::PATCH | Method::PUT) {
        codes.push(Code::NOT_JSON);
    }
    codes
}

fn by_status(codes: impl Iterator<Item = Code>) -> BTreeMap<u16, Vec<Code>> {
    let mut statuses: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    // The token endpoints' failures come with 200 and are part of their answer.
    for code in codes.filter(|code| code.http != 200) {
        let codes = statuses.entry(code.http).or_default();
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    for codes in statuses.values_mut() {
        codes.sort_by_key(|code| code.number);
    }
    statuses
}

fn parameters(shapes: &Shapes, names: &mut Names) -> Vec<Parameter> {
    let mut parameters = Vec::new();
    for (shape, in_path) in [(&shapes.path, true), (&shapes.query, false)] {
        for (name, schema, required) in shape.members() {
            let mut schema = names.placed(shape, schema);
            shape::each(&mut schema, &mut shape::remove_null);
            parameters.push(Parameter { name: name.to_owned(), in_path, required: in_path || required, schema });
        }
    }
    // What must be there comes first.
    parameters.sort_by_key(|parameter| (!parameter.in_path, !parameter.required));
    parameters
}

fn body(shapes: &Shapes, names: &mut Names) -> Option<Body> {
    if shapes.body.is_empty() {
        return None;
    }
    let required = shapes.body.resolved()["required"].as_array().is_some_and(|names| !names.is_empty());
    Some(Body { required, content_type: "application/json", schema: names.place(&shapes.body) })
}
