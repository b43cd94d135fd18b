//! Random work at a help desk over real transactions: whatever guests, agents, apps and clocks do, tickets stay sound.

use std::sync::Arc;

use db::{Db, Tx, params};
use proptest::prelude::*;

use super::act::Act;
use super::state::{State, stage, status};
use super::*;
use crate::deskfile::{self, Format};
use crate::event::{MESSAGE_CREATED, Snapshot, TICKET_UPDATED};
use crate::guest::Chat;
use crate::ids::Ids;
use crate::message::{self, Draft};
use crate::vault::Vault;
use crate::{Cx, directory, guest, test_db};

const NOW: i64 = 1_760_000_000_000;
/// Also the id of its default skill.
const DESK: i64 = 6_900_000_000_000_000_001;
const AGENTS: [&str; 2] = ["u_ada", "u_bob"];
const GUESTS: [&str; 3] = ["ou_eve", "ou_max", "ou_zoe"];

const FILE: &str = r#"
version: 1
tenants:
  - key: demo
    name: Demo Ltd
    users:
      - {id: u_ada, name: Ada, open_id: ou_ada}
      - {id: u_bob, name: Bob, open_id: ou_bob}
      - {id: u_eve, name: Eve, open_id: ou_eve}
      - {id: u_max, name: Max, open_id: ou_max, language: zh-CN}
      - {id: u_zoe, name: Zoe, open_id: ou_zoe}
    apps:
      - app_id: cli_a000000000000001
        app_secret: demo-secret
        events:
          url: http://127.0.0.1:9000/events
          verification_token: v-token
          types: [helpdesk.ticket.created_v1, helpdesk.ticket.updated_v1]
    helpdesks:
      - id: "6900000000000000001"
        token: ht-demo
        name: IT help
        owner: u_ada
        agents: [{user: u_bob}]
        answering: {by: app, idle_close_min: 10}
        subscriptions:
          - {app: cli_a000000000000001, type: helpdesk.ticket, subtype: ticket.created_v1}
          - {app: cli_a000000000000001, type: helpdesk.ticket, subtype: ticket.updated_v1}
"#;

/// Somebody does something.
#[derive(Debug, Clone)]
enum Step {
    Says(usize),
    AsksForHuman(usize),
    Ends(usize),
    Starts { guest: usize, appointed: Option<usize> },
    Acts { guest: usize, agent: usize, act: Act },
    Updates { guest: usize, stage: Option<i64>, status: Option<i64> },
    Duty { agent: usize, online: bool },
    Rebalances,
    ClosesIdle,
    Waits(i64),
}

fn acts() -> impl Strategy<Value = Act> {
    let to = || prop::sample::select(vec!["ou_ada".to_owned(), "ou_bob".to_owned()]);
    prop_oneof![
        3 => Just(Act::Take),
        3 => Just(Act::Reply { text: "Yes.".into(), client_id: None }),
        3 => Just(Act::Hold),
        2 => Just(Act::Resume),
        2 => to().prop_map(|to| Act::Transfer { to }),
        1 => to().prop_map(|to| Act::Collaborate { to }),
        1 => to().prop_map(|who| Act::Leave { who }),
        1 => Just(Act::TransferToSkill { skill_id: DESK }),
        2 => any::<Option<bool>>().prop_map(|solved| Act::Close { solved }),
    ]
}

