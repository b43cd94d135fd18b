//! Guests: people who ask. Each has one chat with a help desk, which outlives their tickets.

use db::{DbError, Tx, params};

use crate::directory::{self, Helpdesk};
use crate::person::{self, NewGuest, Person};
use crate::{Cx, Kind, Refusal};

/// A guest's chat with a help desk.
#[derive(Debug, Clone)]
pub struct Chat {
    /// `oc_…`
    pub chat_id: String,
    /// Who asks.
    pub guest: Person,
    /// The ticket in progress.
    pub open_ticket_id: Option<i64>,
    /// Position of the last message; 0 if there is none.
    pub position: i64,
}

/// Who opens a session.
#[derive(Debug, Clone)]
pub enum Arrival {
    /// A known user of the tenant; that they are who they say has been checked.
    Known {
        /// `ou_…`
        open_id: String,
    },
    /// Somebody new.
    New(NewGuest),
}

/// Opens a session: finds or makes the guest and their chat. To a help desk that is closed, only who has a chat there comes
/// back, to read it and to end what is open.
pub fn arrive(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, arrival: &Arrival) -> Result<Chat, Refusal> {
    let guest = match arrival {
        Arrival::Known { open_id } => {
            let known = person::require(tx, &desk.tenant, open_id)?;
            if !desk.visible_to(&known.user_id, &known.departments) {
                return Err(Refusal::NotVisible(open_id.clone()));
            }
            known
        }
        Arrival::New(_) if !desk.visibility.all => {
            return Err(Refusal::NotVisible("who is not signed in".into()));
        }
        Arrival::New(guest) => person::create_guest(tx, cx, &desk.tenant, guest)?,
    };
    if find_chat(tx, desk, &guest.user_id)?.is_none() {
        directory::require_open(tx, desk)?;
    }
    chat_of(tx, cx, desk, guest).map_err(Refusal::from)
}

/// The guest's chat, made if it is their first time here.
pub(crate) fn chat_of(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, guest: Person) -> Result<Chat, DbError> {
    if let Some(Place { chat_id, open_ticket_id, position }) = find_chat(tx, desk, &guest.user_id)? {
        return Ok(Chat { chat_id, guest, open_ticket_id, position });
    }
    let chat_id = new_chat(tx, cx, desk, &guest.user_id)?;
    Ok(Chat { chat_id, guest, open_ticket_id: None, position: 0 })
}

/// A chat without its guest.
pub(crate) struct Place {
    /// `oc_…`
    pub chat_id: String,
    /// The ticket in progress.
    pub open_ticket_id: Option<i64>,
    position: i64,
}

/// The chat of a user with this help desk, if they have one.
pub(crate) fn find_chat(tx: &mut Tx<'_>, desk: &Helpdesk, user_id: &str) -> Result<Option<Place>, DbError> {
    tx.query_opt(
        "SELECT chat_id, open_ticket_id, position FROM chat WHERE tenant = $1 AND helpdesk_id = $2 AND guest = $3",
        &params![&desk.tenant, desk.id, user_id],
        |row| Ok(Place { chat_id: row.string(0)?, open_ticket_id: row.opt_int(1)?, position: row.int(2)? }),
    )
}

/// Makes the chat of somebody who has none here yet; answers its id.
pub(crate) fn new_chat(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, user_id: &str) -> Result<String, DbError> {
    let chat_id = cx.ids.tagged("oc_");
    tx.execute(
        "INSERT INTO chat (tenant, chat_id, helpdesk_id, guest, position, created_at) VALUES ($1, $2, $3, $4, 0, $5)",
        &params![&desk.tenant, &chat_id, desk.id, user_id, cx.now],
    )?;
    Ok(chat_id)
}

/// The chat of a session.
pub fn chat(tx: &mut Tx<'_>, desk: &Helpdesk, chat_id: &str) -> Result<Chat, Refusal> {
    let found = tx.query_opt(
        "SELECT c.open_ticket_id, c.position, p.user_id, p.union_id, p.open_id, p.name, p.email, p.city, p.country,
                p.language
         FROM chat c JOIN person p ON p.tenant = c.tenant AND p.user_id = c.guest
         WHERE c.tenant = $1 AND c.chat_id = $2 AND c.helpdesk_id = $3",
        &params![&desk.tenant, chat_id, desk.id],
        |row| {
            let guest = Person {
                user_id: row.string(2)?,
                union_id: row.string(3)?,
                open_id: row.string(4)?,
                name: row.string(5)?,
                email: row.opt_string(6)?,
                city: row.opt_string(7)?,
                country: row.opt_string(8)?,
                language: row.opt_string(9)?,
                departments: Vec::new(),
            };
            Ok(Chat { chat_id: chat_id.to_owned(), guest, open_ticket_id: row.opt_int(0)?, position: row.int(1)? })
        },
    )?;
    found.ok_or_else(|| Refusal::not_found(Kind::User, "of this session"))
}
