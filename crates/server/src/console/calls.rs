//! Which calls the console API has.

use axum::extract::DefaultBodyLimit;
use axum::http::Method;
use axum::routing::{delete, get, patch, post, put};
use wire::{Code, Nothing};

use super::act::{self, Perform, Reply, Sent};
use super::conversation::{self, AskConversation, Conversation, Noted, WriteNote};
use super::deliveries::{self, AskDeliveries, DeliveryList};
use super::faqs::{self, FaqList, FindFaqs, SendFaq};
use super::inboxes::{self, AskInboxes, Counted, ListTickets, TicketList};
use super::me::{self, AgentsOut, FindAgents, Me, Menus, SetStatus};
use super::presence::{self, Doing, PresentList};
use super::search::{self, AskSearch, SaveView, SearchPage, ViewData, ViewList, ViewPath};
use super::shape::{DraftOut, TicketPath, WholeOut};
use super::stream::{self, AskStream};
use super::tickets::{self, AskTimeline, ChangeTicket, ImagePath, Timeline};
use super::writing::{
    self, AskCannedReplies, CannedReplyData, CannedReplyList, CannedReplyPath, ChangeCannedReply, KeepDraft,
    NewCannedReply,
};
use crate::admin::calls::{body_call, call, get_call};
use crate::guest::DeskPath;
use crate::openapi::Calls;

const ON_OPEN: &[Code] = &[
    Code::UNAUTHORIZED,
    Code::TICKET_CLOSED,
    Code::BAD_URL,
    Code::FORBIDDEN,
    Code::BAD_REQUEST,
    Code::NOT_JSON,
    Code::FIELD_INVALID,
    Code::NOT_FOUND,
    Code::INTERNAL,
    Code::BUSY,
];

/// The calls. All are made by people who are signed in.
pub fn calls() -> Calls {
    found(helped(written(one(lists(me(Calls::default()))))))
}

fn me(calls: Calls) -> Calls {
    let path = "/console/v1/me";
    calls
        .with(
            get_call("console_me.get", path, "Read who I am, my help desks, and whether I take tickets.")
                .of::<Nothing, Nothing, Nothing, Me>(),
            get(me::show),
        )
        .with(
            body_call("console_me.put", Method::PUT, path, "Take tickets from now on, or take none any more.")
                .of::<Nothing, Nothing, SetStatus, Me>(),
            put(me::set),
        )
        .with(
            get_call(
                "console_desk.get",
                "/console/v1/desks/{helpdesk_id}",
                "Read the skills, ticket fields and tags of a help desk, for menus.",
            )
            .of::<DeskPath, Nothing, Nothing, Menus>(),
            get(me::menus),
        )
        .with(
            get_call(
                "console_agent.find",
                "/console/v1/desks/{helpdesk_id}/agents",
                "Find agents of a help desk by name, e-mail address or skill, those on duty first.",
            )
            .of::<DeskPath, FindAgents, Nothing, AgentsOut>(),
            get(me::agents),
        )
}

fn lists(calls: Calls) -> Calls {
    let feed = "Follow what changes in my help desks as server-sent events: `ticket`, `presence` and `me`. It goes on \
                after the id in `Last-Event-ID`.";
    calls
        .with(
            get_call("console_inbox.list", "/console/v1/inboxes", "Count the tickets in each inbox.")
                .of::<Nothing, AskInboxes, Nothing, Counted>(),
            get(inboxes::list),
        )
        .with(
            get_call(
                "console_ticket.list",
                "/console/v1/tickets",
                "List the tickets of an inbox, those first whose guests have waited longest.",
            )
            .of::<Nothing, ListTickets, Nothing, TicketList>(),
            get(inboxes::tickets),
        )
        .with(
            get_call("console.stream", "/console/v1/stream", feed)
                .of::<Nothing, AskStream, Nothing, Nothing>()
                .answers("text/event-stream"),
            get(stream::stream),
        )
}

fn one(calls: Calls) -> Calls {
    let path = "/console/v1/tickets/{ticket_id}";
    let change = "Change a ticket's tags, fields, remark and whether it is solved, as `ticket.update` does; what is left \
                  out stays.";
    let actions = "Take a ticket, hold, resume, transfer or close it, add or remove a collaborator.";
    calls
        .with(
            get_call("console_ticket.get", path, "Read a ticket with everything beside its conversation.")
                .of::<TicketPath, Nothing, Nothing, WholeOut>(),
            get(tickets::show),
        )
        .with(
            body_call("console_ticket.patch", Method::PATCH, path, change)
                .of::<TicketPath, Nothing, ChangeTicket, WholeOut>(),
            patch(tickets::change),
        )
        .with(
            body_call("console_ticket.act", Method::POST, "/console/v1/tickets/{ticket_id}/actions", actions)
                .fails(ON_OPEN)
                .of::<TicketPath, Nothing, Perform, WholeOut>(),
            post(act::act),
        )
        .with(
            get_call(
                "console_ticket.timeline",
                "/console/v1/tickets/{ticket_id}/timeline",
                "List who did what with a ticket when, the last first.",
            )
            .of::<TicketPath, AskTimeline, Nothing, Timeline>(),
            get(tickets::timeline),
        )
        .with(
            get_call(
                "console_delivery.list",
                "/console/v1/tickets/{ticket_id}/deliveries",
                "List a ticket's events on their way to apps, newest first: where each stands, not what was sent.",
            )
            .of::<TicketPath, AskDeliveries, Nothing, DeliveryList>(),
            get(deliveries::list),
        )
        .with(
            get_call(
                "console_ticket.image",
                "/console/v1/tickets/{ticket_id}/images/{image_key}",
                "Read a picture of a ticket's conversation.",
            )
            .of::<ImagePath, Nothing, Nothing, Nothing>()
            .answers("image/*"),
            get(tickets::picture),
        )
}