fn steps() -> impl Strategy<Value = Step> {
    let (guest, agent) = (0..GUESTS.len(), 0..AGENTS.len());
    let set = || prop::option::of(prop::sample::select(vec![1_i64, 2, 3, 4, 5, 50, 51]));
    prop_oneof![
        4 => guest.clone().prop_map(Step::Says),
        4 => guest.clone().prop_map(Step::AsksForHuman),
        1 => guest.clone().prop_map(Step::Ends),
        2 => (guest.clone(), prop::option::of(agent.clone()))
            .prop_map(|(guest, appointed)| Step::Starts { guest, appointed }),
        10 => (guest.clone(), agent.clone(), acts())
            .prop_map(|(guest, agent, act)| Step::Acts { guest, agent, act }),
        3 => (guest, prop::option::of(1_i64..3), set())
            .prop_map(|(guest, stage, status)| Step::Updates { guest, stage, status }),
        3 => (agent, any::<bool>()).prop_map(|(agent, online)| Step::Duty { agent, online }),
        2 => Just(Step::Rebalances),
        1 => Just(Step::ClosesIdle),
        3 => (0_i64..900_000).prop_map(Step::Waits),
    ]
}

struct Bench {
    db: Db,
    desk: Helpdesk,
    ids: Arc<Ids>,
    now: i64,
    _folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let (db, folder) = test_db::open();
        let (vault, ids) = (Vault::new([7; 32]), Arc::new(Ids::new(1, [3; 32])));
        let file = deskfile::parse(FILE, Format::Yaml, &|_| None).unwrap();
        deskfile::put(&db, (&vault, &ids), NOW, file, false).unwrap();
        let directory = db.read_blocking(move |tx| directory::load(tx, &vault)).unwrap();
        let desk = (*directory.helpdesks[&6_900_000_000_000_000_001]).clone();
        assert!(desk.subscribers(MESSAGE_CREATED).is_empty());
        Self { db, desk, ids, now: NOW, _folder: folder }
    }

    /// Runs a body as one transaction; a refusal is none of the test's business, a database error is.
    fn write(&self, mut body: impl FnMut(&mut Tx<'_>, &mut Cx, &Helpdesk) -> Result<(), Refusal> + Send + 'static) {
        let (desk, ids, now) = (self.desk.clone(), Arc::clone(&self.ids), self.now);
        let outcome = self.db.write_blocking(move |tx| body(tx, &mut Cx::new(now, Arc::clone(&ids)), &desk));
        if let Err(Refusal::Db(error)) = outcome {
            panic!("{error}");
        }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Waits(ms) => self.now += ms,
            Step::Duty { agent, online } => self.duty(AGENTS[agent], if online { 1 } else { 2 }),
            Step::Says(guest) => self.write(move |tx, cx, desk| {
                let chat = chat(tx, cx, desk, guest)?;
                let draft = Draft { text: Some("hello".into()), ..Draft::default() };
                message::post(tx, cx, desk, &chat, &draft).map(drop)
            }),
            Step::AsksForHuman(guest) => self.write(move |tx, cx, desk| {
                let chat = chat(tx, cx, desk, guest)?;
                ask_for_human(tx, cx, desk, &chat).map(drop)
            }),
            Step::Ends(guest) => self.write(move |tx, cx, desk| {
                let chat = chat(tx, cx, desk, guest)?;
                close_by_guest(tx, cx, desk, &chat).map(drop)
            }),
            Step::Starts { guest, appointed } => self.write(move |tx, cx, desk| {
                let appointed_agents = appointed.map(|i| ["ou_ada", "ou_bob"][i].to_owned()).into_iter().collect();
                let open_id = GUESTS[guest].to_owned();
                let ask = StartService { open_id, human_service: true, appointed_agents, customized_info: None };
                start_service(tx, cx, desk, &ask).map(drop)
            }),
            Step::Acts { guest, agent, act } => self.write(move |tx, cx, desk| {
                let Some(id) = latest(tx, cx, desk, guest)? else { return Ok(()) };
                act::act(tx, cx, desk, AGENTS[agent], id, &act).map(drop)
            }),
            Step::Updates { guest, stage, status } => self.write(move |tx, cx, desk| {
                let Some(id) = latest(tx, cx, desk, guest)? else { return Ok(()) };
                update(tx, cx, desk, "u_ada", id, &Update { status, stage, ..Update::default() })
            }),
            Step::Rebalances => {
                self.write(|tx, cx, desk| Ok(assign::rebalance(tx, cx, desk)?));
                self.balanced();
            }
            Step::ClosesIdle => self.write(|tx, cx, desk| {
                for id in idle::due(tx, desk, cx.now, 10)? {
                    idle::close(tx, cx, desk, id)?;
                }
                Ok(())
            }),
        }
    }

    /// Puts an agent on duty (1) or off (2), in the database and in the snapshot of the directory.
    fn duty(&mut self, user_id: &'static str, status: i64) {
        for agent in Arc::make_mut(&mut self.desk.agents).iter_mut().filter(|agent| agent.user_id == user_id) {
            agent.status = status;
        }
        self.write(move |tx, _, desk| {
            tx.execute(
                "UPDATE agent SET status = $1 WHERE tenant = $2 AND helpdesk_id = $3 AND user_id = $4",
                &params![status, &desk.tenant, desk.id, user_id],
            )?;
            Ok(())
        });
    }

    fn tickets(&self) -> Vec<Ticket> {
        let all = |tx: &mut Tx<'_>| tx.query(select!("ORDER BY t.ticket_id"), &[], read);
        self.db.read_blocking(all).unwrap()
    }

    /// What has to hold at any time.
    fn sound(&self) {
        let (tickets, mut open) = (self.tickets(), std::collections::HashMap::new());
        for ticket in &tickets {
            let State { stage, status } = ticket.state;
            assert!(ticket.state.is_legal(), "{ticket:?}");
            assert_eq!(ticket.closed_at.is_some(), !ticket.state.is_open(), "{ticket:?}");
            assert_eq!(ticket.held_at.is_some(), status == status::PENDING, "{ticket:?}");
            if ticket.state.is_open() {
                assert!(open.insert(ticket.chat_id.clone(), ticket.id).is_none(), "two open tickets: {ticket:?}");
                let worked_on = matches!(status, status::PROCESSING | status::PENDING | status::WAITING_FOR_GUEST);
                let human = stage == stage::HUMAN;
                assert!(!(human && worked_on) || ticket.owner.is_some(), "{ticket:?}");
                assert!(human || ticket.owner.is_none(), "{ticket:?}");
                assert!(
                    status != status::QUEUED || (ticket.owner.is_none() && ticket.queued_at.is_some()),
                    "{ticket:?}"
                );
            }
            assert!(ticket.owner.is_none() || ticket.agent_entry_at.is_some(), "{ticket:?}");
            let times = ticket.durations();
            assert!(times.agent_service_min.is_none_or(|min| min >= 0.0), "{times:?}");
            for seconds in
                [times.agent_first_response_s, times.bot_service_s, times.agent_resolution_s, times.processing_s]
            {
                assert!(seconds.is_none_or(|s| s >= 0), "{times:?}");
            }
            assert!(ticket.on_hold_ms >= 0 && times.processing_s <= times.agent_resolution_s, "{times:?}");
        }
        let chats = self.db.read_blocking(|tx| {
            tx.query("SELECT chat_id, open_ticket_id FROM chat", &[], |row| Ok((row.string(0)?, row.opt_int(1)?)))
        });
        for (chat_id, open_ticket_id) in chats.unwrap() {
            assert_eq!(open_ticket_id, open.get(&chat_id).copied(), "{chat_id}");
        }
    }

    /// What has to hold after rebalancing.
    fn balanced(&self) {
        let tickets = self.tickets();
        let on_duty = |id: &str| self.desk.agents.iter().any(|a| a.user_id == id && a.status == 1);
        for ticket in tickets.iter().filter(|t| t.state.is_open() && t.state.stage == stage::HUMAN) {
            match &ticket.owner {
                Some(owner) if matches!(ticket.state.status, status::CREATED | status::PROCESSING) => {
                    assert!(on_duty(&owner.who.user_id), "{ticket:?}");
                }
                None if ticket.state.status == status::QUEUED => {
                    // Three guests never fill an agent, so only absence explains waiting.
                    let fits = |id: &str| ticket.appointed.is_empty() || ticket.appointed.iter().any(|a| a == id);
                    assert!(!AGENTS.iter().any(|id| fits(id) && on_duty(id)), "{ticket:?}");
                }
                _ => {}
            }
        }
    }

    /// The events of a ticket chain from its opening to its row, without a gap and without one that tells nothing.
    fn told(&self) {
        let bodies = self.db.read_blocking(|tx| {
            tx.query(
                "SELECT body FROM delivery WHERE event_type = $1 ORDER BY delivery_id",
                &params![TICKET_UPDATED],
                |row| row.string(0),
            )
        });
        let mut states: std::collections::HashMap<i64, State> = std::collections::HashMap::new();
        for body in bodies.unwrap() {
            let Snapshot::TicketUpdated { ticket, old } = serde_json::from_str(&body).unwrap() else {
                panic!("{body}")
            };
            let before = states.get(&ticket.ticket_id).copied().unwrap_or(State::NEW);
            let after = State { stage: ticket.stage, status: ticket.status };
            assert_eq!(old.stage, (before.stage != after.stage).then_some(before.stage), "{body}");
            assert_eq!(old.status, (before.status != after.status).then_some(before.status), "{body}");
            assert_ne!(before, after, "{body}");
            states.insert(ticket.ticket_id, after);
        }
        for ticket in self.tickets() {
            assert_eq!(states.get(&ticket.id).copied().unwrap_or(State::NEW), ticket.state, "{ticket:?}");
        }
    }
}

