//! Agents, their schedules and skills.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::server::{AGENT, FAQS, USER};

use crate::contract::sample::{At, FIELD, FORBIDDEN, INVALID, Sample};
use crate::contract::world::{CANDIDATE, LEAVER, NOBODY, NOTHING, SECOND_CANDIDATE, SHIFTER, World, text};

pub async fn samples(world: &World) -> Vec<Sample> {
    let skill = skill(world, "Networks").await;
    let mut samples = vec![
        Sample::new("agent.agent_email"),
        // Agents set their own status, admins everybody's.
        Sample::new("agent.patch")
            .path("agent_id", SHIFTER)
            .body(json!({"status": 2}))
            .refused(AGENT, FORBIDDEN)
            .refused(USER, FORBIDDEN),
        Sample::new("agent_skill_rule.list"),
    ];
    samples.extend(schedules(&skill));
    samples.extend(skills(world, &skill).await);
    samples
}

async fn skill(world: &World, name: &str) -> String {
    let body = json!({"name": name, "rules": [rule()], "agent_ids": [AGENT]});
    text(&world.user(testkit::server::OWNER, Method::POST, "/agent_skills", body).await["agent_skill_id"])
}

/// Tickets from people in Berlin.
fn rule() -> Value {
    json!({"id": "3", "selected_operator": 5, "operand": {"values": ["Berlin"]}, "category": 3})
}

fn slots() -> Value {
    json!([{"start_time": "09:00", "end_time": "24:00", "weekday": 10},
           {"start_time": "22:00", "end_time": "06:00", "weekday": 6}])
}

fn schedules(skill: &str) -> Vec<Sample> {
    let entry = |agent: &str| json!({"agent_id": agent, "schedule": slots(), "agent_skill_ids": [skill]});
    let create = Sample::new("agent_schedule.create")
        .body(json!({"agent_schedules": [entry(CANDIDATE)]}))
        .wrong(At::Body("agent_schedules[0].agent_id"), NOBODY, &[INVALID])
        .wrong(At::Body("agent_schedules[0].agent_id"), "abc", &[INVALID])
        .wrong(At::Body("agent_schedules[0].agent_skill_ids[0]"), NOTHING, &[INVALID])
        .wrong(At::Body("agent_schedules[0].agent_skill_ids[0]"), "abc", &[INVALID])
        .wrong(At::Body("agent_schedules[0].schedule[0].weekday"), 8, &[INVALID, FIELD])
        .wrong(At::Body("agent_schedules[0].schedule[0].start_time"), "9 o'clock", &[INVALID])
        .wrong(At::Body("agent_schedules[0].schedule[0].start_time"), "24:30", &[INVALID])
        .wrong(At::Body("agent_schedules[0].schedule[0].end_time"), "12:60", &[INVALID])
        .wrong(At::Body("agent_schedules"), json!([]), &[INVALID, FIELD])
        .wrong_body(json!({}), &[INVALID, FIELD])
        .and(|given| given.body(json!({"agent_schedules": [entry(SECOND_CANDIDATE)]})));
    let patch = Sample::new("agent_schedules.patch")
        .path("agent_id", SHIFTER)
        .body(json!({"agent_schedule": {"schedule": slots(), "agent_skill_ids": [skill]}}))
        .ignoring(&["agent_schedule.agent_id"])
        .wrong(At::Body("agent_schedule.agent_skill_ids[0]"), NOTHING, &[INVALID])
        .wrong(At::Body("agent_schedule.schedule[0].weekday"), 0, &[INVALID, FIELD])
        .wrong(At::Body("agent_schedule.schedule[1].end_time"), "6", &[INVALID]);
    vec![
        create,
        patch,
        Sample::new("agent_schedule.list")
            .query("status", 1)
            .and(|given| given.query("status", 1).query("status", 2).query("status", 3).query("status", 4)),
        Sample::new("agent_schedules.get").path("agent_id", SHIFTER).and(|given| given.body(json!({}))),
        Sample::new("agent_schedules.delete").path("agent_id", LEAVER),
    ]
}

async fn skills(world: &World, skill_id: &str) -> Vec<Sample> {
    let create = Sample::new("agent_skill.create")
        .body(json!({"name": "Printers", "rules": [rule()], "agent_ids": [AGENT]}))
        .wrong(At::Body("name"), "", &[INVALID])
        .wrong(At::Body("agent_ids[0]"), NOBODY, &[INVALID])
        .wrong(At::Body("agent_ids[0]"), USER, &[INVALID])
        .wrong(At::Body("rules[0].id"), "999", &[INVALID])
        .wrong(At::Body("rules[0].selected_operator"), 4, &[INVALID, FIELD])
        .wrong(At::Body("rules[0].operand"), "no JSON", &[INVALID]);
    let patch = Sample::new("agent_skill.patch")
        .path("agent_skill_id", skill(world, "Monitors").await)
        .body(json!({"agent_skill": {"name": "Screens", "rules": [rule()], "agent_ids": [AGENT]}}))
        .ignoring(&[
            "agent_skill.id",
            "agent_skill.is_default",
            "agent_skill.agents",
            "agent_skill.agent_skill_id",
            "agent_skill.helpdesk_id",
            "agent_skill.rules.operator_options",
            "agent_skill.rules.display_name",
            "agent_skill.rules.category",
        ])
        .wrong(At::Body("agent_skill.agent_ids[0]"), NOBODY, &[INVALID])
        .wrong(At::Body("agent_skill.rules[0].id"), FAQS[0], &[INVALID]);
    vec![
        create,
        patch,
        Sample::new("agent_skill.get").path("agent_skill_id", skill_id),
        Sample::new("agent_skill.list"),
        Sample::new("agent_skill.delete").path("agent_skill_id", skill(world, "Mice").await),
    ]
}
