//! Shapes of the console API.

use desk::console::conversation;
use desk::console::entry::Entry;
use desk::console::note::Note;
use desk::console::view::{Earlier, Whole};
use desk::message::Message;
use desk::ticket::Contact;
use desk::ticket::state::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::presence::PresentOut;
use crate::guest::MessageOut;

/// Somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "ConsolePerson")]
pub struct PersonOut {
    /// `ou_…`
    pub open_id: String,
    /// Display name.
    pub name: String,
}

impl From<&Contact> for PersonOut {
    fn from(contact: &Contact) -> Self {
        Self { open_id: contact.who.open_id.clone(), name: contact.name.clone() }
    }
}

/// A ticket as lists show it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleTicket")]
pub struct EntryOut {
    /// Decimal id.
    pub ticket_id: String,
    /// Decimal id of its help desk.
    helpdesk_id: String,
    /// 1 with the bot, 2 with humans.
    stage: i64,
    /// As in the open API: 1 created, 2 in progress, 3 in the queue, 4 on hold, 5 waits for the guest, 50 closed by the
    /// bot, 51 by an agent, 52 by the guest.
    status: i64,
    /// Who asks.
    guest: GuestOut,
    /// The agent in charge.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<PersonOut>,
    /// Since when the guest waits for a human's word, Unix ms; left out while nobody waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting_since: Option<i64>,
    /// Unix ms.
    created_at: i64,
    /// When stage, status or data last changed, Unix ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<i64>,
    /// Unix ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_at: Option<i64>,
    /// 1 not solved, 2 solved.
    #[serde(skip_serializing_if = "Option::is_none")]
    solve: Option<i64>,
    /// The guest's rating: 1 dissatisfied, 2 neutral, 3 satisfied.
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<i64>,
    /// Names of its tags, by name.
    tags: Vec<String>,
    /// Its last message that is no notice.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_message: Option<LastMessage>,
    /// The guest's messages since an agent last wrote; counted up to 100.
    unanswered: i64,
}

/// The guest of a ticket.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleGuest")]
struct GuestOut {
    /// `ou_…`
    open_id: String,
    /// Display name.
    name: String,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
}

/// A ticket's last message.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleLastMessage")]
struct LastMessage {
    /// `guest`, `bot` or `agent`.
    from: &'static str,
    /// `text`, `post`, `image`, `card` or `answer`.
    kind: String,
    /// The first 200 characters; empty for a picture.
    text: String,
    /// Position in the chat.
    position: i64,
    /// Unix ms.
    created_at: i64,
}

impl From<&Entry> for EntryOut {
    fn from(entry: &Entry) -> Self {
        let ticket = &entry.ticket;
        let guest = GuestOut {
            open_id: ticket.guest.who.open_id.clone(),
            name: ticket.guest.name.clone(),
            email: ticket.guest.email.clone(),
        };
        let last_message = entry.last.as_ref().map(|last| LastMessage {
            from: last.sender.word(),
            kind: last.kind.clone(),
            text: last.text.clone(),
            position: last.position,
            created_at: last.created_at,
        });
        Self {
            ticket_id: ticket.id.to_string(),
            helpdesk_id: ticket.helpdesk_id.to_string(),
            stage: ticket.state.stage,
            status: ticket.state.status,
            guest,
            owner: ticket.owner.as_ref().map(Into::into),
            waiting_since: ticket.waits_from,
            created_at: ticket.created_at,
            updated_at: ticket.updated_at,
            closed_at: ticket.closed_at,
            solve: ticket.solve,
            score: ticket.score,
            tags: entry.tags.clone(),
            last_message,
            unanswered: entry.unanswered,
        }
    }
}

