//! Which tickets a number of a report counts.

use super::fact::Fact;
use super::figure::Figure;
use super::period::{Period, Wall};
use super::sheet::Categories;
use crate::Refusal;

/// Most tickets of one page of a list.
pub const LIST_MAX: i64 = 200;

/// Which tickets of a period; what is not given filters nothing.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only what this figure counts.
    pub figure: Option<Figure>,
    /// Only those of this agent, by user id; `Some(None)`: those of nobody.
    pub agent: Option<Option<String>>,
    /// Only those answered from this category; `Some(None)`: those answered from none.
    pub category: Option<Option<i64>>,
    /// Only those opened on this day of the week, 1 Monday to 7 Sunday.
    pub weekday: Option<i64>,
    /// Only those opened in this hour, 0 to 23.
    pub hour: Option<i64>,
}

impl Filter {
    /// Refuses what no ticket can be.
    pub fn check(&self) -> Result<(), Refusal> {
        if self.weekday.is_some_and(|day| !(1..=7).contains(&day)) {
            return Err(Refusal::invalid("weekday", "must be 1 (Monday) to 7 (Sunday)"));
        }
        if self.hour.is_some_and(|hour| !(0..=23).contains(&hour)) {
            return Err(Refusal::invalid("hour", "must be 0 to 23"));
        }
        Ok(())
    }

    /// Whether a ticket is one of them.
    pub fn takes(&self, period: &Period, categories: &Categories, fact: &Fact) -> bool {
        let wall = || -> Wall { period.wall(fact.created_at) };
        self.figure.is_none_or(|figure| figure.counts(fact))
            && self.agent.as_ref().is_none_or(|agent| *agent == fact.agent)
            && self.category.is_none_or(|category| category == categories.of(fact))
            && self.weekday.is_none_or(|weekday| weekday == wall().weekday)
            && self.hour.is_none_or(|hour| hour == wall().hour)
    }
}
