//! The one layer around all routes: gives each request its log id, answers `X-Tt-Logid`, turns a panic into a 500, and
//! lets a client finish sending before it is answered.
//! One hand-made layer, because every further one costs on the hot path.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;
use futures_util::FutureExt;
use tower::Service;
use wire::Code;

use crate::api::error::ApiError;
use crate::app::App;
use crate::{log_id, unread};

const LOG_ID: HeaderName = HeaderName::from_static("x-tt-logid");

/// The layer around `inner`.
#[derive(Debug, Clone)]
pub struct Front<S> {
    app: App,
    inner: S,
}

impl<S> Front<S> {
    /// Around `inner`.
    pub fn new(app: App, inner: S) -> Self {
        Self { app, inner }
    }

    /// Whether this is a developer's server.
    pub fn is_dev(&self) -> bool {
        self.app.controls().is_some()
    }
}

impl<S> Service<Request> for Front<S>
where
    S: Service<Request, Response = Response<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let id = self.app.log_ids().make(self.app.now_ms());
        // A router is ready at once and its clones share everything, so calling a clone is fine.
        let mut inner = self.inner.clone();
        let app = self.app.clone();
        let (request, rest) = unread::watch(request);
        Box::pin(log_id::CURRENT.scope(id, async move {
            let answered = AssertUnwindSafe(async move { inner.call(request).await }).catch_unwind().await;
            let mut response = match answered {
                Ok(Ok(response)) => response,
                Ok(Err(never)) => match never {},
                Err(_) => {
                    tracing::error!(log_id = %id, "a request panicked; please report this");
                    let hint = "something failed on the server; the operator finds it in the log by this log_id";
                    ApiError::new(Code::INTERNAL, hint).into_response()
                }
            };
            let value = HeaderValue::from_str(id.as_str()).expect("a log id is ASCII");
            response.headers_mut().insert(LOG_ID, value);
            if let Some(rest) = rest {
                rest.drain(app.clock().network()).await;
            }
            Ok(response)
        }))
    }
}

/// The answer to an unknown path or method (reference: platform-protocol 1).
pub async fn not_found() -> Response<Body> {
    let mut response = Response::new(Body::from("404 page not found"));
    *response.status_mut() = StatusCode::NOT_FOUND;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
