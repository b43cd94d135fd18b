//! Who I am, whether I take tickets, and what a help desk has for menus.

use axum::Json;
use axum::extract::State;
use db::Tx;
use desk::agent::status;
use desk::console::me::{self, Colleague};
use desk::console::{seat, view};
use desk::field::{self, Choice, Family};
use desk::person::find::OFFERED_MAX;
use desk::{Cx, Kind, Refusal, skill};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Asking;
use super::shape::PersonOut;
use crate::admin::{Asked, Visitor, rights_word};
use crate::api::error::ApiError;
use crate::api::{known, optional_number};
use crate::app::App;
use crate::guest::{Body, Segment};

/// Somebody at work.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleMe")]
pub struct Me {
    /// Who it is.
    person: PersonOut,
    /// Their help desks, by id.
    desks: Vec<MyDesk>,
}

/// A help desk of somebody.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleMyDesk")]
struct MyDesk {
    /// Decimal id.
    helpdesk_id: String,
    /// Its name.
    name: String,
    /// `admin` (of the tenant), `owner` or `agent`.
    #[schemars(extend("enum" = ["admin", "owner", "agent"]))]
    rights: &'static str,
    /// How they work there; left out where they are no agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<Work>,
}

/// How an agent works.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleWork")]
struct Work {
    /// `online`, `offline`, or `off_duty`: online, but outside of the schedule.
    #[schemars(extend("enum" = ["online", "offline", "off_duty"]))]
    status: &'static str,
    /// Whether they are given tickets now.
    on_duty: bool,
    /// Open tickets that they have.
    open_tickets: i64,
    /// How many they work on at a time.
    capacity: i64,
}

impl From<&me::Work> for Work {
    fn from(work: &me::Work) -> Self {
        let status = match work.status {
            status::ONLINE => "online",
            status::OFF_DUTY => "off_duty",
            _ => "offline",
        };
        let on_duty = work.status == status::ONLINE;
        Self { status, on_duty, open_tickets: work.open_tickets, capacity: work.capacity }
    }
}

/// Who somebody is now.
pub(super) fn of(tx: &mut Tx<'_>, cx: &Cx, at: &Asking) -> Result<Me, Refusal> {
    let desks = me::desks(tx, cx, &at.staff, &at.directory)?;
    let desk = |desk: &me::Desk| MyDesk {
        helpdesk_id: desk.seat.desk.id.to_string(),
        name: desk.seat.desk.name.clone(),
        rights: rights_word(desk.rights),
        agent: desk.work.as_ref().map(Into::into),
    };
    let person = PersonOut { open_id: at.staff.open_id.clone(), name: at.staff.name.clone() };
    Ok(Me { person, desks: desks.iter().map(desk).collect() })
}

/// `GET /console/v1/me`
pub async fn show(State(app): State<App>, who: Visitor) -> Result<Json<Me>, ApiError> {
    let at = Asking::of(&app, who);
    Ok(Json(app.read(move |tx, cx| of(tx, cx, &at)).await?))
}

/// Whether somebody takes tickets.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "ConsoleSetStatus")]
pub struct SetStatus {
    /// `online` or `offline`.
    #[schemars(extend("enum" = ["online", "offline"]))]
    status: String,
    /// Only in this help desk: decimal id. Everywhere if left out.
    helpdesk_id: Option<String>,
}

/// `PUT /console/v1/me`
pub async fn set(State(app): State<App>, who: Visitor, Body(ask): Body<SetStatus>) -> Result<Json<Me>, ApiError> {
    let status = match ask.status.as_str() {
        "online" => status::ONLINE,
        "offline" => status::OFFLINE,
        other => return Err(ApiError::invalid("status", format!("{other:?} is none of online, offline"))),
    };
    let only = optional_number("helpdesk_id", ask.helpdesk_id.as_deref())?;
    let at = Asking::of(&app, who);
    let by = at.clone();
    app.write(move |tx, cx| me::set_status(tx, cx, &by.staff, &by.directory, only, status)).await?;
    Ok(Json(app.read(move |tx, cx| of(tx, cx, &at)).await?))
}

