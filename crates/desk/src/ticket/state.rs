//! Stage and status of a ticket: which there are, and which change may follow which (reference: helpdesk-v1.md
//! section 3). A pure table; the rows are changed in [`super::change`].

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

/// Where a ticket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// See [`stage`].
    pub stage: i64,
    /// See [`status`].
    pub status: i64,
}

/// What moves a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// A human was asked for.
    Human {
        /// An agent takes it at once.
        taken: bool,
    },
    /// The guest wrote.
    GuestWrote,
    /// The guest ended it.
    GuestClosed,
}

impl State {
    /// A new ticket at the bot.
    pub const NEW: Self = Self { stage: stage::BOT, status: status::CREATED };

    /// Whether the ticket is in progress.
    pub fn is_open(self) -> bool {
        self.status < status::CLOSED_BY_BOT
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

    /// Where `cause` takes the ticket; `None` if it changes nothing or may not happen to a closed one.
    pub fn after(self, cause: Cause) -> Option<Self> {
        if !self.is_open() {
            return None;
        }
        match (cause, self.stage, self.status) {
            (Cause::Human { taken }, stage::BOT, _) => {
                Some(Self { stage: stage::HUMAN, status: if taken { status::PROCESSING } else { status::QUEUED } })
            }
            (Cause::Human { taken: true }, _, status::QUEUED) | (Cause::GuestWrote, _, status::WAITING_FOR_GUEST) => {
                Some(Self { status: status::PROCESSING, ..self })
            }
            (Cause::GuestClosed, ..) => Some(Self { status: status::CLOSED_BY_GUEST, ..self }),
            (Cause::Human { .. } | Cause::GuestWrote, ..) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn causes() -> impl Strategy<Value = Cause> {
        prop_oneof![
            Just(Cause::Human { taken: true }),
            Just(Cause::Human { taken: false }),
            Just(Cause::GuestWrote),
            Just(Cause::GuestClosed)
        ]
    }

    fn legal(state: State) -> bool {
        match state.stage {
            stage::BOT => matches!(state.status, 1 | 50 | 52),
            stage::HUMAN => matches!(state.status, 1..=5 | 51 | 52),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn no_sequence_of_causes_reaches_an_illegal_state_or_leaves_a_closed_one(steps in prop::collection::vec(causes(), 0..20)) {
            let mut state = State::NEW;
            for cause in steps {
                let Some(next) = state.after(cause) else { continue };
                prop_assert!(state.is_open());
                prop_assert!(legal(next), "{state:?} {cause:?} {next:?}");
                prop_assert!(next.stage >= state.stage);
                prop_assert_ne!(next, state);
                state = next;
            }
        }
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