/// A ticket with everything beside its conversation.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleTicketView")]
pub struct WholeOut {
    /// The server's clock, Unix ms.
    now: i64,
    /// The ticket.
    ticket: DetailOut,
    /// Who asks.
    guest: ProfileOut,
    /// The guest's last 20 other tickets in this help desk, newest first.
    earlier: Vec<EarlierOut>,
    /// What the reader may do.
    may: MayOut,
    /// Other agents who have it open.
    present: Vec<PresentOut>,
    /// The reader's unsent text.
    #[serde(skip_serializing_if = "Option::is_none")]
    draft: Option<DraftOut>,
}

/// A ticket with all that belongs to it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleTicketDetail")]
struct DetailOut {
    #[serde(flatten)]
    entry: EntryOut,
    /// Where it came from, as in the open API.
    channel: i64,
    /// Its place in the queue: since when it has been waiting for an agent, Unix ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    queued_at: Option<i64>,
    /// Since when it has been on hold, while it is, Unix ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    held_at: Option<i64>,
    /// How long it was on hold before, in ms.
    on_hold_ms: i64,
    /// When the first agent took it, Unix ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_entry_at: Option<i64>,
    /// When an agent first replied, Unix ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_first_response_at: Option<i64>,
    /// When an agent last replied, Unix ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_last_response_at: Option<i64>,
    /// Why the guest rated so.
    #[serde(skip_serializing_if = "Option::is_none")]
    score_reason: Option<String>,
    /// Who closed it, unless the bot did.
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_by: Option<PersonOut>,
    /// Everybody who had it or wrote in it, in the order of joining.
    agents: Vec<PersonOut>,
    /// Who was added beside the agent in charge.
    collaborators: Vec<PersonOut>,
    /// The remark, for agents and apps.
    #[serde(skip_serializing_if = "Option::is_none")]
    remark: Option<RemarkOut>,
    /// Its customized fields with a value, by place.
    fields: Vec<FieldValueOut>,
}

/// The remark on a ticket.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleRemark")]
struct RemarkOut {
    /// Its text.
    text: String,
    /// The author's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    /// Unix ms.
    at: i64,
}

/// A customized field's value.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleFieldValue")]
struct FieldValueOut {
    /// Decimal id of the field.
    id: String,
    /// The field's key.
    key_name: String,
    /// The field's name.
    display_name: String,
    /// The value; of a drop-down, the name of what was picked.
    value: String,
}

/// A guest's profile.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleGuestProfile")]
struct ProfileOut {
    /// `ou_…`
    open_id: String,
    /// Display name.
    name: String,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<String>,
    /// Country code.
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<String>,
    /// Such as `zh-CN`.
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    /// Ids of departments.
    departments: Vec<String>,
    /// When they first came to this help desk, Unix ms.
    first_seen_at: i64,
}

/// Another ticket of a guest.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleEarlierTicket")]
struct EarlierOut {
    /// Decimal id.
    ticket_id: String,
    /// 1 with the bot, 2 with humans.
    stage: i64,
    /// As in the open API.
    status: i64,
    /// 1 not solved, 2 solved.
    #[serde(skip_serializing_if = "Option::is_none")]
    solve: Option<i64>,
    /// Unix ms.
    created_at: i64,
    /// Unix ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_at: Option<i64>,
    /// What the guest first wrote, the first 200 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_message: Option<String>,
}

impl From<&Earlier> for EarlierOut {
    fn from(earlier: &Earlier) -> Self {
        let State { stage, status } = earlier.state;
        Self {
            ticket_id: earlier.id.to_string(),
            stage,
            status,
            solve: earlier.solve,
            created_at: earlier.created_at,
            closed_at: earlier.closed_at,
            first_message: earlier.first_message.clone(),
        }
    }
}

/// What somebody may do with a ticket.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleMay")]
struct MayOut {
    /// Reply and act.
    act: bool,
    /// Take it.
    take: bool,
}

/// An unsent text.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleDraft")]
pub struct DraftOut {
    /// The text.
    text: String,
    /// Whether it is meant for a private note.
    private: bool,
    /// Unix ms.
    saved_at: i64,
}

