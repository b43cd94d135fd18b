//! Which calls the admin API has.

use axum::http::Method;
use axum::routing::{delete, get, patch, post};
use desk::answering::Answering;
use wire::faq::{FaqBody, FaqData};
use wire::{Code, Nothing};

use super::api_calls;
use super::app_calls;
use super::audit_calls;
use super::calibration::{self, CalibrationOut};
use super::cases::{self, CaseBody, CaseList, CasePath, ChangeCase, ListCases};
use super::content_calls;
use super::desk_calls;
use super::desks::{self, ChangeAnswering, DeskList};
use super::events::{self, AskCommand, AskEvent, ConnectionList, EventDetail, EventList, EventPath, ListEvents};
use super::explain::{self, AskExplanation};
use super::faq_files;
use super::faqs::{self, FaqList, FaqPath, FaqPicturePath, ListFaqs, UsageOut};
use super::gap_calls;
use super::history;
use super::notification_calls;
use super::replay::{self, AskThresholds, ChangeBody, ReplayBody, ReplayOut, ThresholdsOut};
use super::report_calls;
use super::roster_calls;
use super::session::{self, SessionOut, SignIn};
use super::settings_calls;
use super::stream::{self, AskFeed};
use super::synonyms::{self, SwitchSynonym, SynonymList, SynonymOut, SynonymPath};
use super::user_calls;
use crate::explain::ExplainedQuestion;
use crate::guest::DeskPath;
use crate::openapi::{Call, Calls};
use crate::replay::{CaseOut, CaseReport};

const COMMON: &[Code] = &[
    Code::UNAUTHORIZED,
    Code::FORBIDDEN,
    Code::BAD_REQUEST,
    Code::FIELD_INVALID,
    Code::NOT_FOUND,
    Code::INTERNAL,
    Code::BUSY,
];
const WITH_BODY: &[Code] = &[
    Code::UNAUTHORIZED,
    Code::FORBIDDEN,
    Code::BAD_REQUEST,
    Code::NOT_JSON,
    Code::FIELD_INVALID,
    Code::NOT_FOUND,
    Code::INTERNAL,
    Code::BUSY,
];
pub(crate) const SIGN_IN: &[Code] = &[
    Code::UNAUTHORIZED,
    Code::FORBIDDEN,
    Code::BAD_REQUEST,
    Code::NOT_JSON,
    Code::FIELD_INVALID,
    Code::RATE_LIMITED,
    Code::INTERNAL,
    Code::BUSY,
];

pub(crate) fn call(id: &'static str, method: Method, path: &'static str, summary: &'static str) -> Call {
    Call::new(id, (method, path), summary).by_staff().fails(COMMON)
}

pub(crate) fn body_call(id: &'static str, method: Method, path: &'static str, summary: &'static str) -> Call {
    call(id, method, path, summary).fails(WITH_BODY)
}

pub(crate) fn get_call(id: &'static str, path: &'static str, summary: &'static str) -> Call {
    call(id, Method::GET, path, summary)
}

/// The calls. All but the first are made by people who are signed in.
pub fn calls() -> Calls {
    let seen = notification_calls::with(settings_calls::with(looked_after(on_their_way(sessions(Calls::default())))));
    let kept = faq_files::with(history::with(kept_faqs(pairs(content_calls::with(seen)))));
    let of_tenant = |calls| api_calls::with(user_calls::with(app_calls::with(desk_calls::with(calls))));
    of_tenant(audit_calls::with(report_calls::with(roster_calls::with(kept_cases(replays(gap_calls::with(
        calibrated(kept),
    )))))))
}

fn sessions(calls: Calls) -> Calls {
    let signing_in = "Sign in with e-mail address and password. Administrators of the tenant, owners and agents may. \
                      The answer sets a cookie, or with `\"cookie\": false` carries a token to send as bearer token.";
    calls
        .with(
            Call::new("admin_session.create", (Method::POST, "/admin/v1/session"), signing_in)
                .fails(SIGN_IN)
                .of::<Nothing, Nothing, SignIn, SessionOut>(),
            post(session::sign_in),
        )
        .with(
            get_call("admin_session.get", "/admin/v1/session", "Read who is signed in.")
                .of::<Nothing, Nothing, Nothing, SessionOut>(),
            get(session::show),
        )
        .with(
            call("admin_session.delete", Method::DELETE, "/admin/v1/session", "Sign out. The session is over.")
                .of::<Nothing, Nothing, Nothing, Nothing>(),
            delete(session::sign_out),
        )
}

