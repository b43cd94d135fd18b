//! User tokens (reference: platform-protocol 2.3): the log-in page, the token endpoints, and who a token's user is. The
//! rules about codes and refresh tokens are in [`desk::oauth`].

mod authorize;
mod fault;
mod form;
mod grant;
mod oidc;
mod page;
mod pkce;
mod question;
mod redirect;
mod texts;
mod token;
mod user_info;

use std::sync::Arc;

use axum::routing::Router;

use crate::app::App;
use crate::limits::{EndpointLimits, Rate};
use crate::metrics::EndpointMeter;

/// How often ended codes and refresh tokens are deleted, in ms.
const FORGET_MS: i64 = 600_000;

/// The routes.
pub(crate) fn routes(app: &App) -> Router<App> {
    Router::new()
        .merge(authorize::routes())
        .merge(token::routes(app))
        .merge(oidc::routes(app))
        .merge(user_info::routes(app))
}

/// What one endpoint keeps between requests.
#[derive(Debug, Clone)]
struct Slot {
    limits: Arc<EndpointLimits>,
    meter: EndpointMeter,
}

impl Slot {
    /// 1000 calls a minute and 50 a second for each app.
    fn new(app: &App, id: &'static str) -> Self {
        Self { limits: app.limits().endpoint(Rate::Tier4), meter: app.metrics().endpoint(id) }
    }
}

/// Deletes what ended more than a day ago, in batches, as long as the server runs.
pub(crate) async fn forget(app: App) {
    loop {
        app.clock().sleep(FORGET_MS).await;
        let tenants: Vec<String> = app.directory().tenants.keys().cloned().collect();
        for tenant in tenants {
            loop {
                let of = tenant.clone();
                match app.write(move |tx, cx| Ok(desk::oauth::forget(tx, &of, cx.now)?)).await {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(refusal) => {
                        tracing::warn!(%refusal, "ended log-ins could not be deleted; trying again in ten minutes");
                        break;
                    }
                }
            }
        }
    }
}
