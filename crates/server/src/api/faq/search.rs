//! `faq.search`: FAQs that match a text, best first, ranked by the built-in engine.

use axum::http::Method;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::GeneralPurpose;
use base64::engine::{DecodePaddingMode, GeneralPurposeConfig};
use desk::Refusal;
use desk::faq::{self, Faq, status};
use wire::faq::{PageData, SearchQuery};
use wire::{Code, Nothing};

use super::shapes;
use crate::api::{ApiError, Caller, Endpoint, Token, page_size, position};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct Search;

impl Endpoint for Search {
    const ID: &'static str = "faq.search";
    const SUMMARY: &'static str = "Search the FAQs that are online, best match first.";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/open-apis/helpdesk/v1/faqs/search";
    const TOKEN: Token = Token::Tenant;
    const SCOPES: &'static [&'static str] = &["helpdesk:all:readonly"];
    const RATE: Rate = Rate::Special;
    const ERRORS: &'static [Code] = &[Code::BAD_REQUEST, Code::UNAUTHORIZED];

    type Path = Nothing;
    type Query = SearchQuery;
    type Body = Nothing;
    type Data = PageData;

    async fn call(app: &App, caller: Caller, _: Nothing, query: SearchQuery, _: Nothing) -> Result<PageData, ApiError> {
        let limit = page_size(query.page_size)?;
        let start = usize::try_from(position(query.page_token.as_deref())?).unwrap_or(usize::MAX);
        let text = match query.base64.as_deref() {
            None | Some("" | "false") => query.query,
            Some(flag) if flag.eq_ignore_ascii_case("true") => decoded(&query.query)?,
            Some(other) => return Err(ApiError::field(Code::FIELD_INVALID, "base64", other, "options: [true]")),
        };
        if text.trim().is_empty() {
            return Err(ApiError::field(Code::FIELD_INVALID, "query", "", "the min len is 1"));
        }
        let hits = app.engines().rank(app, &caller.helpdesk, &text, retrieval::MAX_HITS).await?;
        let ids: Vec<i64> = hits.iter().map(|hit| hit.id).collect();
        let data = app
            .read(move |tx, _| {
                let mut found = Vec::new();
                for id in ids.iter().skip(start).take(limit) {
                    // One that was deleted since it was ranked is left out.
                    found.extend(online(faq::get(tx, &caller.helpdesk, *id))?);
                }
                let items = shapes(tx, &caller.helpdesk, &found)?;
                let next = start.saturating_add(limit);
                let has_more = next < ids.len();
                Ok(PageData {
                    has_more,
                    page_token: has_more.then(|| next.to_string()),
                    page_size: i64::try_from(items.len()).unwrap_or(i64::MAX),
                    total: i64::try_from(ids.len()).unwrap_or(i64::MAX),
                    items,
                })
            })
            .await?;
        Ok(data)
    }
}

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// Decodes what clients put into a query string: standard or URL-safe alphabet, with or without padding, a space where
/// a plus was (reference: helpdesk-v1.json `faq.search`).
fn decoded(text: &str) -> Result<String, ApiError> {
    let text: String = text
        .chars()
        .map(|c| {
            if matches!(c, ' ' | '-') {
                '+'
            } else if c == '_' {
                '/'
            } else {
                c
            }
        })
        .collect();
    let bytes = GeneralPurpose::new(&alphabet::STANDARD, LENIENT).decode(text.trim_end_matches('='));
    let utf8 = bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok());
    utf8.ok_or_else(|| ApiError::invalid("query", "with base64=true it must be base64 of UTF-8 text"))
}

fn online(found: Result<Faq, Refusal>) -> Result<Option<Faq>, Refusal> {
    match found {
        Ok(faq) => Ok((faq.status == status::ONLINE).then_some(faq)),
        Err(Refusal::NotFound { .. }) => Ok(None),
        Err(other) => Err(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_in_every_form_that_a_query_string_makes_of_it() {
        for text in ["5b+Y6K6w5a+G56CB", "5b-Y6K6w5a-G56CB", "5b Y6K6w5a G56CB"] {
            assert_eq!(decoded(text).unwrap(), "忘记密码");
        }
        for text in ["aGk=", "aGk"] {
            assert_eq!(decoded(text).unwrap(), "hi");
        }
        assert!(decoded("%%").is_err());
        assert!(decoded("/w==").is_err());
    }
}
