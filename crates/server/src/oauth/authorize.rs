//! `GET` and `POST /open-apis/authen/v1/authorize`: the log-in page. It asks for e-mail address and password and for
//! consent in one form, so there is no session, no cookie, and nothing that another site could make use of.
//!
//! A mistake of the app is shown on the page; only the user's own answer leads to the app's address.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, HeaderValue, LOCATION};
use axum::response::{IntoResponse, Response};
use axum::routing::{Router, get};
use desk::audit::Actor;
use desk::oauth::{self, Grantable};

use super::page;
use super::question::{Parameters, Question};
use super::texts::{Language, Problem};
use crate::api::body;
use crate::app::App;
use crate::login::{self, LoginFault};
use crate::{audit, log_id, peer};

/// The path of page and form.
pub(super) const PATH: &str = "/open-apis/authen/v1/authorize";

/// The route.
pub(super) fn routes() -> Router<App> {
    Router::new().route(PATH, get(show).post(answer))
}

async fn show(State(app): State<App>, request: Request) -> Response {
    let asked = Parameters::read(request.uri().query().unwrap_or_default().as_bytes());
    let language = Language::choose(asked.get("lang"), request.headers());
    match Question::check(&app, &asked) {
        Ok(question) => page::ask(&app, &question, &asked, language, None),
        Err(mistake) => page::fault(&mistake, language),
    }
}

async fn answer(State(app): State<App>, request: Request) -> Response {
    let (parts, stream) = request.into_parts();
    let address = peer::address(&app, &parts.headers, &parts.extensions);
    let bytes = match body::read(&parts.headers, stream).await {
        Ok(bytes) => bytes,
        Err(error) => return error.into_response(),
    };
    let asked = Parameters::read(&bytes);
    let language = Language::choose(asked.get("lang"), &parts.headers);
    // Checked once more: a form can be sent by anybody, and the app may have changed meanwhile.
    let question = match Question::check(&app, &asked) {
        Ok(question) => question,
        Err(mistake) => return page::fault(&mistake, language),
    };
    match asked.get("decision") {
        Some("deny") => leave(&question.answered("error", "access_denied")),
        Some("allow") => match allow(&app, &question, &asked, address).await {
            Ok(code) => leave(&question.answered("code", &code)),
            Err(problem) => page::ask(&app, &question, &asked, language, Some(problem)),
        },
        _ => page::ask(&app, &question, &asked, language, None),
    }
}

/// Makes the code, if the user is who they say.
async fn allow(
    app: &App,
    question: &Question,
    asked: &Parameters,
    address: std::net::IpAddr,
) -> Result<String, Problem> {
    let (Some(email), Some(password)) = (asked.get("email"), asked.get("password")) else {
        return Err(Problem::Empty);
    };
    let client = question.client.clone();
    // Several tenants may have the same e-mail address; the app's is meant.
    let who = login::check(app, Some(&client.tenant), email, password, address).await.map_err(problem)?;
    let actor = Actor::Person { user_id: who.person.user_id.clone(), name: who.person.name.clone() };
    let mut entry = audit::sign_in("sign_in", &client.tenant, actor, address);
    entry.object = Some(client.app_id.clone());
    let grant = Grantable {
        user_id: who.person.user_id,
        redirect_uri: question.redirect_uri.clone(),
        scopes: question.scopes.clone(),
        challenge: question.challenge.clone(),
    };
    let made = app
        .write(move |tx, cx| {
            desk::audit::record(tx, cx, &entry)?;
            oauth::authorise(tx, cx, &client, &grant)
        })
        .await;
    made.map_err(|refusal| problem(LoginFault::Failed(refusal)))
}

fn problem(fault: LoginFault) -> Problem {
    match fault {
        // An app's question names the tenant, so there is one at most.
        LoginFault::Wrong | LoginFault::Several(_) => Problem::Wrong,
        LoginFault::Throttled { wait_ms } => {
            Problem::Throttled(wait_ms.max(1).unsigned_abs().div_ceil(60_000).cast_signed())
        }
        LoginFault::Busy => Problem::Busy,
        LoginFault::Failed(refusal) => {
            tracing::error!(log_id = %log_id::current(), error = %refusal, "the database refused a log-in");
            Problem::Broken
        }
    }
}

/// Sends the browser on, as a GET.
fn leave(address: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    // An address that was parsed and written again is ASCII.
    match HeaderValue::try_from(address) {
        Ok(address) => {
            response.headers_mut().insert(LOCATION, address);
            response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
