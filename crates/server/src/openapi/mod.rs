//! What the server's APIs are, told from the types of their handlers: the `OpenAPI` document at `/openapi.json` and the
//! page at `/docs`. Nothing here knows a single endpoint.

mod call;
mod document;
mod fields;
mod names;
mod operation;
mod page;
mod sample;
mod shape;
mod words;

use std::sync::LazyLock;

use axum::extract::State;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::{Router, get};
use serde_json::{Map, Value};

pub use call::{Answered, Call, Calls};
pub use operation::{Access, Operation, Shapes};
pub use shape::Shape;

use crate::api::error::JSON;
use crate::app::App;
use crate::{admin, api, console, guest, pages, router};
use names::Names;
use wire::envelope::Failure;

/// All operations and the schemas they refer to.
#[derive(Debug)]
pub struct Reference {
    /// The open API in the order of the router, then what is outside of its gateway.
    pub operations: Vec<Operation>,
    /// Schemas by name.
    pub schemas: Map<String, Value>,
    /// The schema of a failure.
    pub failure: Value,
}

impl Reference {
    /// Of everything this server answers with a documented shape.
    pub fn of_everything() -> Self {
        let endpoints: Vec<_> = router::endpoints().into_iter().map(|info| ((info.shapes)(), info)).collect();
        let beside = [api::auth::calls(), guest::calls(), admin::calls(), console::calls()];
        let calls = beside.into_iter().flat_map(Calls::into_calls);
        let calls: Vec<_> = calls.map(|call| ((call.shapes)(), call)).collect();
        let failure = Shape::read::<Failure>();
        let mut names = Names::default();
        names.note("failure", &failure);
        let endpoint_ids = endpoints.iter().map(|(shapes, info)| (shapes, info.id));
        for (shapes, id) in endpoint_ids.chain(calls.iter().map(|(shapes, call)| (shapes, call.id))) {
            shapes.note(id, &mut names);
        }
        names.settle();
        let mut operations = Vec::new();
        for (shapes, info) in &endpoints {
            operations.push(Operation::of_endpoint(info, shapes, &mut names));
        }
        for (shapes, call) in &calls {
            operations.push(Operation::of_call(call, shapes, &mut names));
        }
        let failure = names.place(&failure);
        Self { operations, schemas: names.into_schemas(), failure }
    }

    /// The schema proper: the schema itself, or what it refers to.
    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        name_of(schema).and_then(|name| self.schemas.get(name)).unwrap_or(schema)
    }
}

/// The name of what a schema refers to.
fn name_of(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix(names::COMPONENTS)
}

/// The `OpenAPI` document.
pub fn document() -> Value {
    document::of(&Reference::of_everything())
}

/// `/openapi.json` and `/docs`.
pub fn routes() -> Router<App> {
    Router::new().route("/openapi.json", get(json)).route("/docs", get(docs))
}

// Made once, when it is first asked for: it follows from the program alone.
static DOCUMENT: LazyLock<String> = LazyLock::new(|| document().to_string());
static PAGE: LazyLock<String> = LazyLock::new(|| page::html(&Reference::of_everything()));

/// `GET /openapi.json`; tools on other origins may read it.
async fn json() -> impl IntoResponse {
    let plain = HeaderValue::from_static;
    let headers = [(CONTENT_TYPE, JSON), (CACHE_CONTROL, plain("no-cache")), (ACCESS_CONTROL_ALLOW_ORIGIN, plain("*"))];
    (headers, DOCUMENT.as_str())
}

/// `GET /docs`
async fn docs(State(app): State<App>, headers: HeaderMap) -> Response {
    pages::page(&PAGE, &[("base_url", &pages::escape(&pages::base_url(&app, &headers)))])
}
