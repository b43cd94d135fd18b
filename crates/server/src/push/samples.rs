//! What tests push.

use desk::directory::{App, AppType, Delivery};
use desk::event::{MessageSnapshot, Snapshot, TicketSnapshot, Who};
use desk::outbox::Claim;
use serde_json::json;

/// A body id.
pub const EVENT_ID: &str = "08613c5a-2b22-4c7d-8f9e-000000000001";

fn who() -> Who {
    Who { open_id: "ou_1".into(), union_id: "on_1".into(), user_id: "ada".into() }
}

/// A webhook app without key and scopes.
pub fn app() -> App {
    App {
        tenant: "2ca1d211f64f6438".into(),
        app_id: "cli_a1b2c3d4e5f60718".into(),
        app_type: AppType::Custom,
        secret_hash: String::new(),
        secret_version: 1,
        scopes: vec!["helpdesk:all:readonly".into()],
        delivery: Delivery::Webhook,
        url: None,
        url_verified: None,
        verification_token: Some("v-token-0001".into()),
        encrypt_key: None,
        event_types: Vec::new(),
        name: None,
        redirect_urls: Vec::new(),
        created_at: 0,
    }
}

/// A ticket that was just opened.
pub fn ticket() -> TicketSnapshot {
    TicketSnapshot {
        ticket_id: 6_948_728_206_392_295_400,
        helpdesk_id: 6_948_728_206_392_295_001,
        guest: who(),
        guest_name: "Ada".into(),
        stage: 1,
        status: 1,
        score: None,
        solve: None,
        channel: 9,
        created_at: 1_763_800_000_000,
        updated_at: None,
        closed_at: None,
        chat_id: "oc_1".into(),
    }
}

/// A guest's message.
pub fn message(text: &str) -> Snapshot {
    let message = MessageSnapshot {
        ticket_message_id: 6_948_728_206_392_295_444,
        message_id: "om_1".into(),
        msg_type: "text".into(),
        position: 10,
        sender: Some(who()),
        sender_type: 2,
        text: text.into(),
        ticket_id: ticket().ticket_id,
        ticket_status: 1,
        chat_id: "oc_1".into(),
        content: json!({"content": text, "msg_type": "text"}),
    };
    Snapshot::MessageCreated { message }
}

/// A first claim of `snapshot`.
pub fn claim(snapshot: &Snapshot) -> Claim {
    Claim {
        tenant: app().tenant,
        app_id: app().app_id,
        delivery_id: 1,
        event_id: EVENT_ID.into(),
        event_type: snapshot.event_type().into(),
        body: serde_json::to_string(snapshot).unwrap(),
        attempts: 0,
        resent_after: 0,
        created_at: 1_763_800_000_000,
    }
}
