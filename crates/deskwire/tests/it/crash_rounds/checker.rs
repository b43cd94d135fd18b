//! The checker sees what it is there to see.

use desk::ids::header_event_id;
use desk::ticket::state::{State, stage, status};

use super::ledger::{Delivery, Found, Ledger, Message, Ticket};

const EVENTS: [&str; 3] = [
    "00000000-0000-4000-8000-000000000001",
    "00000000-0000-4000-8000-000000000002",
    "00000000-0000-4000-8000-000000000003",
];

type Damage = fn(&mut Found);

/// A question, its answer and a notice, in a ticket that a human has, beside a closed one.
fn small() -> (Ledger, Found) {
    let mut ledger = Ledger::default();
    ledger.messages.insert("c1".into(), "om_1".into());
    ledger.answers.insert(EVENTS[0].into(), 7);
    ledger.humans.insert(7);
    ledger.closed.insert(6);
    let message = |position: usize, client_id: Option<&str>| Message {
        chat_id: "oc_1".into(),
        position: i64::try_from(position).expect("a small number"),
        message_id: format!("om_{position}"),
        event_id: EVENTS[position - 1].into(),
        client_id: client_id.map(str::to_owned),
        told: position < 3,
    };
    let ticket =
        |ticket_id, stage, status| Ticket { ticket_id, chat_id: "oc_1".into(), state: State { stage, status } };
    let event_type = "helpdesk.ticket_message.created_v1";
    let delivery = |id: &str| Delivery { event_id: id.into(), event_type: event_type.into(), state: 1 };
    let found = Found {
        messages: vec![message(1, Some("c1")), message(2, None), message(3, None)],
        tickets: vec![ticket(6, stage::BOT, status::CLOSED_BY_GUEST), ticket(7, stage::HUMAN, status::QUEUED)],
        deliveries: vec![delivery(EVENTS[0]), delivery(EVENTS[1])],
        chats: [("oc_1".to_owned(), (Some(7), 3))].into(),
        answers: [(EVENTS[0].to_owned(), true)].into(),
        seen: vec!["om_1".into(), "om_2".into(), "om_3".into()],
        seen_answers: vec![EVENTS[0].into()],
        received: [EVENTS[0], EVENTS[1], EVENTS[1]].map(header_event_id).into(),
    };
    (ledger, found)
}

#[test]
fn what_is_right_has_no_faults_and_a_duplicate_delivery_is_none() {
    let (ledger, found) = small();
    assert_eq!(found.faults(&ledger), Vec::<String>::new());
}

#[test]
fn an_invented_entry_is_seen() {
    let inventions: [fn(&mut Ledger); 4] = [
        |ledger| assert!(ledger.messages.insert("c2".into(), "om_9".into()).is_none()),
        |ledger| assert!(ledger.answers.insert(EVENTS[1].into(), 7).is_none()),
        |ledger| assert!(ledger.humans.insert(6)),
        |ledger| assert!(ledger.closed.insert(8)),
    ];
    for (i, invent) in inventions.iter().enumerate() {
        let (mut ledger, found) = small();
        invent(&mut ledger);
        assert!(!found.faults(&ledger).is_empty(), "invention {i}");
    }
}

#[test]
fn a_damage_is_seen() {
    let damages: [(&str, Damage); 14] = [
        ("stored twice", |f| f.messages.push(Message { position: 4, ..f.messages[0].clone() })),
        ("stored under another id", |f| f.messages[0].message_id = "om_9".into()),
        ("shown twice", |f| f.seen.push("om_1".into())),
        ("not shown", |f| drop(f.seen.remove(0))),
        ("is seen 2 times", |f| f.seen_answers.push(EVENTS[0].into())),
        ("no answer", |f| f.answers.clear()),
        ("cannot be", |f| f.tickets[1].state.stage = stage::BOT),
        ("two open", |f| f.tickets[0].state.status = status::PROCESSING),
        ("a gap", |f| f.messages[2].position = 4),
        ("not told", |f| drop(f.deliveries.remove(1))),
        ("of no message", |f| f.messages[1].told = false),
        ("given up", |f| f.deliveries[0].state = 2),
        ("not received", |f| drop(f.received.remove(0))),
        ("received from nowhere", |f| f.received.push(header_event_id(EVENTS[2]))),
    ];
    for (what, damage) in damages {
        let (ledger, mut found) = small();
        damage(&mut found);
        assert!(!found.faults(&ledger).is_empty(), "{what}");
    }
}
