//! Opening a session.

use std::ops::Not;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use desk::admin::avatar;
use desk::directory::Helpdesk;
use desk::guest::{Arrival, Chat};
use desk::person::NewGuest;
use desk::{agent, category, faq, guest, language, ticket};
use hmac::{Hmac, KeyInit, Mac};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use wire::Code;

use super::shape::{OpenSession, Person};
use super::standing::{HoursOut, TicketOut};
use super::{Body, Guest, Segment};
use crate::api::error::ApiError;
use crate::api::{Shown, shown};
use crate::app::App;
use crate::settings::Mode;

const SUGGESTED: usize = 4;
const SUGGESTED_FROM: i64 = 100;
const NAME_MAX: usize = 200;

/// Help desks.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DeskList {
    /// All of them.
    desks: Vec<DeskEntry>,
}

/// A help desk.
#[derive(Debug, Serialize, JsonSchema)]
struct DeskEntry {
    /// Decimal id.
    helpdesk_id: String,
    /// Its name.
    name: String,
}

/// A help desk as its widget shows it before the chat begins.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DeskLook {
    /// Its name.
    name: String,
    /// The colour of chat and widget, `#rrggbb`; left out if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    accent: Option<String>,
    /// Whether it is closed and takes no new guests; left out while it is open.
    #[serde(skip_serializing_if = "Not::not")]
    closed: bool,
}

fn of_path(app: &App, helpdesk_id: &str) -> Result<Arc<Helpdesk>, ApiError> {
    let found = desk::ids::parse(helpdesk_id).and_then(|id| app.directory().helpdesks.get(&id).map(Arc::clone));
    found.ok_or_else(|| ApiError::new(Code::NOT_FOUND, format!("no help desk {helpdesk_id}")))
}

/// `GET /guest/v1/desks/:helpdesk_id`
pub async fn look(State(app): State<App>, Segment(helpdesk_id): Segment) -> Result<Json<DeskLook>, ApiError> {
    let desk = of_path(&app, &helpdesk_id)?;
    let closed = desk.closed_at.is_some();
    Ok(Json(DeskLook { name: desk.name.clone(), accent: desk.accent.clone(), closed }))
}

/// The path of a help desk's picture.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct AvatarPath {
    /// Decimal id of the help desk.
    helpdesk_id: String,
    /// `img_…`
    image_key: String,
}

