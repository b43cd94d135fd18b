//! Skills of a help desk, and which agents have them.

use std::collections::{BTreeSet, HashMap, HashSet};

use db::{DbError, params};

use super::Work;
use super::desks::Place;
use crate::deskfile::known::SkillRow;
use crate::deskfile::report::Action;
use crate::deskfile::rules::with_ids;
use crate::deskfile::types::Skill;
use crate::faq::to_json;
use crate::skill::rule::{Rule, Test};
use crate::{Refusal, skill};

impl Work<'_, '_> {
    /// Makes the skills match; `categories` knows the id behind each path.
    pub(super) fn skills(&mut self, place: &Place<'_>, categories: &HashMap<String, i64>) -> Result<(), Refusal> {
        let Some(skills) = &place.desk.skills else { return Ok(()) };
        let rows = SkillRow::of(self.tx, place.tenant, place.id)?;
        let named: HashSet<&str> = skills.iter().filter(|s| !s.default).map(|s| s.name.trim()).collect();
        // Those that go come first, so that their names are free.
        for row in rows.iter().filter(|row| row.managed && !row.is_default && !named.contains(row.name.as_str())) {
            skill::erase(self.tx, (place.tenant, place.id), row.id)?;
            self.report.changed(Action::Removed, format!("skill {} of {}", row.name, place.label));
        }
        for skill in skills.iter().filter(|skill| skill.default) {
            if let Some(row) = rows.iter().find(|row| row.is_default && row.name != skill.name.trim()) {
                self.rename_skill(place, row, skill.name.trim())?;
            }
        }
        let renamed = skills.iter().any(|skill| skill.default);
        for skill in skills.iter().filter(|skill| !skill.default) {
            let row = rows.iter().find(|row| row.name == skill.name.trim() && !(renamed && row.is_default));
            self.skill(place, skill, row, categories)?;
        }
        Ok(())
    }

    fn rename_skill(&mut self, place: &Place<'_>, row: &SkillRow, name: &str) -> Result<(), DbError> {
        self.tx.execute(
            "UPDATE skill SET name = $1, updated_at = $2 WHERE tenant = $3 AND helpdesk_id = $4 AND skill_id = $5",
            &params![name, self.cx.now, place.tenant, place.id, row.id],
        )?;
        self.report.changed(Action::Updated, format!("default skill {name} of {}: name", place.label));
        Ok(())
    }

    fn skill(
        &mut self,
        place: &Place<'_>,
        skill: &Skill,
        row: Option<&SkillRow>,
        categories: &HashMap<String, i64>,
    ) -> Result<(), Refusal> {
        let name = skill.name.trim();
        let id_of = |path: &str| categories.get(path).copied();
        let stored = |rule: &Rule| match with_ids(rule, &id_of) {
            Ok(rule) => Ok(Rule { category: None, ..rule }),
            // The category has gone since the checks.
            Err(why) => Err(Refusal::invalid(format!("skill {name} of {}", place.label), why)),
        };
        let rules = skill.rules.as_ref().map(|rules| rules.iter().map(stored).collect::<Result<Vec<_>, _>>());
        match (row, rules.transpose()?) {
            (None, rules) => {
                let id = self.cx.ids.decimal(self.cx.now);
                self.tx.execute(
                    "INSERT INTO skill (tenant, helpdesk_id, skill_id, name, rules, is_default, managed, created_at,
                                        updated_at)
                     VALUES ($1, $2, $3, $4, $5, 0, 1, $6, $7)",
                    &params![
                        place.tenant,
                        place.id,
                        id,
                        name,
                        &to_json(&rules.unwrap_or_default()),
                        self.cx.now,
                        self.cx.now
                    ],
                )?;
                self.report.changed(Action::Created, format!("skill {name} of {}", place.label));
            }
            (Some(row), Some(rules)) if tests(&rules) != tests(&row.rules) => {
                self.tx.execute(
                    "UPDATE skill SET rules = $1, updated_at = $2
                     WHERE tenant = $3 AND helpdesk_id = $4 AND skill_id = $5",
                    &params![&to_json(&rules), self.cx.now, place.tenant, place.id, row.id],
                )?;
                self.report.changed(Action::Updated, format!("skill {name} of {}: rules", place.label));
            }
            (Some(_), _) => {}
        }
        Ok(())
    }

    /// Gives agents the skills that the file says; agents without such a list keep theirs.
    pub(super) fn agents_skills(&mut self, place: &Place<'_>) -> Result<(), Refusal> {
        let named = place.desk.agents.iter().flatten().filter_map(|agent| Some((agent, agent.skills.as_ref()?)));
        let named: Vec<_> = named.collect();
        if named.is_empty() {
            return Ok(());
        }
        let skills = SkillRow::of(self.tx, place.tenant, place.id)?;
        let skills: HashMap<&str, i64> = skills.iter().map(|row| (row.name.as_str(), row.id)).collect();
        let rows = self.tx.query(
            "SELECT user_id, skill_id FROM agent_skill WHERE tenant = $1 AND helpdesk_id = $2",
            &params![place.tenant, place.id],
            |row| Ok((row.string(0)?, row.int(1)?)),
        )?;
        let mut have: HashMap<String, BTreeSet<i64>> = HashMap::new();
        for (user_id, skill_id) in rows {
            have.entry(user_id).or_default().insert(skill_id);
        }
        for (agent, names) in named {
            let id_of = |name: &String| {
                // The skill has gone since the checks.
                let gone = || {
                    Refusal::invalid(
                        format!("skills of {} of {}", agent.user, place.label),
                        format!("no skill {name:?} any more"),
                    )
                };
                skills.get(name.trim()).copied().ok_or_else(gone)
            };
            let wanted = names.iter().map(id_of).collect::<Result<BTreeSet<i64>, _>>()?;
            if have.remove(&agent.user).unwrap_or_default() != wanted {
                let wanted: Vec<i64> = wanted.into_iter().collect();
                skill::set_of_agent(self.tx, (place.tenant, place.id), &agent.user, &wanted)?;
                self.report.changed(Action::Updated, format!("agent {} of {}: skills", agent.user, place.label));
            }
        }
        Ok(())
    }
}

/// What rules say, however it is written.
fn tests(rules: &[Rule]) -> Vec<Option<Test>> {
    rules.iter().map(|rule| Test::new(rule).ok()).collect()
}
