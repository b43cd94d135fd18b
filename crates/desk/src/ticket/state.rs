//! Stage and status of a ticket: which there are, who may change them, and which change may follow which (reference:
//! helpdesk-v1.md section 3). A pure table; the rows are changed in [`super::change`].

/// Stages.
pub mod stage {
    /// A bot answers.
    pub const BOT: i64 = 1;
    /// A human answers.
    pub const HUMAN: i64 = 2;
}

/// Statuses.
pub mod status {
    /// Created, waits for a response.
    pub const CREATED: i64 = 1;
    /// Being processed.
    pub const PROCESSING: i64 = 2;
    /// Waits for a free agent.
    pub const QUEUED: i64 = 3;
    /// On hold.
    pub const PENDING: i64 = 4;
    /// Waits for the guest.
    pub const WAITING_FOR_GUEST: i64 = 5;
    /// Closed by the bot.
    pub const CLOSED_BY_BOT: i64 = 50;
    /// Closed by an agent.
    pub const CLOSED_BY_AGENT: i64 = 51;
    /// Closed by the guest.
    pub const CLOSED_BY_GUEST: i64 = 52;
}

use status::{
    CLOSED_BY_AGENT, CLOSED_BY_BOT, CLOSED_BY_GUEST, CREATED, PENDING, PROCESSING, QUEUED, WAITING_FOR_GUEST,
};

/// Where a ticket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// See [`stage`].
    pub stage: i64,
    /// See [`status`].
    pub status: i64,
}

/// Who moves tickets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// Who asks.
    Guest,
    /// Who answers.
    Agent,
    /// The desk's own bot.
    Bot,
    /// The desk's routing.
    System,
    /// An app or a user through the open API.
    OpenApi,
}

impl Actor {
    /// The word on timelines.
    pub fn word(self) -> &'static str {
        match self {
            Self::Guest => "guest",
            Self::Agent => "agent",
            Self::Bot => "bot",
            Self::System => "system",
            Self::OpenApi => "open_api",
        }
    }
}

/// What moves a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The guest or an app asked for a human.
    Human {
        /// Who asked.
        by: Actor,
        /// An agent has it at once.
        taken: bool,
    },
    /// The guest wrote.
    GuestWrote,
    /// The guest ended it.
    GuestClosed,
    /// Nobody wrote for long, so the bot ends it.
    BotClosed,
    /// The queue gave it to a free agent.
    Assigned,
    /// Its agent is gone, so it waits for another.
    Requeued,
    /// An agent took it.
    Taken,
    /// An agent replied.
    Replied,
    /// An agent put it on hold.
    Held,
    /// An agent took it off hold.
    Resumed,
    /// An agent ended it.
    AgentClosed,
    /// `ticket.update` set stage and status.
    Updated(State),
}

impl Cause {
    /// Who causes it.
    pub fn actor(self) -> Actor {
        match self {
            Self::Human { by, .. } => by,
            Self::GuestWrote | Self::GuestClosed => Actor::Guest,
            Self::BotClosed => Actor::Bot,
            Self::Assigned | Self::Requeued => Actor::System,
            Self::Taken | Self::Replied | Self::Held | Self::Resumed | Self::AgentClosed => Actor::Agent,
            Self::Updated(_) => Actor::OpenApi,
        }
    }

    /// The step on the ticket's timeline.
    pub fn word(self) -> &'static str {
        match self {
            Self::Human { .. } => "handed_over",
            Self::GuestWrote => "guest_wrote",
            Self::GuestClosed | Self::BotClosed | Self::AgentClosed => "closed",
            Self::Assigned => "assigned",
            Self::Requeued => "requeued",
            Self::Taken => "taken",
            Self::Replied => "replied",
            Self::Held => "held",
            Self::Resumed => "resumed",
            Self::Updated(_) => "updated",
        }
    }
}

impl State {
    /// A new ticket at the bot.
    pub const NEW: Self = Self { stage: stage::BOT, status: CREATED };

    /// Whether the ticket is in progress.
    pub fn is_open(self) -> bool {
        self.status < CLOSED_BY_BOT
    }

    /// Whether there is such a state. A bot neither queues nor holds tickets.
    pub fn is_legal(self) -> bool {
        match self.status {
            CREATED | PROCESSING | WAITING_FOR_GUEST | CLOSED_BY_BOT | CLOSED_BY_AGENT | CLOSED_BY_GUEST => {
                matches!(self.stage, stage::BOT | stage::HUMAN)
            }
            QUEUED | PENDING => self.stage == stage::HUMAN,
            _ => false,
        }
    }

    /// Why a bot may not answer here; `None` if it may (reference: in progress and not with a human).
    pub fn bot_barred(self) -> Option<String> {
        if !self.is_open() {
            return Some(format!("the ticket is closed (status {})", self.status));
        }
        if self.stage != stage::BOT {
            return Some(format!("the ticket is with a human (stage {})", self.stage));
        }
        None
    }

