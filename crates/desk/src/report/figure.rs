//! The figures: which tickets each counts, and groups of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fact::Fact;
use super::spread::Spread;
use crate::ticket::state::status;

/// A number of a report; each counts tickets, and lists the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// All that were opened.
    Opened,
    /// Not closed.
    Open,
    /// Closed.
    Closed,
    /// Closed, and never handed over to people.
    Intercepted,
    /// Handed over to people.
    HandedOver,
    /// Handed over, and an agent has replied.
    Answered,
    /// Handed over, and no agent has replied.
    Unanswered,
    /// The guest's last word on an answer of the bot was that it helped.
    Solved,
    /// The guest's last word on an answer of the bot was that it did not help.
    NotSolved,
    /// Have waited in the queue, or wait.
    Queued,
    /// Waited in the queue until an agent got them.
    Taken,
    /// Closed before an agent got them.
    Abandoned,
    /// Wait in the queue now.
    Waiting,
    /// Handed over and closed.
    Resolved,
    /// Rated by the guest.
    Rated,
    /// Rated 1.
    Dissatisfied,
    /// Rated 2.
    Neutral,
    /// Rated 3.
    Satisfied,
}

impl Figure {
    /// All of them; each stands where its number says.
    pub const ALL: [Self; 18] = [
        Self::Opened,
        Self::Open,
        Self::Closed,
        Self::Intercepted,
        Self::HandedOver,
        Self::Answered,
        Self::Unanswered,
        Self::Solved,
        Self::NotSolved,
        Self::Queued,
        Self::Taken,
        Self::Abandoned,
        Self::Waiting,
        Self::Resolved,
        Self::Rated,
        Self::Dissatisfied,
        Self::Neutral,
        Self::Satisfied,
    ];

    /// Whether it counts this ticket.
    pub fn counts(self, fact: &Fact) -> bool {
        let is_closed = !fact.state.is_open();
        match self {
            Self::Opened => true,
            Self::Open => !is_closed,
            Self::Closed => is_closed,
            Self::Intercepted => is_closed && !fact.is_handed_over(),
            Self::HandedOver => fact.is_handed_over(),
            Self::Answered => fact.is_handed_over() && fact.first_reply_at.is_some(),
            Self::Unanswered => fact.is_handed_over() && fact.first_reply_at.is_none(),
            Self::Solved => fact.solved == Some(true),
            Self::NotSolved => fact.solved == Some(false),
            Self::Queued => Self::Taken.counts(fact) || Self::Abandoned.counts(fact) || Self::Waiting.counts(fact),
            Self::Taken => fact.queue_ms().is_some(),
            Self::Abandoned => is_closed && fact.queued_at.is_some() && fact.agent_entry_at.is_none(),
            Self::Waiting => fact.state.status == status::QUEUED,
            Self::Resolved => is_closed && fact.is_handed_over(),
            Self::Rated => fact.score.is_some(),
            Self::Dissatisfied => fact.score == Some(1),
            Self::Neutral => fact.score == Some(2),
            Self::Satisfied => fact.score == Some(3),
        }
    }
}

/// The figures of some tickets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    counts: [u64; Figure::ALL.len()],
    /// From the hand-over to the first reply of an agent, of those that have one.
    pub first_response: Spread,
    /// From opening to closing, of [`Figure::Resolved`].
    pub resolution: Spread,
    /// In the queue, of [`Figure::Taken`].
    pub queue: Spread,
}

impl Figures {
    /// Counts one ticket more.
    pub fn add(&mut self, fact: &Fact) {
        for (count, figure) in self.counts.iter_mut().zip(Figure::ALL) {
            *count += u64::from(figure.counts(fact));
        }
        let times = [
            (&mut self.first_response, fact.first_response_ms()),
            (&mut self.resolution, fact.resolution_ms()),
            (&mut self.queue, fact.queue_ms()),
        ];
        for (spread, ms) in times {
            if let Some(ms) = ms {
                spread.add(ms);
            }
        }
    }

    /// How many tickets a figure counts.
    pub fn count(&self, figure: Figure) -> u64 {
        self.counts[figure as usize]
    }

    /// The mean rating, 1 to 3; none of nothing rated.
    #[expect(clippy::cast_precision_loss, reason = "counts of tickets are far below 2^52")]
    pub fn satisfaction(&self) -> Option<f64> {
        let [one, two, three] = [Figure::Dissatisfied, Figure::Neutral, Figure::Satisfied].map(|f| self.count(f));
        let rated = one + two + three;
        (rated > 0).then(|| (one + 2 * two + 3 * three) as f64 / rated as f64)
    }

    /// What share of the tickets of `whole` are also of `part`, 0 to 1; none if there are none.
    #[expect(clippy::cast_precision_loss, reason = "counts of tickets are far below 2^52")]
    pub fn share(&self, part: Figure, whole: &[Figure]) -> Option<f64> {
        let all: u64 = whole.iter().map(|figure| self.count(*figure)).sum();
        (all > 0).then(|| self.count(part) as f64 / all as f64)
    }
}
