//! The pages built from `web/`, in the binary: HTML, its files under names that change with their content, and the
//! widget. A binary that was built without them serves a page that says how to build them.

use std::sync::LazyLock;

use axum::http::StatusCode;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue as Value,
    IF_NONE_MATCH, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

/// The page of a binary without pages.
pub const UNBUILT: &str = include_str!("../pages/unbuilt.html");

const FOREVER: &str = "public, max-age=31536000, immutable";
/// Sites name the widget by an address that stays, so browsers ask again after a while.
const WIDGET: &str = "public, max-age=600";
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// A file of `web/dist`.
struct File {
    /// Its path from there.
    name: &'static str,
    bytes: &'static [u8],
    /// The same, packed, if that is smaller.
    gzip: Option<&'static [u8]>,
}

const FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/web.rs"));

static WIDGET_TAG: LazyLock<Option<Value>> = LazyLock::new(|| {
    let digest = Sha256::digest(find("widget.js")?.bytes);
    Value::from_str(&format!("\"{}\"", hex::encode(&digest[..16]))).ok()
});

fn find(name: &str) -> Option<&'static File> {
    FILES.iter().find(|file| file.name == name)
}

/// The HTML of a page, with placeholders; none if the pages were not built.
pub fn html(name: &str) -> Option<&'static str> {
    std::str::from_utf8(find(name)?.bytes).ok()
}

/// A file of a page: `assets/{name}`. Its name changes with its content.
pub fn asset(name: &str, ask: &HeaderMap) -> Option<Response> {
    let file = find(&format!("assets/{name}"))?;
    Some(served(file, ask, FOREVER))
}

/// `/widget.js`, for pages of other sites.
pub async fn widget(ask: HeaderMap) -> Response {
    let Some(file) = find("widget.js") else {
        let why = "this server was built without its pages; run: make pages && cargo build --package deskwire\n";
        return (StatusCode::NOT_FOUND, why).into_response();
    };
    let tag = WIDGET_TAG.as_ref();
    let known = tag.is_some() && ask.get(IF_NONE_MATCH) == tag;
    let mut response = if known { StatusCode::NOT_MODIFIED.into_response() } else { served(file, &ask, WIDGET) };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, Value::from_static(WIDGET));
    headers.insert(CROSS_ORIGIN_RESOURCE_POLICY, Value::from_static("cross-origin"));
    if let Some(tag) = tag {
        headers.insert(ETAG, tag.clone());
    }
    response
}

fn served(file: &File, ask: &HeaderMap, cache: &'static str) -> Response {
    let headers = [
        (CONTENT_TYPE, kind(file.name)),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CACHE_CONTROL, cache),
        (VARY, "accept-encoding"),
    ];
    match file.gzip {
        Some(packed) if takes_gzip(ask) => (headers, [(CONTENT_ENCODING, "gzip")], packed).into_response(),
        _ => (headers, file.bytes).into_response(),
    }
}

fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        Some("html") => "text/html; charset=utf-8",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Whether the client takes gzip: named, and not with a weight of zero.
fn takes_gzip(ask: &HeaderMap) -> bool {
    let listed = ask.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    listed.flat_map(|value| value.split(',')).any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        let refused =
            parts.any(|part| matches!(part.replace(' ', "").as_str(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
        named && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(encoding: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(ACCEPT_ENCODING, Value::from_static(encoding))])
    }

    #[test]
    fn gzip_goes_to_those_who_take_it() {
        for yes in ["gzip", "br, gzip;q=0.5", "deflate,GZIP"] {
            assert!(takes_gzip(&ask(yes)), "{yes}");
        }
        for no in ["", "br", "gzip;q=0", "gzip; q=0.0", "xgzip"] {
            assert!(!takes_gzip(&ask(no)), "{no}");
        }
    }

    #[test]
    fn a_file_is_packed_or_plain_and_kept_for_as_long_as_its_name() {
        let file = File { name: "assets/desk-1.js", bytes: b"plain", gzip: Some(b"packed") };
        let packed = served(&file, &ask("gzip"), FOREVER);
        assert_eq!(packed.headers()[CONTENT_ENCODING], "gzip");
        assert_eq!(packed.headers()[CACHE_CONTROL], FOREVER);
        let plain = served(&file, &HeaderMap::new(), FOREVER);
        assert!(!plain.headers().contains_key(CONTENT_ENCODING));
        assert_eq!(
            (&plain.headers()[CONTENT_TYPE], &plain.headers()[VARY]),
            (&Value::from_static("text/javascript; charset=utf-8"), &Value::from_static("accept-encoding"))
        );
    }

    #[test]
    fn every_file_that_a_built_page_names_is_there() {
        for page in FILES.iter().filter(|file| kind(file.name).starts_with("text/html")) {
            let html = std::str::from_utf8(page.bytes).unwrap();
            let own = html.split("\"/assets/").skip(1).map(|part| part.split('"').next().unwrap());
            for name in own.filter(|name| *name != "favicon.svg") {
                assert!(find(&format!("assets/{name}")).is_some(), "{name}");
            }
            assert!(!html.contains("<script>") && !html.contains("<style"), "{}: the policy forbids both", page.name);
        }
    }

    #[tokio::test]
    async fn the_widget_is_sent_once_or_its_absence_is_explained() {
        let first = widget(HeaderMap::new()).await;
        if find("widget.js").is_none() {
            assert_eq!(first.status(), StatusCode::NOT_FOUND);
            return;
        }
        let tag = first.headers()[ETAG].clone();
        let again = widget(HeaderMap::from_iter([(IF_NONE_MATCH, tag)])).await;
        assert_eq!((first.status(), again.status()), (StatusCode::OK, StatusCode::NOT_MODIFIED));
    }
}