fn on_their_way(calls: Calls) -> Calls {
    let feed =
        "Follow new events as server-sent events, two seconds behind. It goes on after the id in `Last-Event-ID`.";
    let command = "Read a command that sends an event by hand, as an attempt would. For administrators of the tenant.";
    calls
        .with(
            get_call(
                "admin_event.list",
                "/admin/v1/events",
                "List events on their way to apps, newest first. Owners see those of their help desks, administrators \
                 those of the tenant.",
            )
            .of::<Nothing, ListEvents, Nothing, EventList>(),
            get(events::list),
        )
        .with(
            get_call("admin_event.stream", "/admin/v1/events/stream", feed)
                .of::<Nothing, AskFeed, Nothing, Nothing>()
                .answers("text/event-stream"),
            get(stream::stream),
        )
        .with(
            get_call(
                "admin_event.get",
                "/admin/v1/events/{delivery_id}",
                "Read an event with its attempts, what the app reads, and what that means.",
            )
            .of::<EventPath, AskEvent, Nothing, EventDetail>(),
            get(events::show),
        )
        .with(
            get_call("admin_event.curl", "/admin/v1/events/{delivery_id}/curl", command)
                .of::<EventPath, AskCommand, Nothing, Nothing>()
                .answers("text/plain"),
            get(events::command),
        )
        .with(
            call(
                "admin_event.resend",
                Method::POST,
                "/admin/v1/events/{delivery_id}/resend",
                "Have an event sent again, now, whatever became of it.",
            )
            .of::<EventPath, Nothing, Nothing, Nothing>(),
            post(events::resend),
        )
        .with(
            get_call(
                "admin_connection.list",
                "/admin/v1/connections",
                "List the long connections that apps have to this server.",
            )
            .of::<Nothing, Nothing, Nothing, ConnectionList>(),
            get(events::connections),
        )
}

fn looked_after(calls: Calls) -> Calls {
    let path = "/admin/v1/desks/{helpdesk_id}/answering";
    calls
        .with(
            get_call("admin_desk.list", "/admin/v1/desks", "List help desks with what there is in them.")
                .of::<Nothing, Nothing, Nothing, DeskList>(),
            get(desks::list),
        )
        .with(
            get_call("admin_answering.get", path, "Read how a help desk answers.")
                .of::<DeskPath, Nothing, Nothing, Answering>(),
            get(desks::answering),
        )
        .with(
            body_call(
                "admin_answering.patch",
                Method::PATCH,
                path,
                "Change how a help desk answers; what is left out stays as it is. It counts from the next question on.",
            )
            .of::<DeskPath, Nothing, ChangeAnswering, Answering>(),
            patch(desks::change_answering),
        )
        .with(
            body_call(
                "admin_answering.explain",
                Method::POST,
                "/admin/v1/desks/{helpdesk_id}/explain",
                "Tell how the built-in engine would answer a question now, and why each FAQ has its score. Nothing is \
                 stored.",
            )
            .of::<DeskPath, Nothing, AskExplanation, ExplainedQuestion>(),
            post(explain::explain),
        )
}

fn pairs(calls: Calls) -> Calls {
    let (all, one) = ("/admin/v1/desks/{helpdesk_id}/synonyms", "/admin/v1/desks/{helpdesk_id}/synonyms/{synonym_id}");
    calls
        .with(
            get_call(
                "admin_synonym.list",
                all,
                "List words of guests that stand for words of FAQs, as found in confirmed answers, those of most guests \
                 first.",
            )
            .of::<DeskPath, Nothing, Nothing, SynonymList>(),
            get(synonyms::list),
        )
        .with(
            body_call(
                "admin_synonym.patch",
                Method::PATCH,
                one,
                "Switch a pair of words off, or on again. It counts from the next question on; what is off stays off.",
            )
            .of::<SynonymPath, Nothing, SwitchSynonym, SynonymOut>(),
            patch(synonyms::switch),
        )
}

