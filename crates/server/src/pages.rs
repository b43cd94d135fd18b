//! The pages for people: an overview, the chat of each help desk, and the staff's own pages. Files of
//! `crates/server/pages`, in the binary, and what is built from `web/` ([`web`]).

use axum::extract::{Path, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderMap, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{Router, get};

use crate::app::App;
use crate::front::not_found;
use crate::settings::Mode;
use crate::web;

// Everything comes from this server.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
                   connect-src 'self'; form-action 'self'; base-uri 'none'";

// The chat page may stand in a frame of another site. It makes no markup from strings, and the browser holds it to that.
const CHAT_CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; \
                        connect-src 'self'; form-action 'none'; base-uri 'none'; \
                        require-trusted-types-for 'script'; trusted-types 'none'";

// The staff's pages stand in no frame, where another site could have people press what they do not see. Scripts set
// styles one by one, which needs no exception.
const STAFF_CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
                         font-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; \
                         frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

const INDEX: &str = include_str!("../pages/index.html");
#[cfg(test)]
const DOCS: &str = include_str!("../pages/docs.html");

macro_rules! assets {
    ($($name:literal $kind:literal),* $(,)?) => {
        &[$(($name, $kind, include_bytes!(concat!("../pages/", $name)).as_slice())),*]
    };
}

const ASSETS: &[(&str, &str, &[u8])] = assets![
    "approval.css" "text/css; charset=utf-8",
    "docs.css" "text/css; charset=utf-8",
    "docs.js" "text/javascript; charset=utf-8",
    "favicon.svg" "image/svg+xml",
    "index.css" "text/css; charset=utf-8",
    "login.css" "text/css; charset=utf-8",
];

/// `/`, `/desk/{helpdesk_id}`, `/widget.js`, `/assets/{name}`, and the staff's pages; `/dev` only with developer controls.
pub fn routes(mode: Mode) -> Router<App> {
    let staff: &[&Staff] = if mode == Mode::Dev { &[&CONSOLE, &ADMIN, &INSPECTOR] } else { &[&CONSOLE, &ADMIN] };
    staff
        .iter()
        .fold(Router::new(), |router, staff| {
            let shown = get(async |State(app): State<App>, rest: Option<Path<String>>| staff.show(&app, rest).await);
            // The router of these pages writes the slash behind the first of them.
            let first = router.route(staff.path, shown.clone()).route(&format!("{}/", staff.path), shown.clone());
            first.route(&format!("{}/{{*rest}}", staff.path), shown)
        })
        .route("/", get(index))
        .route("/desk/{helpdesk_id}", get(chat))
        .route("/widget.js", get(web::widget))
        .route("/assets/{name}", get(asset))
        .route("/favicon.ico", get(async || file("favicon.svg").unwrap_or_default()))
}

/// What a developer finds on the start page.
const DEVELOPER: &str = "<section class=\"developer\"><h2>Developer mode</h2>\
    <p>Official SDKs work unmodified: only the base URL changes.</p><h3>Python</h3>\
    <pre><code>client = lark.Client.builder().app_id(APP_ID).app_secret(APP_SECRET).domain(\"{{base_url}}\").build()</code></pre>\
    <h3>Node</h3>\
    <pre><code>const client = new lark.Client({ appId, appSecret, helpDeskId, helpDeskToken, domain: \"{{base_url}}\" });</code></pre>\
    <h3>Inspector</h3><p><a href=\"/dev\">Calls, events, clock and faults</a></p></section>";

async fn index(State(app): State<App>, headers: HeaderMap) -> Response {
    let dev = app.settings().mode == Mode::Dev;
    let desks = app.directory().open_to_all(dev);
    let items = desks.iter().fold(String::new(), |items, desk| {
        let (id, name) = (desk.id, escape(&desk.name));
        items + &format!("<li><a href=\"/desk/{id}\"><span>{name}</span> <small>{id}</small></a></li>")
    });
    let base_url = escape(&base_url(&app, &headers));
    let developer = if dev { DEVELOPER.replace("{{base_url}}", &base_url) } else { String::new() };
    page(INDEX, &[("desks", &items), ("base_url", &base_url), ("developer", &developer)])
}

async fn chat(State(app): State<App>, Path(helpdesk_id): Path<String>) -> Response {
    let id = desk::ids::parse(&helpdesk_id);
    let Some(desk) = id.and_then(|id| app.directory().helpdesks.get(&id).cloned()) else {
        return not_found().await;
    };
    let name = escape(&desk.name);
    let Some(template) = web::html("desk.html") else {
        return page(web::UNBUILT, &[("title", &name)]);
    };
    let accent = desk.accent.as_deref().unwrap_or_default();
    built(fill(template, &[("helpdesk_id", &helpdesk_id), ("desk_name", &name), ("accent", accent)]), CHAT_CSP)
}

/// A page from `web/`: browsers ask each time, because it names files that change with their content.
fn built(html: String, policy: &'static str) -> Response {
    let headers = [
        (CONTENT_SECURITY_POLICY, policy),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, Html(html)).into_response()
}

/// One of the staff's pages; its script decides what an address under it shows.
struct Staff {
    /// Where it is.
    path: &'static str,
    /// Its HTML in `web/dist`.
    file: &'static str,
    /// Its title where it was not built.
    title: &'static str,
}

const CONSOLE: Staff = Staff { path: "/agent", file: "agent.html", title: "Console" };
const ADMIN: Staff = Staff { path: "/admin", file: "admin.html", title: "Administration" };
const INSPECTOR: Staff = Staff { path: "/dev", file: "dev.html", title: "Inspector" };

impl Staff {
    async fn show(&self, app: &App, rest: Option<Path<String>>) -> Response {
        // A call that does not exist is none of the pages.
        if rest.is_some_and(|Path(rest)| rest == "v1" || rest.starts_with("v1/")) {
            return not_found().await;
        }
        let Some(template) = web::html(self.file) else {
            return page(web::UNBUILT, &[("title", self.title)]);
        };
        let mode = if app.settings().mode == Mode::Dev { "dev" } else { "serve" };
        built(fill(template, &[("mode", mode)]), STAFF_CSP)
    }
}

async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    match web::asset(&name, &headers).or_else(|| file(&name)) {
        Some(response) => response,
        None => not_found().await,
    }
}

