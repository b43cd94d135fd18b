//! Where the log-in page may send people.

use std::net::IpAddr;

use desk::directory::App;
use reqwest::Url;

/// Longer addresses are not used.
const BYTES_MAX: usize = 2_000;

/// The address of a `redirect_uri` that the app may use: one of those it lists, letter for letter; if it lists none, an
/// `http` address of the user's own machine.
pub(super) fn target(app: &App, uri: &str) -> Option<Url> {
    let odd = |c: char| c.is_control() || c.is_whitespace() || c == '\\';
    let web = uri.starts_with("https://") || uri.starts_with("http://");
    if uri.len() > BYTES_MAX || uri.contains(odd) || !web {
        return None;
    }
    let url = Url::parse(uri).ok()?;
    let bare = url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
    let listed = if app.redirect_urls.is_empty() {
        is_loopback(&url)
    } else {
        app.redirect_urls.iter().any(|listed| listed == uri)
    };
    (bare && listed).then_some(url)
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    url.scheme() == "http" && (host == "localhost" || address.is_ok_and(|address| address.is_loopback()))
}

/// The address with what is to be told added to its query.
pub(super) fn telling(url: &Url, told: &[(&str, &str)]) -> String {
    let told = form_urlencoded::Serializer::new(String::new()).extend_pairs(told).finish();
    // A plus stands for a space only in forms, and not every app reads its address as one.
    let told = told.replace('+', "%20");
    let query = url.query().filter(|query| !query.is_empty()).map_or(told.clone(), |query| format!("{query}&{told}"));
    let mut url = url.clone();
    url.set_query(Some(&query));
    url.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::fixtures;

    fn may(listed: &[&str], uri: &str) -> bool {
        let redirect_urls = listed.iter().map(|url| (*url).to_owned()).collect();
        target(&App { redirect_urls, ..fixtures::app() }, uri).is_some()
    }

    #[test]
    fn without_a_list_only_the_users_own_machine_is_reached() {
        for uri in ["http://127.0.0.1:9000/callback?x=1", "http://localhost/", "http://[::1]:3000", "http://127.8.8.8/"]
        {
            assert!(may(&[], uri), "{uri}");
        }
        for uri in [
            "",
            "/callback",
            "https://127.0.0.1/",
            "http://example.com/",
            "http://127.0.0.1@example.com/",
            "http://user@127.0.0.1/",
            "http://127.0.0.1.example.com/",
            "http://localhost.example.com/",
            "http://127.0.0.1\\@example.com/",
            "http://127.0.0.1/#f",
            "http://127.0.0.1/\n",
            "http:127.0.0.1",
            "javascript:alert(1)",
            "http://[::1",
            "http://192.168.0.1/",
        ] {
            assert!(!may(&[], uri), "{uri}");
        }
        assert!(!may(&[], &format!("http://127.0.0.1/{}", "a".repeat(2_000))));
    }

    #[test]
    fn with_a_list_only_what_it_says_letter_for_letter() {
        let listed = ["https://app.example.com/callback?from=desk", "http://app.example.com/"];
        assert!(may(&listed, listed[0]) && may(&listed, listed[1]));
        for uri in [
            "https://app.example.com/callback",
            "https://app.example.com/callback?from=desk&x=1",
            "https://APP.example.com/callback?from=desk",
            "http://app.example.com",
            "http://127.0.0.1/",
        ] {
            assert!(!may(&listed, uri), "{uri}");
        }
    }

    #[test]
    fn what_is_told_is_added_and_nothing_is_lost() {
        let url = Url::parse("https://app.example.com/callback?from=a%20b").unwrap();
        let told = telling(&url, &[("code", "c1"), ("state", "a&b=c d/é+")]);
        assert_eq!(told, "https://app.example.com/callback?from=a%20b&code=c1&state=a%26b%3Dc%20d%2F%C3%A9%2B");
        assert_eq!(
            telling(&Url::parse("http://127.0.0.1:9000").unwrap(), &[("code", "c")]),
            "http://127.0.0.1:9000/?code=c"
        );
    }
}
