//! Agents and subscriptions of a help desk.

use std::collections::{BTreeMap, BTreeSet};

use db::{DbError, params};

use super::desks::Place;
use super::{Diff, Work};
use crate::agent::schedule::Schedule;
use crate::agent::{self, status};
use crate::deskfile::report::Action;
use crate::deskfile::types::{Agent, AgentRole, Presence};
use crate::directory::{Role, json};
use crate::event;
use crate::faq::to_json;

struct Row {
    role: String,
    status: i64,
    schedule: Schedule,
    capacity: i64,
    managed: bool,
    removed: bool,
}

impl Work<'_, '_> {
    pub(super) fn agents(&mut self, place: &Place<'_>) -> Result<(), DbError> {
        let rows = self.agent_rows(place)?;
        let named = place.desk.agents.as_deref().unwrap_or_default();
        let owner = Agent { user: place.desk.owner.clone(), ..Agent::default() };
        let owner = named.iter().find(|agent| agent.user == owner.user).unwrap_or(&owner);
        let others = named.iter().filter(|agent| agent.user != owner.user);
        for agent in std::iter::once(owner).chain(others) {
            self.agent(place, agent, rows.get(&agent.user))?;
        }
        for (user_id, row) in rows.iter().filter(|(_, row)| !row.removed) {
            if *user_id == owner.user || named.iter().any(|agent| agent.user == *user_id) {
                continue;
            }
            if row.managed && place.desk.agents.is_some() {
                agent::leave(self.tx, self.cx, (place.tenant, place.id), user_id)?;
                self.directory(Action::Removed, format!("agent {user_id} of {}", place.label));
            } else if row.role == Role::Owner.as_str() {
                // There is one owner, and it is somebody else now.
                self.tx.execute(
                    "UPDATE agent SET role = 'agent' WHERE tenant = $1 AND helpdesk_id = $2 AND user_id = $3",
                    &params![place.tenant, place.id, user_id],
                )?;
                self.directory(Action::Updated, format!("agent {user_id} of {}: role", place.label));
            }
        }
        Ok(())
    }

    fn agent_rows(&mut self, place: &Place<'_>) -> Result<BTreeMap<String, Row>, DbError> {
        let rows = self.tx.query(
            "SELECT user_id, role, status, schedule, capacity, managed, removed_at FROM agent
             WHERE tenant = $1 AND helpdesk_id = $2",
            &params![place.tenant, place.id],
            |row| {
                let agent = Row {
                    role: row.string(1)?,
                    status: row.int(2)?,
                    schedule: json(row.text(3)?)?,
                    capacity: row.int(4)?,
                    managed: row.flag(5)?,
                    removed: row.opt_int(6)?.is_some(),
                };
                Ok((row.string(0)?, agent))
            },
        )?;
        Ok(rows.into_iter().collect())
    }

    fn agent(&mut self, place: &Place<'_>, agent: &Agent, row: Option<&Row>) -> Result<(), DbError> {
        let old = row.filter(|row| !row.removed);
        let old_role = old.map(|row| row.role.as_str()).filter(|role| *role != Role::Owner.as_str());
        let role = match agent.role {
            _ if agent.user == place.desk.owner => Role::Owner.as_str(),
            Some(AgentRole::Admin) => Role::Admin.as_str(),
            Some(AgentRole::Agent) => Role::Agent.as_str(),
            None => old_role.unwrap_or(Role::Agent.as_str()),
        };
        let status = agent.status.map(|presence| match presence {
            Presence::Online => status::ONLINE,
            Presence::Offline => status::OFFLINE,
        });
        let mut now = Row {
            role: old.map_or_else(String::new, |row| row.role.clone()),
            status: old.map_or(status::ONLINE, |row| row.status),
            schedule: old.map(|row| row.schedule.clone()).unwrap_or_default(),
            capacity: old.map_or(agent::CAPACITY_DEFAULT, |row| row.capacity),
            managed: old.map_or(self.managed, |row| row.managed),
            removed: false,
        };
        let mut diff = Diff::default();
        diff.set("role", &mut now.role, role.to_owned());
        diff.set_if("status", &mut now.status, status);
        // A schedule with a mistake was refused by the checks.
        let schedule = agent.schedule.as_deref().and_then(|slots| Schedule::new(slots).ok());
        diff.set_if("schedule", &mut now.schedule, schedule);
        diff.set_if("capacity", &mut now.capacity, agent.capacity);
        if old.is_none() {
            self.write_agent(place, &agent.user, &now, row.is_some())?;
            self.directory(Action::Created, format!("agent {} of {}", agent.user, place.label));
        } else if !diff.is_empty() {
            self.write_agent(place, &agent.user, &now, true)?;
            self.directory(Action::Updated, format!("agent {} of {}: {}", agent.user, place.label, diff.columns()));
        }
        Ok(())
    }

    fn write_agent(&mut self, place: &Place<'_>, user_id: &str, row: &Row, is_there: bool) -> Result<(), DbError> {
        let schedule = to_json(&row.schedule);
        if is_there {
            self.tx.execute(
                "UPDATE agent SET role = $1, status = $2, schedule = $3, capacity = $4, managed = $5, removed_at = NULL
                 WHERE tenant = $6 AND helpdesk_id = $7 AND user_id = $8",
                &params![&row.role, row.status, &schedule, row.capacity, row.managed, place.tenant, place.id, user_id],
            )?;
        } else {
            self.tx.execute(
                "INSERT INTO agent (tenant, helpdesk_id, user_id, role, status, schedule, capacity, managed, created_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                &params![
                    place.tenant,
                    place.id,
                    user_id,
                    &row.role,
                    row.status,
                    &schedule,
                    row.capacity,
                    row.managed,
                    self.cx.now
                ],
            )?;
        }
        Ok(())
    }

    pub(super) fn subscriptions(&mut self, place: &Place<'_>) -> Result<(), DbError> {
        let Some(subscriptions) = &place.desk.subscriptions else { return Ok(()) };
        let wanted: BTreeSet<(&str, &str)> = subscriptions
            .iter()
            .filter_map(|s| Some((s.app.as_str(), event::subscribed_type(&s.kind, &s.subtype)?)))
            .collect();
        let rows = self.tx.query(
            "SELECT app_id, event_type, managed FROM subscription WHERE tenant = $1 AND helpdesk_id = $2",
            &params![place.tenant, place.id],
            |row| Ok(((row.string(0)?, row.string(1)?), row.flag(2)?)),
        )?;
        let rows: BTreeMap<(String, String), bool> = rows.into_iter().collect();
        for (app_id, event_type) in &wanted {
            if rows.contains_key(&((*app_id).to_owned(), (*event_type).to_owned())) {
                continue;
            }
            self.tx.execute(
                "INSERT INTO subscription (tenant, helpdesk_id, app_id, event_type, managed, created_at)
                 VALUES ($1, $2, $3, $4, 1, $5)",
                &params![place.tenant, place.id, *app_id, *event_type, self.cx.now],
            )?;
            self.directory(Action::Created, format!("subscription of {app_id} to {event_type} of {}", place.label));
        }
        for ((app_id, event_type), managed) in &rows {
            if !managed || wanted.contains(&(app_id.as_str(), event_type.as_str())) {
                continue;
            }
            self.tx.execute(
                "DELETE FROM subscription
                 WHERE tenant = $1 AND helpdesk_id = $2 AND app_id = $3 AND event_type = $4",
                &params![place.tenant, place.id, app_id, event_type],
            )?;
            self.directory(Action::Removed, format!("subscription of {app_id} to {event_type} of {}", place.label));
        }
        Ok(())
    }
}
