//! Agents and subscriptions of a help desk.

use std::collections::{BTreeMap, BTreeSet};

use db::{DbError, params};

use super::Work;
use super::desks::Place;
use crate::deskfile::report::Action;
use crate::deskfile::types::{Agent, AgentRole, Presence};
use crate::directory::Role;
use crate::event;

/// Numbers of the open API (reference: `agent_status`).
const ONLINE: i64 = 1;
const OFFLINE: i64 = 2;

struct Row {
    role: String,
    status: i64,
    managed: bool,
}

impl Work<'_, '_> {
    pub(super) fn agents(&mut self, place: &Place<'_>) -> Result<(), DbError> {
        let rows = self.tx.query(
            "SELECT user_id, role, status, managed FROM agent WHERE tenant = $1 AND helpdesk_id = $2",
            &params![place.tenant, place.id],
            |row| Ok((row.string(0)?, Row { role: row.string(1)?, status: row.int(2)?, managed: row.flag(3)? })),
        )?;
        let rows: BTreeMap<String, Row> = rows.into_iter().collect();
        let named = place.desk.agents.as_deref().unwrap_or_default();
        let owner = Agent { user: place.desk.owner.clone(), role: None, status: None };
        let owner = named.iter().find(|agent| agent.user == owner.user).unwrap_or(&owner);
        let others = named.iter().filter(|agent| agent.user != owner.user);
        for agent in std::iter::once(owner).chain(others) {
            self.agent(place, agent, rows.get(&agent.user))?;
        }
        for (user_id, row) in &rows {
            if *user_id == owner.user || named.iter().any(|agent| agent.user == *user_id) {
                continue;
            }
            if row.managed && place.desk.agents.is_some() {
                self.tx.execute(
                    "DELETE FROM agent WHERE tenant = $1 AND helpdesk_id = $2 AND user_id = $3",
                    &params![place.tenant, place.id, user_id],
                )?;
                self.directory(Action::Removed, format!("agent {user_id} of {}", place.label));
            } else if row.role == Role::Owner.as_str() {
                // There is one owner, and it is somebody else now.
                self.update_agent(place, user_id, Role::Agent.as_str(), row.status)?;
            }
        }
        Ok(())
    }

    fn agent(&mut self, place: &Place<'_>, agent: &Agent, row: Option<&Row>) -> Result<(), DbError> {
        let old_role = row.map(|row| row.role.as_str()).filter(|role| *role != Role::Owner.as_str());
        let role = match agent.role {
            _ if agent.user == place.desk.owner => Role::Owner.as_str(),
            Some(AgentRole::Admin) => Role::Admin.as_str(),
            Some(AgentRole::Agent) => Role::Agent.as_str(),
            None => old_role.unwrap_or(Role::Agent.as_str()),
        };
        let status = match agent.status {
            Some(Presence::Online) => ONLINE,
            Some(Presence::Offline) => OFFLINE,
            None => row.map_or(ONLINE, |row| row.status),
        };
        match row {
            Some(row) if row.role == role && row.status == status => Ok(()),
            Some(_) => self.update_agent(place, &agent.user, role, status),
            None => {
                self.tx.execute(
                    "INSERT INTO agent (tenant, helpdesk_id, user_id, role, status, managed, created_at)
                     VALUES ($1, $2, $3, $4, $5, 1, $6)",
                    &params![place.tenant, place.id, &agent.user, role, status, self.cx.now],
                )?;
                self.directory(Action::Created, format!("agent {} of {}", agent.user, place.label));
                Ok(())
            }
        }
    }

    fn update_agent(&mut self, place: &Place<'_>, user_id: &str, role: &str, status: i64) -> Result<(), DbError> {
        self.tx.execute(
            "UPDATE agent SET role = $1, status = $2 WHERE tenant = $3 AND helpdesk_id = $4 AND user_id = $5",
            &params![role, status, place.tenant, place.id, user_id],
        )?;
        let presence = if status == ONLINE { "online" } else { "offline" };
        self.directory(Action::Updated, format!("agent {user_id} of {}: {role}, {presence}", place.label));
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