/// `GET /guest/v1/desks/:helpdesk_id/avatar/:image_key`
pub async fn avatar(
    State(app): State<App>,
    Segment(path): Segment<AvatarPath>,
) -> Result<([(HeaderName, &'static str); 1], Shown), ApiError> {
    let desk = of_path(&app, &path.helpdesk_id)?;
    let image = app.read(move |tx, _| avatar::get(tx, &desk, &path.image_key)).await?;
    Ok(([(CACHE_CONTROL, "public, max-age=31536000, immutable")], shown(image)))
}

/// `GET /guest/v1/desks`: the help desks that everybody may use. On a server with several tenants only in developer
/// mode, so that tenants do not see each other.
pub async fn desks(State(app): State<App>) -> Json<DeskList> {
    let desks = app.directory().open_to_all(app.settings().mode == Mode::Dev);
    let entry = |d: &Arc<Helpdesk>| DeskEntry { helpdesk_id: d.id.to_string(), name: d.name.clone() };
    Json(DeskList { desks: desks.iter().map(entry).collect() })
}

/// A session.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Session")]
pub struct SessionOut {
    /// For all other calls, as bearer token.
    #[serde(rename = "session_token")]
    token: String,
    /// Who the guest is.
    guest: Person,
    /// `oc_…`
    chat_id: String,
    /// The open ticket, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket_id: Option<String>,
    /// Where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<TicketOut>,
    /// The last ticket, if it has ended and the guest has not rated it.
    #[serde(skip_serializing_if = "Option::is_none")]
    unrated_ticket_id: Option<String>,
    /// Position of the chat's last message; 0 if there is none.
    position: i64,
    /// The help desk.
    desk: DeskOut,
}

/// A help desk as a guest sees it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "DeskDescription")]
struct DeskOut {
    /// Its name.
    name: String,
    /// Its welcome.
    welcome: String,
    /// What to read while no agent is on duty; left out if there is nothing.
    #[serde(skip_serializing_if = "String::is_empty")]
    away: String,
    /// The colour of chat and widget, `#rrggbb`; left out if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    accent: Option<String>,
    /// What it is for, in one line; left out if nothing is said.
    #[serde(skip_serializing_if = "String::is_empty")]
    description: String,
    /// Its picture, which is read as those of the chat are; left out if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    avatar_key: Option<String>,
    /// Whether it is closed: what is open goes on, no new question is taken. Left out while it is open.
    #[serde(skip_serializing_if = "Not::not")]
    closed: bool,
    /// When its agents are there.
    hours: HoursOut,
    /// The top of its category tree.
    categories: Vec<CategoryOut>,
    /// Some questions to begin with.
    suggested: Vec<SuggestedOut>,
}

/// A FAQ category.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "DeskCategory")]
struct CategoryOut {
    /// Decimal id.
    id: String,
    /// Its name.
    name: String,
    /// Those under it; left out when there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    children: Vec<CategoryOut>,
}

/// A suggested question.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SuggestedQuestion")]
struct SuggestedOut {
    /// The FAQ's decimal id.
    id: String,
    /// The question.
    question: String,
}

/// `POST /guest/v1/desks/:helpdesk_id/sessions`. With the token of an earlier session the same guest goes on. To a help desk
/// that is closed, only who has a chat there comes back.
pub async fn open(
    State(app): State<App>,
    Segment(helpdesk_id): Segment,
    headers: HeaderMap,
    Body(ask): Body<OpenSession>,
) -> Result<Json<SessionOut>, ApiError> {
    let helpdesk = of_path(&app, &helpdesk_id)?;
    let earlier = earlier(&app, &helpdesk, headers.get(AUTHORIZATION).map(HeaderValue::as_bytes))?;
    let chinese = language::is_chinese(ask.language.as_deref());
    let chat = match (earlier, &ask.open_id) {
        (Some(chat_id), None) => chat_of(&app, &helpdesk, chat_id).await?,
        _ => arrive(&app, &helpdesk, arrival(&app, &helpdesk, &ask)?).await?,
    };
    let (chat, ticket, unrated) = stands(&app, &helpdesk, chat).await?;
    let desk = describe(&app, &helpdesk, chinese || chat.guest.reads_chinese()).await?;
    let token = app.tokens().guest(&helpdesk.tenant, helpdesk.id, &chat.guest.user_id, &chat.chat_id, app.now_ms());
    Ok(Json(SessionOut {
        token,
        guest: Person { open_id: chat.guest.open_id, name: chat.guest.name },
        chat_id: chat.chat_id,
        ticket_id: chat.open_ticket_id.map(|id| id.to_string()),
        ticket,
        unrated_ticket_id: unrated.map(|id| id.to_string()),
        position: chat.position,
        desk,
    }))
}

/// The chat of an earlier session at this help desk; a token that is no longer good is refused.
fn earlier(app: &App, desk: &Helpdesk, header: Option<&[u8]>) -> Result<Option<String>, ApiError> {
    if header.is_none() {
        return Ok(None);
    }
    let guest = Guest::of(app, header)?;
    Ok((guest.desk.id == desk.id).then_some(guest.session.chat_id))
}

async fn chat_of(app: &App, desk: &Arc<Helpdesk>, chat_id: String) -> Result<Chat, ApiError> {
    let desk = Arc::clone(desk);
    Ok(app.read(move |tx, _| guest::chat(tx, &desk, &chat_id)).await?)
}

/// Where the chat's tickets stand: the open one, and one that waits for a rating.
async fn stands(
    app: &App,
    desk: &Arc<Helpdesk>,
    chat: Chat,
) -> Result<(Chat, Option<TicketOut>, Option<i64>), ApiError> {
    let desk = Arc::clone(desk);
    let (chat, open, unrated) = app
        .read(move |tx, _| {
            let open = ticket::standing(tx, &desk, &chat)?;
            let unrated = ticket::unrated(tx, &desk, &chat)?;
            Ok((chat.clone(), open, unrated))
        })
        .await?;
    Ok((chat, open.map(Into::into), unrated))
}

async fn arrive(app: &App, desk: &Arc<Helpdesk>, arrival: Arrival) -> Result<Chat, ApiError> {
    let desk = Arc::clone(desk);
    Ok(app.write(move |tx, cx| guest::arrive(tx, cx, &desk, &arrival)).await?)
}

fn arrival(app: &App, desk: &Helpdesk, ask: &OpenSession) -> Result<Arrival, ApiError> {
    for (field, value) in [("name", &ask.name), ("email", &ask.email), ("language", &ask.language)] {
        if value.as_ref().is_some_and(|v| v.chars().count() > NAME_MAX) {
            return Err(ApiError::invalid(field, format!("at most {NAME_MAX} characters are allowed")));
        }
    }
    let named = match (&ask.open_id, &ask.identity_token) {
        (open_id, Some(token)) => {
            let sub = verified_sub(token, &desk.widget_secret, app.now_ms())
                .map_err(|why| ApiError::invalid("identity_token", why))?;
            if open_id.as_ref().is_some_and(|id| *id != sub) {
                return Err(ApiError::invalid("identity_token", "its sub is not the open_id"));
            }
            Some(sub)
        }
        (Some(open_id), None) if app.settings().mode == Mode::Dev => Some(open_id.clone()),
        (Some(_), None) => {
            let why = "naming an open_id needs an identity_token: an HS256 JWT with sub = open_id, signed with the \
                       help desk's widget secret";
            return Err(ApiError::invalid("identity_token", why));
        }
        (None, None) => None,
    };
    Ok(match named {
        Some(open_id) => Arrival::Known { open_id },
        None => Arrival::New(NewGuest {
            name: ask.name.as_deref().map(str::trim).filter(|n| !n.is_empty()).map(str::to_owned),
            email: ask.email.clone(),
            language: ask.language.clone(),
        }),
    })
}

/// The `sub` of an identity token: a JWT of exactly HS256, unexpired if it has an end. A whole JWT library would bring
/// algorithms that must never be accepted here.
fn verified_sub(token: &str, secret: &str, now_ms: i64) -> Result<String, String> {
    #[derive(Deserialize)]
    struct Header {
        alg: String,
    }
    #[derive(Deserialize)]
    struct Claims {
        sub: String,
        exp: Option<i64>,
    }
    let malformed = || "not a JWT of three base64url parts".to_owned();
    let mut parts = token.split('.');
    let (Some(header), Some(claims), Some(mac), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(malformed());
    };
    let decode = |part: &str| {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).map_err(|_| malformed())
    };
    let Header { alg } = serde_json::from_slice(&decode(header)?).map_err(|_| malformed())?;
    if alg != "HS256" {
        return Err(format!("alg is {alg}, only HS256 is allowed"));
    }
    let mut expected = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    expected.update(&token.as_bytes()[..header.len() + 1 + claims.len()]);
    expected.verify_slice(&decode(mac)?).map_err(|_| "not signed with this help desk's widget secret".to_owned())?;
    let claims: Claims = serde_json::from_slice(&decode(claims)?).map_err(|_| "it has no sub".to_owned())?;
    if claims.exp.is_some_and(|exp| exp <= now_ms / 1000) {
        return Err("it has expired".to_owned());
    }
    Ok(claims.sub)
}

async fn describe(app: &App, desk: &Arc<Helpdesk>, chinese: bool) -> Result<DeskOut, ApiError> {
    let helpdesk = Arc::clone(desk);
    let (categories, faqs, hours) = app
        .read(move |tx, cx| {
            let categories = category::list(tx, &helpdesk)?;
            let faqs = faq::online_after(tx, &helpdesk, 0, SUGGESTED_FROM)?;
            Ok((categories, faqs, agent::hours(tx, &helpdesk, cx.now)?))
        })
        .await?;
    let suggested = faqs.into_iter().filter_map(|f| {
        let (question, ..) = f.text?;
        (language::holds_chinese(&question) == chinese).then(|| SuggestedOut { id: f.faq_id.to_string(), question })
    });
    Ok(DeskOut {
        name: desk.name.clone(),
        welcome: desk.welcome.clone(),
        away: desk.away.clone(),
        accent: desk.accent.clone(),
        description: desk.description.clone(),
        avatar_key: desk.avatar_key.clone(),
        closed: desk.closed_at.is_some(),
        hours: hours.into(),
        suggested: suggested.take(SUGGESTED).collect(),
        categories: below(&categories, category::TOP),
    })
}

fn below(all: &[category::Category], parent: i64) -> Vec<CategoryOut> {
    all.iter()
        .filter(|c| c.parent_id == parent)
        .map(|c| CategoryOut { id: c.id.to_string(), name: c.name.clone(), children: below(all, c.id) })
        .collect()
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    fn jwt(alg: &str, claims: &str, secret: &str) -> String {
        let head = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"{alg}","typ":"JWT"}}"#));
        let signed = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims));
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }

    #[test]
    fn only_an_unexpired_hs256_token_of_this_secret_names_a_guest() {
        let claims = r#"{"sub":"ou_1","exp":2000}"#;
        assert_eq!(verified_sub(&jwt("HS256", claims, "s"), "s", 1_999_999).as_deref(), Ok("ou_1"));
        assert!(verified_sub(&jwt("HS256", claims, "s"), "s", 2_000_000).unwrap_err().contains("expired"));
        assert!(verified_sub(&jwt("HS256", claims, "x"), "s", 0).unwrap_err().contains("not signed"));
        assert!(verified_sub(&jwt("none", claims, "s"), "s", 0).unwrap_err().contains("HS256"));
        assert!(verified_sub(&jwt("HS256", "{}", "s"), "s", 0).unwrap_err().contains("sub"));
        for bad in ["", "a.b", "a.b.c", "a.b.c.d"] {
            assert!(verified_sub(bad, "s", 0).is_err(), "{bad}");
        }
    }
}