impl From<desk::console::draft::Draft> for DraftOut {
    fn from(draft: desk::console::draft::Draft) -> Self {
        Self { text: draft.text, private: draft.private, saved_at: draft.saved_at }
    }
}

impl WholeOut {
    /// The ticket at `now` (Unix ms) with the others who have it open.
    pub fn of(whole: Whole, now: i64, present: Vec<PresentOut>) -> Self {
        let guest = ProfileOut {
            open_id: whole.guest.open_id.clone(),
            name: whole.guest.name.clone(),
            email: whole.guest.email.clone(),
            city: whole.guest.city.clone(),
            country: whole.guest.country.clone(),
            language: whole.guest.language.clone(),
            departments: whole.guest.departments.clone(),
            first_seen_at: whole.first_seen_at,
        };
        let may = MayOut { act: whole.may.act, take: whole.may.take };
        let earlier = whole.earlier.iter().map(Into::into).collect();
        let ticket = DetailOut::from(&whole);
        Self { now, ticket, guest, earlier, may, present, draft: whole.draft.map(Into::into) }
    }
}

impl From<&Whole> for DetailOut {
    fn from(whole: &Whole) -> Self {
        let (ticket, details) = (&whole.entry.ticket, &whole.details);
        let field = |value: &desk::field::Value| FieldValueOut {
            id: value.field_id.to_string(),
            key_name: value.key_name.clone(),
            display_name: value.display_name.clone(),
            value: value.value.clone(),
        };
        let remark = ticket.comment.as_ref().map(|comment| RemarkOut {
            text: comment.content.clone(),
            by: comment.author_name.clone(),
            at: comment.created_at,
        });
        Self {
            entry: (&whole.entry).into(),
            channel: ticket.channel,
            queued_at: ticket.queued_at,
            held_at: ticket.held_at,
            on_hold_ms: ticket.on_hold_ms,
            agent_entry_at: ticket.agent_entry_at,
            agent_first_response_at: ticket.agent_first_response_at,
            agent_last_response_at: ticket.agent_last_response_at,
            score_reason: ticket.score_reason.clone(),
            closed_by: ticket.closed_by.as_ref().map(Into::into),
            agents: details.agents.iter().map(Into::into).collect(),
            collaborators: details.collaborators.iter().map(Into::into).collect(),
            remark,
            fields: details.fields.iter().map(field).collect(),
        }
    }
}

/// A message or a private note, never both.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConversationEntry")]
pub struct ConversationEntry {
    /// Its place in the chat; a note has that of the message it stands behind.
    position: i64,
    /// What the guest and the desk said.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<MessageOut>,
    /// What the guest never sees.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<NoteOut>,
}

/// A private note.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PrivateNote")]
pub struct NoteOut {
    /// Decimal id.
    note_id: String,
    /// The text.
    text: String,
    /// Who wrote it; left out if that person is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<PersonOut>,
    /// Unix ms.
    created_at: i64,
}

impl From<conversation::Entry> for ConversationEntry {
    fn from(entry: conversation::Entry) -> Self {
        match entry {
            conversation::Entry::Message(message) => (*message).into(),
            conversation::Entry::Note(note) => note.into(),
        }
    }
}

impl From<Message> for ConversationEntry {
    fn from(message: Message) -> Self {
        Self { position: message.position, message: Some(message.into()), note: None }
    }
}

impl From<Note> for ConversationEntry {
    fn from(note: Note) -> Self {
        let by = note.author.map(|(open_id, name)| PersonOut { open_id, name });
        let out = NoteOut { note_id: note.id.to_string(), text: note.text, by, created_at: note.created_at };
        Self { position: note.position, message: None, note: Some(out) }
    }
}

/// The path of a ticket.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "ConsoleTicketPath")]
#[expect(dead_code, reason = "the document reads its schema, the handler its one segment")]
pub struct TicketPath {
    /// Decimal id of the ticket.
    ticket_id: String,
}
