//! From what the outbox keeps to what an app receives: the event's JSON, encrypted and signed if the app has a key.
//!
//! The JSON is compact and written as `JSON.stringify` would write it, because the Node SDK writes the parsed body
//! again to check the signature (reference: platform-protocol 5.1).

use desk::directory::App;
use desk::event::{MessageSnapshot, OldTicket, Snapshot, TicketSnapshot, Who};
use desk::ids::{Ids, header_event_id};
use desk::outbox::Claim;
use serde::Serialize;
use wire::event::{
    Envelope, EventTicket, Header, MessageCreated, NotificationApprove, TicketEvent, TicketEventUpdateInfo,
    TicketUpdated, TicketUserEvent,
};
use wire::user::UserId;

use super::crypto;

/// The scope without which events hold no `user_id`.
const USER_ID_SCOPE: &str = "contact:user.employee_id:readonly";

/// `updated_at` of a ticket whose stage and status never changed (reference: helpdesk-v1.md section 3).
const NEVER: i64 = -1;

/// A request to an app's URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// The body as it is sent.
    pub body: String,
    /// Only with an Encrypt Key.
    pub signed: Option<Signed>,
}

/// The three signature headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// `X-Lark-Request-Timestamp`: Unix seconds as digits.
    pub timestamp: String,
    /// `X-Lark-Request-Nonce`: a random UUID.
    pub nonce: String,
    /// `X-Lark-Signature`.
    pub signature: String,
}

/// The request that delivers `claim` to `to` at `now` (Unix ms).
///
/// # Errors
/// The stored snapshot cannot be read, for example because a newer version wrote it.
pub fn push(to: &App, claim: &Claim, ids: &Ids, now: i64) -> Result<Push, serde_json::Error> {
    let event = event(to, claim)?;
    let Some(key) = &to.encrypt_key else { return Ok(Push { body: event, signed: None }) };
    let body = crypto::encrypted_body(key, ids.bytes(), &event);
    let (timestamp, nonce) = (now.div_euclid(1000).to_string(), ids.uuid());
    let signature = crypto::signature(&timestamp, &nonce, key, body.as_bytes());
    Ok(Push { body, signed: Some(Signed { timestamp, nonce, signature }) })
}

/// The event's JSON in clear text.
///
/// # Errors
/// As for [`push`].
pub fn event(to: &App, claim: &Claim) -> Result<String, serde_json::Error> {
    let user_ids = to.scopes.iter().any(|scope| scope == USER_ID_SCOPE);
    Ok(match serde_json::from_str(&claim.body)? {
        Snapshot::TicketCreated { ticket } => enveloped(to, claim, ticket_event(ticket, user_ids)),
        Snapshot::TicketUpdated { ticket, old } => {
            let old_object = old_values(&old, &ticket);
            enveloped(to, claim, TicketUpdated { object: ticket_event(ticket, user_ids), old_object })
        }
        Snapshot::MessageCreated { message } => enveloped(to, claim, message_created(claim, message, user_ids)?),
        Snapshot::NotificationApprove { notification_id, helpdesk_id, approve_status } => {
            let (notification_id, helpdesk_id) = (notification_id.to_string(), helpdesk_id.to_string());
            enveloped(to, claim, NotificationApprove { notification_id, helpdesk_id, approve_status })
        }
    })
}

fn enveloped(to: &App, claim: &Claim, event: impl Serialize) -> String {
    let header = Header {
        event_id: header_event_id(&claim.event_id),
        event_type: claim.event_type.clone(),
        create_time: claim.created_at.to_string(),
        token: to.verification_token.clone().unwrap_or_default(),
        app_id: to.app_id.clone(),
        tenant_key: to.tenant.clone(),
    };
    Envelope::new(header, event).to_json()
}

fn user_id(who: Who, user_ids: bool) -> UserId {
    let user_id = (user_ids && !who.user_id.is_empty()).then_some(who.user_id);
    UserId { union_id: Some(who.union_id), user_id, open_id: Some(who.open_id) }
}

