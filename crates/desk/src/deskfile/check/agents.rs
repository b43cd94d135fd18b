//! The mistakes of a help desk's agents and skills.

use std::collections::{BTreeSet, HashSet};

use super::Checker;
use super::desk::listed;
use crate::agent::CAPACITY_MAX;
use crate::agent::schedule::Schedule;
use crate::deskfile::known::KnownDesk;
use crate::deskfile::rules::with_ids;
use crate::deskfile::types::{Helpdesk, Skill, Tenant};
use crate::skill::rule::Test;
use crate::skill::{DEFAULT_NAME, NAME_MAX, RULES_MAX, SKILLS_MAX};

impl Checker<'_> {
    pub(super) fn agents(&mut self, tenant: &Tenant, desk: &Helpdesk, at: &str, skills: &BTreeSet<String>) {
        let mut seen = HashSet::new();
        for (i, agent) in desk.agents.iter().flatten().enumerate() {
            let path = format!("{at}.agents[{i}]");
            self.user(tenant, &agent.user, &format!("{path}.user"));
            if !seen.insert(&agent.user) {
                self.fault(&format!("{path}.user"), format!("{} is named twice", agent.user));
            }
            if agent.user == desk.owner && agent.role.is_some() {
                self.fault(&format!("{path}.role"), format!("{} is the owner; leave the role out", agent.user));
            }
            if let Some(Err(fault)) = agent.schedule.as_deref().map(Schedule::new) {
                self.fault(&format!("{path}.schedule{}", fault.at), fault.why);
            }
            for (i, name) in agent.skills.iter().flatten().enumerate() {
                if !skills.contains(name.trim()) {
                    let known = listed(skills.iter().map(String::as_str));
                    let why = format!("no skill {name:?} in this help desk; known are {known}");
                    self.fault(&format!("{path}.skills[{i}]"), why);
                }
            }
            if agent.capacity.is_some_and(|capacity| !(1..=CAPACITY_MAX).contains(&capacity)) {
                self.fault(&format!("{path}.capacity"), format!("1 to {CAPACITY_MAX} tickets are allowed"));
            }
        }
    }

    /// Checks the skills and answers the names that agents may have.
    pub(super) fn skills(
        &mut self,
        desk: &Helpdesk,
        at: &str,
        known: Option<&KnownDesk>,
        paths: &HashSet<String>,
    ) -> BTreeSet<String> {
        let in_database = known.map(|known| known.skills.as_slice()).unwrap_or_default();
        let given = desk.skills.as_deref().unwrap_or_default();
        let renamed = given.iter().find(|skill| skill.default).map(|skill| skill.name.trim());
        let kept = || in_database.iter().find(|row| row.is_default).map(|row| row.name.as_str());
        let default = renamed.or_else(kept).unwrap_or(DEFAULT_NAME);
        // What an earlier file made and this one no longer names is about to go.
        let stays = |managed: bool| desk.skills.is_none() || !managed;
        let staying = in_database.iter().filter(|row| !row.is_default && stays(row.managed));
        let mut names: BTreeSet<String> = staying.map(|row| row.name.clone()).collect();
        if renamed.is_some_and(|name| names.contains(name)) {
            self.fault(&format!("{at}.skills"), format!("{default:?} is the name of another skill in the database"));
        }
        if given.len() > SKILLS_MAX {
            self.fault(&format!("{at}.skills"), format!("at most {SKILLS_MAX} are allowed"));
        }
        let mut seen = HashSet::new();
        let mut defaults = 0;
        for (i, skill) in given.iter().enumerate() {
            let at = format!("{at}.skills[{i}]");
            let name = skill.name.trim();
            self.text(&format!("{at}.name"), name, NAME_MAX);
            if !seen.insert(name) {
                self.fault(&format!("{at}.name"), format!("{name:?} is named twice"));
            }
            defaults += usize::from(skill.default);
            if skill.default && defaults > 1 {
                self.fault(&format!("{at}.default"), "another skill of this help desk is the default one already");
            }
            let rules = skill.rules.as_deref().unwrap_or_default();
            if name == default && !rules.is_empty() {
                let why = "the default skill is for what no other skill is for; it takes no rules";
                self.fault(&format!("{at}.rules"), why);
            }
            self.rules(skill, &at, paths);
            names.insert(name.to_owned());
        }
        names.insert(default.to_owned());
        names
    }

    fn rules(&mut self, skill: &Skill, at: &str, paths: &HashSet<String>) {
        let rules = skill.rules.as_deref().unwrap_or_default();
        if rules.len() > RULES_MAX {
            self.fault(&format!("{at}.rules"), format!("at most {RULES_MAX} are allowed"));
        }
        for (i, rule) in rules.iter().enumerate() {
            let at = format!("{at}.rules[{i}]");
            // Only whether there is such a category matters here; its id may not have been made yet.
            match with_ids(rule, &|path| paths.contains(path).then_some(1)) {
                Err(why) => self.fault(&format!("{at}.operand"), why),
                Ok(rule) => {
                    if let Err(fault) = Test::new(&rule) {
                        self.fault(&format!("{at}.{}", fault.at), fault.why);
                    }
                }
            }
        }
    }
}
