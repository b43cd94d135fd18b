//! Calls outside of the open API's gateway: token endpoints, guest API and admin API. Each route is added together with what it is,
//! and its shapes come from its handler's types.

use axum::http::Method;
use axum::routing::{MethodRouter, Router};
use schemars::JsonSchema;
use serde_json::Value;
use wire::{Code, Nothing};

use super::operation::{Access, Shapes};
use super::shape::Shape;
use crate::app::App;

/// A call.
#[derive(Debug, Clone)]
pub struct Call {
    /// Its name, as [`crate::api::Endpoint::ID`].
    pub id: &'static str,
    /// What it does.
    pub summary: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path with `{name}` for parameters.
    pub path: &'static str,
    /// Who may call.
    pub access: Access,
    /// The status of success.
    pub status: u16,
    /// What success answers.
    pub answered: Answered,
    /// The schema of a form, where the body is one.
    pub form: Option<fn() -> Value>,
    /// The codes of its failures.
    pub errors: &'static [Code],
    /// Its shapes.
    pub shapes: fn() -> Shapes,
}

/// What a call answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// JSON of its shape.
    Json,
    /// Something of this content type.
    File(&'static str),
    /// JSON of its shape, or a file of this content type if that is asked for.
    JsonOr(&'static str),
}

impl Call {
    /// A call that answers 200 with JSON.
    pub fn new(id: &'static str, (method, path): (Method, &'static str), summary: &'static str) -> Self {
        let shapes = shapes::<Nothing, Nothing, Nothing, Nothing>;
        let (access, answered, form) = (Access::Open, Answered::Json, None);
        Self { id, summary, method, path, access, status: 200, answered, form, errors: &[], shapes }
    }

    /// With the shapes of path, query, body and answer.
    #[must_use]
    pub fn of<P: JsonSchema, Q: JsonSchema, B: JsonSchema, A: JsonSchema>(mut self) -> Self {
        self.shapes = shapes::<P, Q, B, A>;
        self
    }

    /// For guests with a session token.
    #[must_use]
    pub fn by_guests(mut self) -> Self {
        self.access = Access::Guest;
        self
    }

    /// For people who are signed in.
    #[must_use]
    pub fn by_staff(mut self) -> Self {
        self.access = Access::Staff;
        self
    }

    /// With 201 instead of 200.
    #[must_use]
    pub fn creates(mut self) -> Self {
        self.status = 201;
        self
    }

    /// Answers something else than JSON: one of these types, named with a comma and a space between them.
    #[must_use]
    pub fn answers(mut self, content_type: &'static str) -> Self {
        self.answered = Answered::File(content_type);
        self
    }

    /// Answers a file of this content type if that is asked for, JSON otherwise.
    #[must_use]
    pub fn or_answers(mut self, content_type: &'static str) -> Self {
        self.answered = Answered::JsonOr(content_type);
        self
    }

    /// Takes a form.
    #[must_use]
    pub fn takes_form(mut self, schema: fn() -> Value) -> Self {
        self.form = Some(schema);
        self
    }

    /// Fails with these codes.
    #[must_use]
    pub fn fails(mut self, errors: &'static [Code]) -> Self {
        self.errors = errors;
        self
    }
}

fn shapes<P: JsonSchema, Q: JsonSchema, B: JsonSchema, A: JsonSchema>() -> Shapes {
    Shapes {
        path: Shape::sent::<P>(),
        query: Shape::sent::<Q>(),
        body: Shape::sent::<B>(),
        data: Some(Shape::read::<A>()),
    }
}

/// Routes with what they are.
#[derive(Debug, Default)]
pub struct Calls {
    router: Router<App>,
    calls: Vec<Call>,
}

impl Calls {
    /// Adds a route.
    #[must_use]
    pub fn with(mut self, call: Call, route: MethodRouter<App>) -> Self {
        self.router = self.router.route(call.path, route);
        self.calls.push(call);
        self
    }

    /// The routes.
    pub fn into_router(self) -> Router<App> {
        self.router
    }

    /// What they are.
    pub fn into_calls(self) -> Vec<Call> {
        self.calls
    }
}
