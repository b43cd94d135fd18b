//! What a help desk is called and looks like, who may ask there, who owns it, and its secrets.

use axum::Json;
use axum::extract::State;
use desk::admin::settings::{self, Audience, Change, Settings};
use desk::directory::Helpdesk;
use desk::person::Person;
use desk::person::find::{self, Hit, OFFERED_MAX};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::desks::of_path;
use super::{Asked, Visitor};
use crate::api::error::ApiError;
use crate::app::App;
use crate::guest::{Body, Segment};

/// What is set of a help desk.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminSettings")]
pub struct SettingsOut {
    /// Its name.
    name: String,
    /// What a guest reads first.
    welcome: String,
    /// What a guest reads while no agent is on duty, below when they are back; may be empty.
    away: String,
    /// The colour of chat and widget, `#rrggbb`; left out if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    accent: Option<String>,
    /// What it is for, in one line under its name; may be empty.
    description: String,
    /// Its picture, at `/guest/v1/desks/{helpdesk_id}/avatar/{avatar_key}`; left out if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    avatar_key: Option<String>,
    /// The IANA name of the time zone in which agents' schedules are read.
    timezone: String,
    /// Since when it is closed, Unix milliseconds; left out while it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_at: Option<i64>,
    /// The owner.
    owner: PersonOut,
    /// Who may ask; agents always may.
    visibility: VisibilityOut,
}

/// A user of the tenant.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminNamedUser")]
pub struct PersonOut {
    /// `ou_…`
    open_id: String,
    /// The display name.
    name: String,
    /// E-mail address; left out if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
}

impl From<Person> for PersonOut {
    fn from(person: Person) -> Self {
        Self { open_id: person.open_id, name: person.name, email: person.email }
    }
}

/// Who may ask at a help desk.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminVisibility")]
struct VisibilityOut {
    /// Everybody, also guests who come by themselves.
    all: bool,
    /// Otherwise these users…
    users: Vec<PersonOut>,
    /// …and the members of these departments, by id.
    departments: Vec<String>,
}

impl From<Settings> for SettingsOut {
    fn from(set: Settings) -> Self {
        let visibility = VisibilityOut {
            all: set.open_to_all,
            users: set.users.into_iter().map(Into::into).collect(),
            departments: set.departments,
        };
        Self {
            name: set.name,
            welcome: set.welcome,
            away: set.away,
            accent: set.accent,
            description: set.description,
            avatar_key: set.avatar_key,
            timezone: set.timezone,
            closed_at: set.closed_at,
            owner: set.owner.into(),
            visibility,
        }
    }
}

/// What is to change of a help desk; what is left out stays as it is.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ChangeSettings {
    /// Its name.
    #[schemars(length(min = 1, max = 200))]
    name: Option<String>,
    /// What a guest reads first.
    #[schemars(length(max = 2_000))]
    welcome: Option<String>,
    /// What a guest reads while no agent is on duty; empty for nothing.
    #[schemars(length(max = 2_000))]
    away: Option<String>,
    /// The colour of chat and widget, `#rrggbb`; empty for none. It is made darker or lighter where it could not be read.
    #[schemars(regex(pattern = "^(#[0-9A-Fa-f]{6})?$"))]
    accent: Option<String>,
    /// What it is for, in one line under its name; empty for nothing.
    #[schemars(length(max = 200))]
    description: Option<String>,
    /// Its picture, as `data:image/png;base64,…`: PNG, JPEG, GIF or WebP, 512 KiB at most; empty for none.
    avatar: Option<String>,
    /// The IANA name of the time zone of agents' schedules, such as `Europe/Berlin`.
    timezone: Option<String>,
    /// Open id of the agent who is to own the help desk; they need a password to sign in. Who owned it stays an agent.
    owner: Option<String>,
    /// Who may ask, all of it.
    visibility: Option<VisibilityBody>,
}

/// Who is to be allowed to ask at a help desk.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "AdminVisibilityBody")]
#[serde(default)]
struct VisibilityBody {
    /// Everybody; the lists have to be empty then.
    all: bool,
    /// Open ids of users, at most 1,000.
    users: Vec<String>,
    /// Ids of departments, at most 1,000.
    departments: Vec<String>,
}