fn chat(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, guest: usize) -> Result<Chat, Refusal> {
    guest::arrive(tx, cx, desk, &guest::Arrival::Known { open_id: GUESTS[guest].into() })
}

/// The guest's open ticket, or else their last one.
fn latest(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, guest: usize) -> Result<Option<i64>, Refusal> {
    let chat = chat(tx, cx, desk, guest)?;
    let last = tx.query_opt(
        "SELECT ticket_id FROM ticket WHERE tenant = $1 AND chat_id = $2 ORDER BY ticket_id LIMIT 1",
        &params![&desk.tenant, &chat.chat_id],
        |row| row.int(0),
    )?;
    Ok(chat.open_ticket_id.or(last))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn tickets_stay_sound_whatever_happens(steps in prop::collection::vec(steps(), 1..80)) {
        let mut bench = Bench::new();
        for step in steps {
            bench.take(step);
            bench.sound();
        }
        bench.told();
    }
}

#[test]
fn time_on_hold_does_not_count_as_processing_even_if_the_ticket_is_closed_meanwhile() {
    let mut bench = Bench::new();
    let steps = [
        Step::AsksForHuman(0),
        Step::Waits(60_000),
        Step::Acts { guest: 0, agent: 0, act: Act::Reply { text: "One moment.".into(), client_id: None } },
        Step::Waits(30_000),
        Step::Acts { guest: 0, agent: 0, act: Act::Hold },
        Step::Waits(100_000),
        Step::Acts { guest: 0, agent: 0, act: Act::Resume },
        Step::Waits(5_000),
        Step::Acts { guest: 0, agent: 0, act: Act::Hold },
        Step::Waits(1_000),
        Step::Acts { guest: 0, agent: 0, act: Act::Close { solved: Some(true) } },
    ];
    for step in steps {
        bench.take(step);
        bench.sound();
    }
    let ticket = bench.tickets().remove(0);
    let expected = Durations {
        agent_service_min: Some(1.0),
        agent_first_response_s: Some(60),
        bot_service_s: Some(0),
        agent_resolution_s: Some(196),
        processing_s: Some(95),
    };
    assert_eq!((ticket.durations(), ticket.solve), (expected, Some(2)));
}
