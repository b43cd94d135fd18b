//! Which calls the guest API has.

use axum::extract::DefaultBodyLimit;
use axum::http::Method;
use axum::routing::{get, post};
use wire::{Code, Nothing};

use super::act::{self, Choose, Closed, Feedback, HandoverOut, Rated, Rating};
use super::image::{self, Uploaded};
use super::message::{self, ListMessages, MessageList, PostMessage};
use super::session::{self, AvatarPath, DeskList, DeskLook, SessionOut};
use super::shape::{DeskPath, ImagePath, MessagePath, OpenSession, Posted};
use super::standing::{self, StandingOut};
use super::stream;
use super::suggest::{self, Suggestions, Typed};
use crate::openapi::{Call, Calls};

const COMMON: &[Code] = &[Code::UNAUTHORIZED, Code::NOT_FOUND, Code::BAD_REQUEST, Code::INTERNAL, Code::BUSY];
const PACED: &[Code] =
    &[Code::UNAUTHORIZED, Code::NOT_FOUND, Code::BAD_REQUEST, Code::RATE_LIMITED, Code::INTERNAL, Code::BUSY];
const WITH_BODY: &[Code] = &[
    Code::UNAUTHORIZED,
    Code::NOT_FOUND,
    Code::BAD_REQUEST,
    Code::NOT_JSON,
    Code::FIELD_INVALID,
    Code::INTERNAL,
    Code::BUSY,
];
/// Not everybody may ask everywhere.
const OPENING: &[Code] = &[
    Code::UNAUTHORIZED,
    Code::NOT_VISIBLE,
    Code::NOT_FOUND,
    Code::BAD_REQUEST,
    Code::NOT_JSON,
    Code::FIELD_INVALID,
    Code::INTERNAL,
    Code::BUSY,
];

fn get_call(id: &'static str, path: &'static str, summary: &'static str) -> Call {
    Call::new(id, (Method::GET, path), summary).by_guests().fails(COMMON)
}

fn post_call(id: &'static str, path: &'static str, summary: &'static str) -> Call {
    Call::new(id, (Method::POST, path), summary).by_guests().fails(WITH_BODY)
}

/// The calls. All but the first four are made with a session token.
pub fn calls() -> Calls {
    let calls = acts(messages(sessions(Calls::default())));
    images(calls)
}

fn sessions(calls: Calls) -> Calls {
    let picture = "Read the picture of a help desk; it may be kept, another one has another key.";
    let opening = "Open a session, or go on with that of the bearer token. Naming an `open_id` needs an \
                   `identity_token`, but not in developer mode.";
    calls
        .with(
            Call::new("guest.desks", (Method::GET, "/guest/v1/desks"), "List the help desks that everybody may use.")
                .fails(&[Code::INTERNAL, Code::BUSY])
                .of::<Nothing, Nothing, Nothing, DeskList>(),
            get(session::desks),
        )
        .with(
            Call::new(
                "guest.desk",
                (Method::GET, "/guest/v1/desks/{helpdesk_id}"),
                "Read a help desk's name and colour.",
            )
            .fails(&[Code::NOT_FOUND, Code::INTERNAL, Code::BUSY])
            .of::<DeskPath, Nothing, Nothing, DeskLook>(),
            get(session::look),
        )
        .with(
            Call::new("guest.avatar", (Method::GET, "/guest/v1/desks/{helpdesk_id}/avatar/{image_key}"), picture)
                .fails(&[Code::NOT_FOUND, Code::INTERNAL, Code::BUSY])
                .of::<AvatarPath, Nothing, Nothing, Nothing>()
                .answers("image/*"),
            get(session::avatar),
        )
        .with(
            Call::new("guest.open", (Method::POST, "/guest/v1/desks/{helpdesk_id}/sessions"), opening)
                .fails(OPENING)
                .of::<DeskPath, Nothing, OpenSession, SessionOut>(),
            post(session::open),
        )
}

fn messages(calls: Calls) -> Calls {
    calls
        .with(
            post_call(
                "guest.write",
                "/guest/v1/messages",
                "Write a text or send a picture. The same `client_id` twice is one message.",
            )
            .creates()
            .of::<Nothing, Nothing, PostMessage, Posted>(),
            post(message::post),
        )
        .with(
            get_call(
                "guest.read",
                "/guest/v1/messages",
                "Read what came after a position, oldest first. With `wait_ms` it waits for something to come.",
            )
            .of::<Nothing, ListMessages, Nothing, MessageList>(),
            get(message::list),
        )
        .with(
            get_call(
                "guest.suggestions",
                "/guest/v1/suggestions",
                "Find questions that a text may become while it is typed; at most 5 calls a second. The text is not kept.",
            )
            .fails(PACED)
            .of::<Nothing, Typed, Nothing, Suggestions>(),
            get(suggest::suggestions),
        )
        .with(
            get_call(
                "guest.stream",
                "/guest/v1/stream",
                "Follow the messages as server-sent events, and `agent_typing` while an agent writes. It goes on after the \
                 position in `Last-Event-ID`.",
            )
            .answers("text/event-stream"),
            get(stream::stream),
        )
}

fn acts(calls: Calls) -> Calls {
    calls
        .with(
            get_call(
                "guest.ticket",
                "/guest/v1/ticket",
                "Tell where the open ticket stands, and whether an agent is on duty.",
            )
            .of::<Nothing, Nothing, Nothing, StandingOut>(),
            get(standing::standing),
        )
        .with(
            post_call(
                "guest.feedback",
                "/guest/v1/messages/{message_id}/feedback",
                "Say whether an answer was the solution.",
            )
            .of::<MessagePath, Nothing, Feedback, Nothing>(),
            post(act::feedback),
        )
        .with(
            post_call("guest.choose", "/guest/v1/messages/{message_id}/choose", "Pick one of the offered questions.")
                .creates()
                .of::<MessagePath, Nothing, Choose, Posted>(),
            post(act::choose),
        )
        .with(
            post_call("guest.human", "/guest/v1/human", "Ask for a human.")
                .of::<Nothing, Nothing, Nothing, HandoverOut>(),
            post(act::human),
        )
        .with(
            post_call("guest.close", "/guest/v1/close", "End the open ticket.")
                .of::<Nothing, Nothing, Nothing, Closed>(),
            post(act::close),
        )
        .with(
            post_call("guest.rate", "/guest/v1/rating", "Rate the last ticket.")
                .of::<Nothing, Nothing, Rating, Rated>(),
            post(act::rating),
        )
}

fn images(calls: Calls) -> Calls {
    let uploads = post(image::upload).layer(DefaultBodyLimit::max(desk::image::BYTES_MAX + 64 * 1024));
    calls
        .with(
            post_call("guest.upload", "/guest/v1/images", "Upload a picture for a message.")
                .creates()
                .takes_form(image::form)
                .of::<Nothing, Nothing, Nothing, Uploaded>(),
            uploads,
        )
        .with(
            get_call("guest.image", "/guest/v1/images/{image_key}", "Read a picture of the chat.")
                .of::<ImagePath, Nothing, Nothing, Nothing>()
                .answers("image/*"),
            get(image::get),
        )
}