fn written(calls: Calls) -> Calls {
    let (messages, notes) = ("/console/v1/tickets/{ticket_id}/messages", "/console/v1/tickets/{ticket_id}/notes");
    calls
        .with(
            get_call(
                "console_message.list",
                messages,
                "Read a ticket's conversation with its private notes, oldest first.",
            )
            .of::<TicketPath, AskConversation, Nothing, Conversation>(),
            get(conversation::read),
        )
        .with(
            body_call("console_message.create", Method::POST, messages, "Reply to the guest.")
                .creates()
                .fails(ON_OPEN)
                .of::<TicketPath, Nothing, Reply, Sent>(),
            post(act::reply),
        )
        .with(
            call(
                "console_picture.create",
                Method::POST,
                "/console/v1/tickets/{ticket_id}/images",
                "Send the guest a picture.",
            )
            .creates()
            .fails(ON_OPEN)
            .takes_form(act::picture_form)
            .of::<TicketPath, Nothing, Nothing, Sent>(),
            post(act::picture).layer(DefaultBodyLimit::max(desk::image::BYTES_MAX + 64 * 1024)),
        )
        .with(
            body_call(
                "console_note.create",
                Method::POST,
                notes,
                "Write a private note, which guests, apps and the open API never see.",
            )
            .creates()
            .of::<TicketPath, Nothing, WriteNote, Noted>(),
            post(conversation::write_note),
        )
        .with(
            body_call(
                "console_faq.send",
                Method::POST,
                "/console/v1/tickets/{ticket_id}/faq",
                "Send a FAQ's answer to the guest.",
            )
            .creates()
            .fails(ON_OPEN)
            .of::<TicketPath, Nothing, SendFaq, Sent>(),
            post(faqs::send_faq),
        )
        .with(
            body_call(
                "console_presence.create",
                Method::POST,
                "/console/v1/tickets/{ticket_id}/presence",
                "Say that a ticket is open on my screen; holds for 25 seconds. Answers who else has it open.",
            )
            .of::<TicketPath, Nothing, Doing, PresentList>(),
            post(presence::beat),
        )
}

fn helped(calls: Calls) -> Calls {
    let draft = "/console/v1/tickets/{ticket_id}/draft";
    let (all, one) = ("/console/v1/canned-replies", "/console/v1/canned-replies/{canned_reply_id}");
    calls
        .with(
            get_call("console_draft.get", draft, "Read my unsent text for a ticket.")
                .of::<TicketPath, Nothing, Nothing, DraftOut>(),
            get(writing::draft),
        )
        .with(
            body_call("console_draft.put", Method::PUT, draft, "Keep my unsent text for a ticket.")
                .of::<TicketPath, Nothing, KeepDraft, DraftOut>(),
            put(writing::keep_draft),
        )
        .with(
            call("console_draft.delete", Method::DELETE, draft, "Delete my unsent text for a ticket.")
                .of::<TicketPath, Nothing, Nothing, Nothing>(),
            delete(writing::drop_draft),
        )
        .with(
            get_call("canned_reply.list", all, "List the canned replies of a help desk, and my own.")
                .of::<Nothing, AskCannedReplies, Nothing, CannedReplyList>(),
            get(writing::canned_replies),
        )
        .with(
            body_call("canned_reply.create", Method::POST, all, "Make a canned reply.")
                .creates()
                .of::<Nothing, Nothing, NewCannedReply, CannedReplyData>(),
            post(writing::new_canned_reply),
        )
        .with(
            body_call("canned_reply.patch", Method::PATCH, one, "Change a canned reply; what is left out stays.")
                .of::<CannedReplyPath, Nothing, ChangeCannedReply, CannedReplyData>(),
            patch(writing::change_canned_reply),
        )
        .with(
            call("canned_reply.delete", Method::DELETE, one, "Delete a canned reply.")
                .of::<CannedReplyPath, Nothing, Nothing, Nothing>(),
            delete(writing::drop_canned_reply),
        )
        .with(
            get_call("console_faq.search", "/console/v1/faqs", "Find FAQs of a help desk, best first.")
                .of::<Nothing, FindFaqs, Nothing, FaqList>(),
            get(faqs::search),
        )
}

fn found(calls: Calls) -> Calls {
    let (all, one) = ("/console/v1/views", "/console/v1/views/{view_id}");
    calls
        .with(
            get_call(
                "console_search.list",
                "/console/v1/search",
                "Find tickets by the words of their messages and private notes, newest tickets first.",
            )
            .of::<Nothing, AskSearch, Nothing, SearchPage>(),
            get(search::search),
        )
        .with(
            get_call("console_view.list", all, "List my saved views.").of::<Nothing, Nothing, Nothing, ViewList>(),
            get(search::views),
        )
        .with(
            body_call("console_view.create", Method::POST, all, "Save a view: a selection of open tickets.")
                .creates()
                .of::<Nothing, Nothing, SaveView, ViewData>(),
            post(search::save_view),
        )
        .with(
            call("console_view.delete", Method::DELETE, one, "Delete a saved view.")
                .of::<ViewPath, Nothing, Nothing, Nothing>(),
            delete(search::drop_view),
        )
}