/// `GET /admin/v1/desks/:helpdesk_id/settings`
pub async fn show(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
) -> Result<Json<SettingsOut>, ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    Ok(Json(app.read(move |tx, _| settings::get(tx, &desk)).await?.into()))
}

/// `PATCH /admin/v1/desks/:helpdesk_id/settings`
pub async fn change(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
    Body(ask): Body<ChangeSettings>,
) -> Result<Json<SettingsOut>, ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    let audience = |body: VisibilityBody| Audience { all: body.all, users: body.users, departments: body.departments };
    let change = Change {
        name: ask.name,
        welcome: ask.welcome,
        away: ask.away,
        accent: ask.accent,
        description: ask.description,
        avatar: ask.avatar,
        timezone: ask.timezone,
        owner: ask.owner,
        audience: ask.visibility.map(audience),
    };
    Ok(Json(app.write(move |tx, cx| settings::change(tx, cx, &desk, &change)).await?.into()))
}

/// A new help desk token.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminHelpdeskToken")]
pub struct TokenOut {
    /// It is shown here and never again.
    token: String,
}

/// `POST /admin/v1/desks/:helpdesk_id/token`
pub async fn renew_token(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
) -> Result<Json<TokenOut>, ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    let token = app.write(move |tx, cx| Ok(settings::renew_token(tx, cx, &desk)?)).await?;
    Ok(Json(TokenOut { token }))
}

/// A new widget secret.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminWidgetSecret")]
pub struct WidgetSecretOut {
    /// It is shown here and never again.
    widget_secret: String,
}

/// `POST /admin/v1/desks/:helpdesk_id/widget-secret`
pub async fn renew_widget_secret(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
) -> Result<Json<WidgetSecretOut>, ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    let vault = app.vault().clone();
    let renewed = app.write(move |tx, cx| Ok(settings::renew_widget_secret(tx, cx, &vault, &desk)?)).await?;
    Ok(Json(WidgetSecretOut { widget_secret: renewed }))
}

/// Who is looked for.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "AdminFindPeople")]
#[serde(default)]
pub struct FindPeople {
    /// A part of the name, the beginning of the e-mail address, or of the user id or open id, in any case; several words all
    /// have to be there. One character is enough.
    #[schemars(length(min = 1))]
    key: String,
    /// Only agents of the help desk.
    agents: bool,
}

/// Users of the tenant.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminPeople")]
pub struct PeopleOut {
    /// At most 20: whose name has a word that begins so, then whose name has it inside of a word.
    people: Vec<FoundOut>,
    /// Whether there are others; more of the name finds them.
    has_more: bool,
}

/// A user of the tenant who was found.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminFoundPerson")]
struct FoundOut {
    /// `ou_…`
    open_id: String,
    /// The display name.
    name: String,
    /// E-mail address; left out if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// Whether they have an e-mail address and a password, without which nobody signs in.
    can_sign_in: bool,
}

impl From<Hit> for FoundOut {
    fn from(hit: Hit) -> Self {
        let can_sign_in = hit.has_password && hit.email.is_some();
        Self { open_id: hit.open_id, name: hit.name, email: hit.email, can_sign_in }
    }
}

/// `GET /admin/v1/desks/:helpdesk_id/people`
pub async fn people(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
    Asked(ask): Asked<FindPeople>,
) -> Result<Json<PeopleOut>, ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    if ask.key.trim().is_empty() {
        return Err(ApiError::invalid("key", "must be a part of a name, an e-mail address or an id"));
    }
    let is_asked =
        move |desk: &Helpdesk, hit: &Hit| !ask.agents || desk.agents.iter().any(|a| a.user_id == hit.user_id);
    let found = app
        .read(move |tx, _| {
            Ok(find::find_among(tx, &desk.tenant, &ask.key, (None, OFFERED_MAX), |hit| is_asked(&desk, hit))?)
        })
        .await?;
    let has_more = found.next.is_some();
    Ok(Json(PeopleOut { people: found.people.into_iter().map(Into::into).collect(), has_more }))
}