fn kept_faqs(calls: Calls) -> Calls {
    let (all, one) = ("/admin/v1/desks/{helpdesk_id}/faqs", "/admin/v1/desks/{helpdesk_id}/faqs/{faq_id}");
    calls
        .with(
            get_call("admin_faq.list", all, "List the FAQs of a help desk, oldest first.")
                .of::<DeskPath, ListFaqs, Nothing, FaqList>(),
            get(faqs::list),
        )
        .with(
            get_call(
                "admin_faq.usage",
                "/admin/v1/desks/{helpdesk_id}/faq-usage",
                "Read what became of FAQs' answers: how many of the last 30 days' questions each answered, and whether it helped.",
            )
            .of::<DeskPath, Nothing, Nothing, UsageOut>(),
            get(faqs::usage),
        )
        .with(
            body_call("admin_faq.create", Method::POST, all, "Make a FAQ, as `faq.create` does.")
                .creates()
                .of::<DeskPath, Nothing, FaqBody, FaqData>(),
            post(faqs::create),
        )
        .with(
            get_call("admin_faq.get", one, "Read a FAQ, also one from the recycle bin.")
                .of::<FaqPath, Nothing, Nothing, FaqData>(),
            get(faqs::show),
        )
        .with(
            body_call("admin_faq.patch", Method::PATCH, one, "Change a FAQ, as `faq.patch` does.")
                .of::<FaqPath, Nothing, FaqBody, FaqData>(),
            patch(faqs::update),
        )
        .with(
            call("admin_faq.delete", Method::DELETE, one, "Put a FAQ into the recycle bin, as `faq.delete` does.")
                .of::<FaqPath, Nothing, Nothing, Nothing>(),
            delete(faqs::delete),
        )
        .with(
            call(
                "admin_faq.restore",
                Method::POST,
                "/admin/v1/desks/{helpdesk_id}/faqs/{faq_id}/restore",
                "Take a FAQ out of the recycle bin; it answers questions again at once.",
            )
            .of::<FaqPath, Nothing, Nothing, FaqData>(),
            post(faqs::restore),
        )
        .with(
            get_call(
                "admin_faq.image",
                "/admin/v1/desks/{helpdesk_id}/faqs/{faq_id}/images/{image_key}",
                "Download a picture of a FAQ's rich answer.",
            )
            .of::<FaqPicturePath, Nothing, Nothing, Nothing>()
            .answers("image/*"),
            get(faqs::picture),
        )
}

fn calibrated(calls: Calls) -> Calls {
    let path = "/admin/v1/desks/{helpdesk_id}/calibration";
    let told = "Read how the built-in engine's scores are fitted to what people said about its answers, and how true they are.";
    let forgets = "Go back to the model's own scores and forget what people have said about answers so far.";
    calls
        .with(
            get_call("admin_calibration.get", path, told).of::<DeskPath, Nothing, Nothing, CalibrationOut>(),
            get(calibration::show),
        )
        .with(
            call("admin_calibration.delete", Method::DELETE, path, forgets).of::<DeskPath, Nothing, Nothing, Nothing>(),
            delete(calibration::reset),
        )
}

fn replays(calls: Calls) -> Calls {
    let (path, graph) = ("/admin/v1/desks/{helpdesk_id}/replay", "/admin/v1/desks/{helpdesk_id}/replay/thresholds");
    calls
        .with(
            body_call(
                "admin_replay.run",
                Method::POST,
                path,
                "Answer past questions again, with other FAQs and scores if any are given: which would be answered \
                 otherwise, and which rightly. Nothing is changed. A server does one of these at a time; the next is \
                 refused with 503.",
            )
            .of::<DeskPath, Nothing, ReplayBody, ReplayOut>(),
            post(replay::run),
        )
        .with(
            get_call(
                "admin_replay.thresholds",
                graph,
                "Answer past questions again under many direct scores: how many would be answered directly, with a \
                 list or not at all, and how many of them rightly.",
            )
            .of::<DeskPath, AskThresholds, Nothing, ThresholdsOut>(),
            get(replay::thresholds),
        )
}

fn kept_cases(calls: Calls) -> Calls {
    let (all, one) = ("/admin/v1/desks/{helpdesk_id}/cases", "/admin/v1/desks/{helpdesk_id}/cases/{case_id}");
    calls
        .with(
            get_call("admin_case.list", all, "List the kept cases of a help desk, oldest first.")
                .of::<DeskPath, ListCases, Nothing, CaseList>(),
            get(cases::list),
        )
        .with(
            body_call("admin_case.create", Method::POST, all, "Keep a question with the answer it has to get.")
                .creates()
                .of::<DeskPath, Nothing, CaseBody, CaseOut>(),
            post(cases::create),
        )
        .with(
            body_call("admin_case.patch", Method::PATCH, one, "Change a kept case; what is left out stays as it is.")
                .of::<CasePath, Nothing, ChangeCase, CaseOut>(),
            patch(cases::update),
        )
        .with(
            call("admin_case.delete", Method::DELETE, one, "Forget a kept case.")
                .of::<CasePath, Nothing, Nothing, Nothing>(),
            delete(cases::delete),
        )
        .with(
            body_call(
                "admin_case.run",
                Method::POST,
                "/admin/v1/desks/{helpdesk_id}/cases/run",
                "Try all kept cases, with other FAQs and scores if any are given, and tell those that fail.",
            )
            .of::<DeskPath, Nothing, ChangeBody, CaseReport>(),
            post(cases::run),
        )
}