/// What a help desk has, for menus.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleDesk")]
pub struct Menus {
    /// Decimal id.
    helpdesk_id: String,
    /// Its name.
    name: String,
    /// Its skills, the default one first.
    skills: Vec<SkillOut>,
    /// The customized fields of its tickets that agents see, by place.
    fields: Vec<FieldOut>,
    /// The names of its 200 newest tags, by name.
    tags: Vec<String>,
}

/// An agent and their work.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleColleague")]
struct ColleagueOut {
    /// `ou_…`
    open_id: String,
    /// Display name.
    name: String,
    /// E-mail address; left out if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// What they may do.
    role: desk::directory::Role,
    /// The names of their skills, without the default one.
    skills: Vec<String>,
    #[serde(flatten)]
    work: Work,
}

/// A skill.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleSkill")]
struct SkillOut {
    /// Decimal id.
    id: String,
    /// Its name.
    name: String,
}

/// A customized field of tickets.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleField")]
struct FieldOut {
    /// Decimal id.
    id: String,
    /// Its key.
    key_name: String,
    /// Its name.
    display_name: String,
    /// What its value looks like.
    field_type: field::FieldType,
    /// What it is for.
    description: String,
    /// Whether agents have to fill it in.
    required: bool,
    /// Whether its value may be changed.
    editable: bool,
    /// Whether several options may be picked.
    multiple: bool,
    /// The options of a drop-down.
    options: Vec<Choice>,
}

impl From<field::Field> for FieldOut {
    fn from(field: field::Field) -> Self {
        let is = field.is;
        Self {
            id: field.id.to_string(),
            key_name: is.key_name,
            display_name: is.display_name,
            field_type: is.field_type,
            description: is.description,
            required: is.required,
            editable: is.editable,
            multiple: is.multiple,
            options: is.choices,
        }
    }
}

/// `GET /console/v1/desks/:helpdesk_id`
pub async fn menus(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
) -> Result<Json<Menus>, ApiError> {
    let id = known(Kind::Helpdesk, &helpdesk_id)?;
    let at = Asking::of(&app, who);
    let desk = seat(&at.staff, &at.directory, id)?.desk;
    let menus = app
        .read(move |tx, _| {
            let fields = field::all(tx, &desk, Family::Ticket)?.into_iter().filter(|field| field.is.visible);
            Ok(Menus {
                helpdesk_id: desk.id.to_string(),
                name: desk.name.clone(),
                skills: skill::list(tx, &desk)?
                    .into_iter()
                    .map(|skill| SkillOut { id: skill.id.to_string(), name: skill.name })
                    .collect(),
                fields: fields.map(Into::into).collect(),
                tags: view::tag_names(tx, &desk)?,
            })
        })
        .await?;
    Ok(Json(menus))
}

/// Who is looked for.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "ConsoleFindAgents")]
#[serde(default)]
pub struct FindAgents {
    /// A part of the name, the e-mail address or a skill, or the beginning of an id, in any case; several words all have to be
    /// there. Without it all agents are found.
    key: String,
}

/// Agents of a help desk.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleAgents")]
pub struct AgentsOut {
    /// At most 20: who is on duty first; of these who is called so, then who has most room.
    agents: Vec<ColleagueOut>,
    /// Whether there are others; more of the name finds them.
    has_more: bool,
}

/// `GET /console/v1/desks/:helpdesk_id/agents`
pub async fn agents(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
    Asked(ask): Asked<FindAgents>,
) -> Result<Json<AgentsOut>, ApiError> {
    let id = known(Kind::Helpdesk, &helpdesk_id)?;
    let at = Asking::of(&app, who);
    let desk = seat(&at.staff, &at.directory, id)?.desk;
    let found = app.read(move |tx, cx| Ok(me::colleagues(tx, cx, &desk, &ask.key, OFFERED_MAX)?)).await?;
    let out = |c: Colleague| ColleagueOut {
        work: (&c.work).into(),
        open_id: c.open_id,
        name: c.name,
        email: c.email,
        role: c.role,
        skills: c.skills,
    };
    Ok(Json(AgentsOut { agents: found.agents.into_iter().map(out).collect(), has_more: found.has_more }))
}