fn file(name: &str) -> Option<Response> {
    let (_, kind, bytes) = ASSETS.iter().find(|(known, ..)| *known == name)?;
    let headers = [
        (CONTENT_TYPE, *kind),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Names do not change with the content, so browsers ask again after a while.
        (CACHE_CONTROL, "public, max-age=300"),
    ];
    Some((headers, *bytes).into_response())
}

/// The address this server is reached by: the setting, or what the request says.
pub fn base_url(app: &App, headers: &HeaderMap) -> String {
    if let Some(url) = &app.settings().public_url {
        return url.clone();
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    host.map_or_else(|| format!("http://{}", app.settings().listen), |host| format!("http://{host}"))
}

/// A template as a page of this server.
pub fn page(template: &str, values: &[(&str, &str)]) -> Response {
    page_of(fill(template, values))
}

/// Fills placeholders in one pass, so that a value cannot bring in another placeholder. Values are HTML already.
pub(crate) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut html = String::with_capacity(template.len() + 512);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").unwrap_or((after, ""));
        html.push_str(before);
        html.push_str(values.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value));
        rest = after;
    }
    html.push_str(rest);
    html
}

/// HTML with the headers that all pages have.
pub(crate) fn page_of(html: String) -> Response {
    let headers = [
        (CONTENT_SECURITY_POLICY, CSP),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, Html(html)).into_response()
}

/// Text as it may stand in HTML content and in quoted attributes.
pub fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            _ => html.push(c),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_value_brings_in_neither_markup_nor_a_placeholder() {
        let name = escape("<b>{{welcome}}</b> & \"co\"");
        let response = page("<h1>{{desk_name}}</h1>{{welcome}}{{unknown}}", &[("desk_name", &name), ("welcome", "hi")]);
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        assert_eq!(bytes, "<h1>&lt;b&gt;{{welcome}}&lt;/b&gt; &amp; &quot;co&quot;</h1>hi".as_bytes());
    }

    #[test]
    fn every_file_that_the_pages_name_is_served() {
        let forms = [
            include_str!("../pages/login.html"),
            include_str!("../pages/login-fault.html"),
            include_str!("../pages/approval.html"),
        ];
        for page in [INDEX, DOCS, web::UNBUILT].into_iter().chain(forms) {
            for part in page.split("\"/assets/").skip(1) {
                let name = part.split('"').next().unwrap();
                assert!(file(name).is_some(), "{name}");
            }
        }
    }
}