    /// Where `cause` takes the ticket; `None` if it changes nothing or may not happen here. Only `ticket.update` moves a
    /// closed one.
    pub fn after(self, cause: Cause) -> Option<Self> {
        if let Cause::Updated(next) = cause {
            return (next != self && next.is_legal()).then_some(next);
        }
        if !self.is_open() {
            return None;
        }
        let next = match (cause, self.stage, self.status) {
            (Cause::Human { by: Actor::Guest | Actor::OpenApi, taken }, stage::BOT, _) => {
                let status = if taken { PROCESSING } else { QUEUED };
                return Some(Self { stage: stage::HUMAN, status });
            }
            (Cause::GuestWrote, stage::BOT, WAITING_FOR_GUEST) => CREATED,
            (Cause::GuestWrote, stage::HUMAN, PENDING | WAITING_FOR_GUEST)
            | (Cause::Assigned | Cause::Taken, stage::HUMAN, CREATED | QUEUED)
            | (Cause::Resumed, stage::HUMAN, PENDING) => PROCESSING,
            (Cause::Requeued, stage::HUMAN, CREATED | PROCESSING | PENDING | WAITING_FOR_GUEST) => QUEUED,
            (Cause::Replied, stage::HUMAN, CREATED | PROCESSING) => WAITING_FOR_GUEST,
            (Cause::Held, stage::HUMAN, CREATED | PROCESSING | WAITING_FOR_GUEST) => PENDING,
            (Cause::GuestClosed, ..) => CLOSED_BY_GUEST,
            (Cause::BotClosed, stage::BOT, _) => CLOSED_BY_BOT,
            (Cause::AgentClosed, stage::HUMAN, _) => CLOSED_BY_AGENT,
            _ => return None,
        };
        Some(Self { status: next, ..self })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PLAIN: [Cause; 10] = [
        Cause::GuestWrote,
        Cause::GuestClosed,
        Cause::BotClosed,
        Cause::Assigned,
        Cause::Requeued,
        Cause::Taken,
        Cause::Replied,
        Cause::Held,
        Cause::Resumed,
        Cause::AgentClosed,
    ];

    fn causes() -> impl Strategy<Value = Cause> {
        let actors = [Actor::Guest, Actor::Agent, Actor::Bot, Actor::System, Actor::OpenApi];
        prop_oneof![
            8 => prop::sample::select(PLAIN.to_vec()),
            2 => (prop::sample::select(actors.to_vec()), any::<bool>()).prop_map(|(by, taken)| Cause::Human { by, taken }),
            1 => (0_i64..4, prop::sample::select(vec![0_i64, 1, 2, 3, 4, 5, 6, 49, 50, 51, 52, 53]))
                .prop_map(|(stage, status)| Cause::Updated(State { stage, status })),
        ]
    }

    proptest! {
        #[test]
        fn no_sequence_of_causes_reaches_an_illegal_state_or_reopens_a_ticket_but_by_update(
            steps in prop::collection::vec(causes(), 0..40)
        ) {
            let mut state = State::NEW;
            for cause in steps {
                let Some(next) = state.after(cause) else { continue };
                prop_assert!(next.is_legal(), "{state:?} {cause:?} {next:?}");
                prop_assert_ne!(next, state);
                let updated = matches!(cause, Cause::Updated(_));
                prop_assert!(updated || (state.is_open() && next.stage >= state.stage), "{state:?} {cause:?} {next:?}");
                state = next;
            }
        }
    }

    /// Every change that is not an update, as `(stage, status) cause status`; what is missing does not happen.
    #[test]
    fn the_table_is_this_one() {
        let mut table = Vec::new();
        for (stage, status) in [(1, 1), (1, 2), (1, 5), (2, 1), (2, 2), (2, 3), (2, 4), (2, 5), (2, 51)] {
            for cause in PLAIN {
                if let Some(next) = (State { stage, status }).after(cause) {
                    assert_eq!(next.stage, stage);
                    table.push(format!("{stage}/{status} {cause:?} {}", next.status));
                }
            }
        }
        let expected = "1/1 GuestClosed 52, 1/1 BotClosed 50, 1/2 GuestClosed 52, 1/2 BotClosed 50, 1/5 GuestWrote 1, \
                        1/5 GuestClosed 52, 1/5 BotClosed 50, \
                        2/1 GuestClosed 52, 2/1 Assigned 2, 2/1 Requeued 3, 2/1 Taken 2, 2/1 Replied 5, 2/1 Held 4, \
                        2/1 AgentClosed 51, \
                        2/2 GuestClosed 52, 2/2 Requeued 3, 2/2 Replied 5, 2/2 Held 4, 2/2 AgentClosed 51, \
                        2/3 GuestClosed 52, 2/3 Assigned 2, 2/3 Taken 2, 2/3 AgentClosed 51, \
                        2/4 GuestWrote 2, 2/4 GuestClosed 52, 2/4 Requeued 3, 2/4 Resumed 2, 2/4 AgentClosed 51, \
                        2/5 GuestWrote 2, 2/5 GuestClosed 52, 2/5 Requeued 3, 2/5 Held 4, 2/5 AgentClosed 51";
        assert_eq!(table.join(", "), expected);
    }

    #[test]
    fn only_the_guest_and_the_open_api_ask_for_a_human() {
        for (by, may) in [(Actor::Guest, true), (Actor::OpenApi, true), (Actor::Agent, false), (Actor::Bot, false)] {
            assert_eq!(State::NEW.after(Cause::Human { by, taken: false }).is_some(), may, "{by:?}");
        }
        assert_eq!(
            State::NEW.after(Cause::Human { by: Actor::Guest, taken: true }),
            Some(State { stage: 2, status: 2 })
        );
    }

    #[test]
    fn a_bot_may_answer_only_in_progress_and_before_a_human() {
        for status in [1, 2, 3, 4, 5] {
            assert_eq!(State { stage: 1, status }.bot_barred(), None);
            assert!(State { stage: 2, status }.bot_barred().is_some_and(|why| why.contains("human")));
        }
        for status in [50, 51, 52] {
            assert!(State { stage: 1, status }.bot_barred().is_some_and(|why| why.contains("closed")));
        }
    }
}