fn ticket_event(ticket: TicketSnapshot, user_ids: bool) -> TicketEvent {
    let guest = TicketUserEvent { id: Some(user_id(ticket.guest, user_ids)), name: Some(ticket.guest_name) };
    TicketEvent {
        ticket_id: ticket.ticket_id.to_string(),
        helpdesk_id: Some(ticket.helpdesk_id.to_string()),
        guest: Some(guest),
        stage: Some(ticket.stage),
        status: Some(ticket.status),
        score: ticket.score,
        created_at: Some(ticket.created_at),
        updated_at: Some(ticket.updated_at.unwrap_or(NEVER)),
        closed_at: ticket.closed_at,
        channel: Some(ticket.channel),
        solve: ticket.solve,
        chat_id: Some(ticket.chat_id),
    }
}

fn old_values(old: &OldTicket, ticket: &TicketSnapshot) -> TicketEventUpdateInfo {
    // Two changes in one millisecond leave the time of change as it was.
    let updated_at = (old.updated_at != ticket.updated_at).then_some(old.updated_at.unwrap_or(NEVER));
    TicketEventUpdateInfo { stage: old.stage, status: old.status, updated_at }
}

fn message_created(
    claim: &Claim,
    message: MessageSnapshot,
    user_ids: bool,
) -> Result<MessageCreated, serde_json::Error> {
    let ticket = EventTicket {
        ticket_id: message.ticket_id.to_string(),
        ticket_type: None,
        status: Some(message.ticket_status),
    };
    Ok(MessageCreated {
        ticket_message_id: message.ticket_message_id.to_string(),
        message_id: message.message_id,
        msg_type: message.msg_type,
        position: message.position.to_string(),
        sender_id: message.sender.map(|who| user_id(who, user_ids)),
        sender_type: message.sender_type,
        text: message.text,
        ticket: Some(ticket),
        event_id: claim.event_id.clone(),
        chat_id: Some(message.chat_id),
        content: Some(serde_json::from_value(message.content)?),
    })
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;
    use serde_json::Value;

    fn message() -> Snapshot {
        samples::message("打印机 坏了 / printer \"broken\" <b>&\u{2028} 🖨\u{1}\n")
    }

    #[test]
    fn a_guests_message_is_written_as_json_stringify_would() {
        let text = event(&samples::app(), &samples::claim(&message())).unwrap();
        assert_eq!(
            text,
            concat!(
                r#"{"schema":"2.0","header":{"event_id":"5b5a5a5a5a5ac4d52716787100663b52","#,
                r#""event_type":"helpdesk.ticket_message.created_v1","create_time":"1763800000000","#,
                r#""token":"v-token-0001","app_id":"cli_a1b2c3d4e5f60718","tenant_key":"2ca1d211f64f6438"},"#,
                r#""event":{"ticket_message_id":"6948728206392295444","message_id":"om_1","msg_type":"text","#,
                r#""position":"10","sender_id":{"union_id":"on_1","open_id":"ou_1"},"sender_type":2,"#,
                "\"text\":\"打印机 坏了 / printer \\\"broken\\\" <b>&\u{2028} 🖨\\u0001\\n\",",
                r#""ticket":{"ticket_id":"6948728206392295400","status":1},"#,
                r#""event_id":"08613c5a-2b22-4c7d-8f9e-000000000001","chat_id":"oc_1","#,
                "\"content\":{\"content\":\"打印机 坏了 / printer \\\"broken\\\" <b>&\u{2028} 🖨\\u0001\\n\",\"msg_type\":\"text\"}}}",
            )
        );
    }

    #[test]
    fn the_bot_has_no_sender_id_and_user_ids_need_a_scope() {
        let Snapshot::MessageCreated { mut message } = message() else { unreachable!() };
        let mut app = samples::app();
        app.scopes.push(USER_ID_SCOPE.to_owned());
        let text = event(&app, &samples::claim(&Snapshot::MessageCreated { message: message.clone() })).unwrap();
        assert!(text.contains(r#""sender_id":{"union_id":"on_1","user_id":"ada","open_id":"ou_1"}"#), "{text}");
        message.sender = None;
        let text = event(&app, &samples::claim(&Snapshot::MessageCreated { message })).unwrap();
        assert!(!text.contains("sender_id") && !text.contains("comments"), "{text}");
    }

    #[test]
    fn a_new_ticket_leaves_out_what_is_unset() {
        let snapshot = Snapshot::TicketCreated { ticket: samples::ticket() };
        let text = event(&samples::app(), &samples::claim(&snapshot)).unwrap();
        let (_, body) = text.split_once(r#","event":"#).unwrap();
        assert_eq!(
            body,
            concat!(
                r#"{"ticket_id":"6948728206392295400","helpdesk_id":"6948728206392295001","#,
                r#""guest":{"id":{"union_id":"on_1","open_id":"ou_1"},"name":"Ada"},"stage":1,"status":1,"#,
                r#""created_at":1763800000000,"updated_at":-1,"channel":9,"chat_id":"oc_1"}}"#,
            )
        );
    }

    #[test]
    fn a_changed_ticket_tells_only_the_old_values_of_what_changed() {
        let mut ticket = samples::ticket();
        (ticket.status, ticket.solve, ticket.score) = (50, Some(1), Some(3));
        (ticket.updated_at, ticket.closed_at) = (Some(1_763_800_009_000), Some(1_763_800_009_000));
        let old = OldTicket { status: Some(1), ..OldTicket::default() };
        let text = event(&samples::app(), &samples::claim(&Snapshot::TicketUpdated { ticket, old })).unwrap();
        assert!(text.contains(r#""event_type":"helpdesk.ticket.updated_v1""#));
        let (_, body) = text.split_once(r#","event":"#).unwrap();
        assert_eq!(
            body,
            concat!(
                r#"{"object":{"ticket_id":"6948728206392295400","helpdesk_id":"6948728206392295001","#,
                r#""guest":{"id":{"union_id":"on_1","open_id":"ou_1"},"name":"Ada"},"stage":1,"status":50,"score":3,"#,
                r#""created_at":1763800000000,"updated_at":1763800009000,"closed_at":1763800009000,"channel":9,"#,
                r#""solve":1,"chat_id":"oc_1"},"old_object":{"status":1,"updated_at":-1}}}"#,
            )
        );
        let ticket = TicketSnapshot { updated_at: Some(1_763_800_009_000), ..samples::ticket() };
        let old = OldTicket { stage: Some(2), status: None, updated_at: ticket.updated_at };
        let text = event(&samples::app(), &samples::claim(&Snapshot::TicketUpdated { ticket, old })).unwrap();
        assert!(text.ends_with(r#""old_object":{"stage":2}}}"#), "{text}");
    }

    #[test]
    fn a_decided_approval_is_three_texts() {
        let snapshot = Snapshot::NotificationApprove {
            notification_id: 6_948_728_206_392_295_444,
            helpdesk_id: 6_948_728_206_392_295_001,
            approve_status: "REJECTED".into(),
        };
        let text = event(&samples::app(), &samples::claim(&snapshot)).unwrap();
        assert!(text.contains(r#""event_type":"helpdesk.notification.approve_v1""#));
        let (_, body) = text.split_once(r#","event":"#).unwrap();
        let expected = r#"{"notification_id":"6948728206392295444","helpdesk_id":"6948728206392295001","approve_status":"REJECTED"}}"#;
        assert_eq!(body, expected);
    }

    #[test]
    fn only_an_app_with_a_key_gets_an_encrypted_and_signed_body() {
        let (mut app, claim, ids) = (samples::app(), samples::claim(&message()), Ids::new(1, [4; 32]));
        let plain = push(&app, &claim, &ids, 1_763_800_000_999).unwrap();
        assert_eq!(plain, Push { body: event(&app, &claim).unwrap(), signed: None });
        app.encrypt_key = Some("密钥-🔑".to_owned());
        let sealed = push(&app, &claim, &ids, 1_763_800_000_999).unwrap();
        let wrapper: Value = serde_json::from_str(&sealed.body).unwrap();
        assert_eq!(crypto::decrypt("密钥-🔑", wrapper["encrypt"].as_str().unwrap()).unwrap(), plain.body);
        assert_eq!(serde_json::to_string(&wrapper).unwrap(), sealed.body);
        let signed = sealed.signed.unwrap();
        assert_eq!(signed.timestamp, "1763800000");
        let expected = crypto::signature("1763800000", &signed.nonce, "密钥-🔑", sealed.body.as_bytes());
        assert_eq!(signed.signature, expected);
    }

    #[test]
    fn an_unreadable_snapshot_is_an_error() {
        let mut claim = samples::claim(&message());
        claim.body = r#"{"kind":"from_the_future"}"#.to_owned();
        assert!(event(&samples::app(), &claim).is_err());
    }
}
