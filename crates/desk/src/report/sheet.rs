//! The tables of a report.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use db::{DbError, Tx, params};

use super::fact::Fact;
use super::figure::Figures;
use super::period::Period;
use crate::category;
use crate::directory::Helpdesk;

/// In which categories FAQs are now.
#[derive(Debug, Clone, Default)]
pub struct Categories {
    of_faq: HashMap<i64, i64>,
    /// Whole names, such as `Hardware / Printers`, by id.
    pub names: BTreeMap<i64, String>,
}

impl Categories {
    /// The category of the FAQ that answered a ticket; none if none did, or if it is in none.
    pub fn of(&self, fact: &Fact) -> Option<i64> {
        self.of_faq.get(&fact.faq?).copied().filter(|id| self.names.contains_key(id))
    }
}

/// The categories of the help desk's FAQs.
pub fn categories(tx: &mut Tx<'_>, desk: &Helpdesk) -> Result<Categories, DbError> {
    let of_faq = tx.query(
        "SELECT faq_id, category_id FROM faq WHERE tenant = $1 AND helpdesk_id = $2 AND category_id IS NOT NULL",
        &params![&desk.tenant, desk.id],
        |row| Ok((row.int(0)?, row.int(1)?)),
    )?;
    let all = category::list(tx, desk)?;
    let names = category::joined(all.iter().map(|of| (of.id, of.parent_id, of.name.as_str())), " / ");
    Ok(Categories { of_faq: of_faq.into_iter().collect(), names: names.into_iter().collect() })
}

/// Display names by user id.
pub type Names = HashMap<String, String>;

/// The names of these people; those that are gone are left out.
pub fn names<'a>(
    tx: &mut Tx<'_>,
    desk: &Helpdesk,
    people: impl IntoIterator<Item = &'a str>,
) -> Result<Names, DbError> {
    // A look for each: they are as many as a help desk has agents, however many tickets name them.
    let mut names = Names::new();
    for user_id in people.into_iter().collect::<BTreeSet<_>>() {
        let name = tx.query_opt(
            "SELECT name FROM person WHERE tenant = $1 AND user_id = $2",
            &params![&desk.tenant, user_id],
            |row| row.string(0),
        )?;
        names.extend(name.map(|name| (user_id.to_owned(), name)));
    }
    Ok(names)
}

/// All tables of a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Of all tickets.
    pub total: Figures,
    /// Of each day of the period, in order.
    pub days: Vec<Figures>,
    /// Of each agent in charge, by user id; none: of nobody.
    pub agents: BTreeMap<Option<String>, Figures>,
    /// Of each category; none: answered from none.
    pub categories: BTreeMap<Option<i64>, Figures>,
    /// Of each weekday (1 Monday to 7 Sunday) and hour (0 to 23) in which something was opened.
    pub hours: BTreeMap<(i64, i64), Figures>,
}

impl Sheet {
    /// The tables before any ticket is counted.
    pub fn new(period: &Period) -> Self {
        let days = usize::try_from(period.length()).unwrap_or(0);
        Self {
            total: Figures::default(),
            days: vec![Figures::default(); days],
            agents: BTreeMap::new(),
            categories: BTreeMap::new(),
            hours: BTreeMap::new(),
        }
    }

    /// Counts one ticket more.
    pub fn add(&mut self, period: &Period, categories: &Categories, fact: &Fact) {
        let wall = period.wall(fact.created_at);
        self.total.add(fact);
        if let Some(day) = self.days.get_mut(wall.day) {
            day.add(fact);
        }
        self.agents.entry(fact.agent.clone()).or_default().add(fact);
        self.categories.entry(categories.of(fact)).or_default().add(fact);
        self.hours.entry((wall.weekday, wall.hour)).or_default().add(fact);
    }
}
