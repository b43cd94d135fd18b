//! The log-in page and the page that says why there is none. Plain HTML that needs no script.

use std::fmt::Write;

use axum::http::StatusCode;
use axum::http::header::{CONTENT_SECURITY_POLICY, HeaderValue, RETRY_AFTER, X_FRAME_OPTIONS};
use axum::response::Response;

use super::authorize::PATH;
use super::question::{Mistake, Parameters, Question};
use super::texts::{Language, Problem};
use crate::app::App;
use crate::log_id;
use crate::pages::{escape, fill, page_of};

const LOGIN: &str = include_str!("../../pages/login.html");
const FAULT: &str = include_str!("../../pages/login-fault.html");

/// The page that asks, with what the user typed before and what was wrong with it.
pub(super) fn ask(
    app: &App,
    question: &Question,
    asked: &Parameters,
    language: Language,
    problem: Option<Problem>,
) -> Response {
    let client = escape(question.client.name.as_deref().unwrap_or(&question.client.app_id));
    let tenant = app.directory().tenants.get(&question.client.tenant).map(|name| escape(name)).unwrap_or_default();
    let origin = question.target.origin().ascii_serialization();
    let heading = language.heading(&client);
    let (told, title, invalid) = match problem {
        Some(problem) => {
            let told = format!("<p id=\"problem\" class=\"problem\" role=\"alert\">{}</p>", language.problem(problem));
            let invalid = " aria-invalid=\"true\" aria-describedby=\"problem\"";
            (told, format!("{}: {heading}", language.error()), invalid)
        }
        None => (String::new(), heading.clone(), ""),
    };
    // The field to go on with; what was typed well need not be typed again.
    let email = asked.get("email").unwrap_or_default();
    let (first, second) = if email.is_empty() { (" autofocus", "") } else { ("", " autofocus") };
    let values = [
        ("lang", language.tag()),
        ("title", &title),
        ("heading", &heading),
        ("account", &language.account(&tenant)),
        ("other", &other_language(asked, language)),
        ("problem", &told),
        ("invalid", invalid),
        ("action", PATH),
        ("hidden", &hidden(asked, language)),
        ("email_label", language.email()),
        ("email", &escape(email)),
        ("email_focus", first),
        ("password_label", language.password()),
        ("password_focus", second),
        ("wants", &language.wants(&client)),
        ("scopes", &scopes(question, language)),
        ("allow", language.allow()),
        ("deny", language.deny()),
        ("leads", &language.leads(&escape(&origin))),
    ];
    let mut response = guarded(fill(LOGIN, &values), &source(&origin));
    *response.status_mut() = match problem {
        None => StatusCode::OK,
        Some(Problem::Empty | Problem::Wrong) => StatusCode::BAD_REQUEST,
        Some(Problem::Throttled(_)) => StatusCode::TOO_MANY_REQUESTS,
        Some(Problem::Busy) => StatusCode::SERVICE_UNAVAILABLE,
        Some(Problem::Broken) => StatusCode::INTERNAL_SERVER_ERROR,
    };
    if let Some(Problem::Throttled(minutes)) = problem {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(minutes * 60));
    }
    response
}

/// The page that says why nothing can be asked.
pub(super) fn fault(mistake: &Mistake, language: Language) -> Response {
    let (code, log_id) = (mistake.code(), log_id::current());
    let values = [
        ("lang", language.tag()),
        ("title", language.not_possible()),
        ("explanation", language.tell_the_makers()),
        ("mistake", &escape(&language.mistake(mistake))),
        ("code", &code.number.to_string()),
        ("log_id", log_id.as_str()),
    ];
    let mut response = guarded(fill(FAULT, &values), "");
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response
}

/// No script, no frame around it, and a form that leads here and, by way of the redirection, to the app.
fn guarded(html: String, origin: &str) -> Response {
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' {origin}; frame-ancestors 'none'; \
         base-uri 'none'"
    );
    let mut response = page_of(html);
    let headers = response.headers_mut();
    // An origin is ASCII without spaces, quotes and semicolons, so it stays one source of the policy.
    let policy = HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    response
}

/// An origin as a source of a policy, which knows no IPv6 addresses: for those the scheme has to do.
fn source(origin: &str) -> String {
    match origin.split_once("://[") {
        Some((scheme, _)) => format!("{scheme}:"),
        None => origin.to_owned(),
    }
}

fn hidden(asked: &Parameters, language: Language) -> String {
    let fields = asked.passed_on().chain(std::iter::once(("lang", language.tag())));
    fields.fold(String::new(), |mut html, (name, value)| {
        // Writing to a text cannot fail.
        let _ = write!(html, "<input type=\"hidden\" name=\"{name}\" value=\"{}\">", escape(value));
        html
    })
}

fn other_language(asked: &Parameters, language: Language) -> String {
    let (other, name) = language.other();
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(asked.passed_on()).append_pair("lang", other.tag());
    let (tag, address) = (other.tag(), escape(&format!("{PATH}?{}", query.finish())));
    format!("<a href=\"{address}\" lang=\"{tag}\" hreflang=\"{tag}\">{name}</a>")
}

fn scopes(question: &Question, language: Language) -> String {
    let mut html = format!("<li>{}</li>", language.identity());
    for scope in &question.scopes {
        let name = escape(scope);
        let _ = match language.scope(scope) {
            Some(words) => write!(html, "<li>{} <code>{name}</code></li>", escape(words)),
            None => write!(html, "<li><code>{name}</code></li>"),
        };
    }
    html
}
