//! The accounts of a tenant, for its administrators.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use desk::admin::users::{self, Account, Draft};
use desk::directory::{Directory, Role};
use desk::person::UserRole;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::{Code, Nothing};

use super::session::PASSWORD_BYTES_MAX;
use super::{Asked, Visitor};
use crate::api::error::ApiError;
use crate::api::sized;
use crate::app::App;
use crate::guest::{Body, Segment};

const PAGE_SIZE: i64 = 50;
const PAGE_SIZE_MAX: i64 = 200;

/// The path of a user.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "AdminUserPath")]
#[expect(dead_code, reason = "the document reads its schema, the handler its one segment")]
pub struct UserPath {
    /// The tenant's own id of the user.
    user_id: String,
}

/// Which users.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "ListUsers")]
#[serde(default)]
pub struct ListUsers {
    /// Only those with these words in the name, or at the beginning of the e-mail address or an id, whatever the case.
    search: Option<String>,
    /// How many at most; 50 if left out.
    #[schemars(range(min = 1, max = 200))]
    page_size: Option<i64>,
    /// The `page_token` of the page before.
    page_token: Option<String>,
}

/// Users: by name, or those who were searched for.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminUserList")]
pub struct UserList {
    /// One page. It may be shorter than was asked for, even empty, while there is more.
    users: Vec<UserOut>,
    /// Whether there is more.
    has_more: bool,
    /// For the next page; left out after the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    page_token: Option<String>,
}

/// A user.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminUserData")]
pub struct UserData {
    /// As they are now.
    user: UserOut,
}

/// Somebody with an account. Guests who came by themselves have none.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminUser")]
struct UserOut {
    /// The tenant's own id.
    user_id: String,
    /// `ou_…`
    open_id: String,
    /// The display name.
    name: String,
    /// E-mail address, with which they sign in.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// Whether they have a password; without one they cannot sign in.
    has_password: bool,
    /// `admin` for an administrator of the tenant; left out for others.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<UserRole>,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<String>,
    /// Country code, such as `DE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<String>,
    /// Language, such as `zh-CN`.
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    /// Ids of departments.
    departments: Vec<String>,
    /// The help desks they own or work in.
    desks: Vec<UserDesk>,
    /// When the account was made, Unix milliseconds.
    created_at: i64,
}

/// A help desk of a user.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminUserDesk")]
struct UserDesk {
    /// Decimal id.
    id: String,
    /// Its name.
    name: String,
    /// What they are there: `owner`, `admin` (an agent who also keeps skills, hours and fields) or `agent`.
    role: Role,
}

fn shape(directory: &Directory, tenant: &str, account: Account) -> UserOut {
    let of_desk = |desk: &Arc<desk::directory::Helpdesk>| UserDesk {
        id: desk.id.to_string(),
        name: desk.name.clone(),
        role: if desk.owner == account.user_id {
            Role::Owner
        } else {
            desk.role(&account.user_id).unwrap_or(Role::Agent)
        },
    };
    let desks = users::desks_of(directory, tenant, &account.user_id).iter().map(of_desk).collect();
    UserOut {
        desks,
        user_id: account.user_id,
        open_id: account.open_id,
        name: account.name,
        email: account.email,
        has_password: account.has_password,
        role: account.role,
        city: account.city,
        country: account.country,
        language: account.language,
        departments: account.departments,
        created_at: account.created_at,
    }
}

/// `GET /admin/v1/users`
pub async fn list(
    State(app): State<App>,
    who: Visitor,
    Asked(ask): Asked<ListUsers>,
) -> Result<Json<UserList>, ApiError> {
    who.administers()?;
    let size = sized("page_size", ask.page_size, PAGE_SIZE, PAGE_SIZE_MAX)?;
    let tenant = who.session.staff.tenant;
    let (of, search, after) = (tenant.clone(), ask.search, ask.page_token);
    let page = app.read(move |tx, _| users::page(tx, &of, search.as_deref(), after.as_deref(), size)).await?;
    let directory = app.directory();
    let users = page.accounts.into_iter().map(|account| shape(&directory, &tenant, account)).collect();
    Ok(Json(UserList { users, has_more: page.next.is_some(), page_token: page.next }))
}

/// `GET /admin/v1/users/:user_id`
pub async fn show(State(app): State<App>, who: Visitor, Segment(user_id): Segment) -> Result<Json<UserData>, ApiError> {
    who.administers()?;
    let tenant = who.session.staff.tenant;
    let of = tenant.clone();
    let account = app.read(move |tx, _| users::get(tx, &of, &user_id)).await?;
    Ok(Json(UserData { user: shape(&app.directory(), &tenant, account) }))
}

/// A user to be made or changed, in the words of a desk file. What is left out stays as it is; an empty text removes it.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "AdminUserBody")]
#[serde(default)]
pub struct UserBody {
    /// The display name; a new user needs one.
    #[schemars(length(max = 200))]
    name: Option<String>,
    /// E-mail address, with which they sign in. No two accounts of a tenant have the same one.
    email: Option<String>,
    /// Whether they are an administrator of the tenant.
    is_admin: Option<bool>,
    /// City.
    city: Option<String>,
    /// Country code, such as `DE`.
    country: Option<String>,
    /// Language, such as `zh-CN`.
    language: Option<String>,
    /// Ids of departments.
    departments: Option<Vec<String>>,
}

impl From<UserBody> for Draft {
    fn from(body: UserBody) -> Self {
        let UserBody { name, email, is_admin, city, country, language, departments } = body;
        Self { name, email, is_admin, city, country, language, departments }
    }
}

/// A new user.
#[derive(Default, Deserialize, JsonSchema)]
#[schemars(rename = "AdminNewUser")]
#[serde(default)]
pub struct NewUser {
    /// The tenant's own id of the user; made if left out.
    id: Option<String>,
    /// The password; at most 1000 bytes. Without one they cannot sign in yet.
    password: Option<String>,
    /// What is known of them.
    user: UserBody,
}

/// `POST /admin/v1/users`
pub async fn create(
    State(app): State<App>,
    who: Visitor,
    Body(ask): Body<NewUser>,
) -> Result<(StatusCode, Json<UserData>), ApiError> {
    who.administers()?;
    let hash = match ask.password {
        Some(password) => Some(hashed(&app, "password", password).await?),
        None => None,
    };
    let (vault, tenant) = (app.vault().clone(), who.session.staff.tenant);
    let (of, new) = (tenant.clone(), (ask.id, Draft::from(ask.user), hash));
    let made = app.write(move |tx, cx| users::create(tx, cx, &vault, &of, new.clone()).map_err(within)).await?;
    Ok((StatusCode::CREATED, Json(UserData { user: shape(&app.directory(), &tenant, made) })))
}

/// What is wrong with a new user lies in `user`, but for its id.
fn within(refusal: desk::Refusal) -> desk::Refusal {
    match &refusal {
        desk::Refusal::Invalid { field, .. } if field == "id" => refusal,
        _ => refusal.within("user"),
    }
}

/// `PATCH /admin/v1/users/:user_id`
pub async fn update(
    State(app): State<App>,
    who: Visitor,
    Segment(user_id): Segment,
    Body(ask): Body<UserBody>,
) -> Result<Json<UserData>, ApiError> {
    who.administers()?;
    let (vault, tenant) = (app.vault().clone(), who.session.staff.tenant);
    let (of, draft) = (tenant.clone(), Draft::from(ask));
    let changed =
        app.write(move |tx, cx| users::change(tx, cx, &vault, &of, (user_id.as_str(), draft.clone()))).await?;
    Ok(Json(UserData { user: shape(&app.directory(), &tenant, changed) }))
}

/// A password for somebody.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "AdminPassword")]
pub struct Password {
    /// The password; at most 1000 bytes.
    password: String,
}

/// `PUT /admin/v1/users/:user_id/password`
pub async fn set_password(
    State(app): State<App>,
    who: Visitor,
    Segment(user_id): Segment,
    Body(ask): Body<Password>,
) -> Result<Json<Nothing>, ApiError> {
    who.administers()?;
    let hash = hashed(&app, "password", ask.password).await?;
    let (vault, tenant) = (app.vault().clone(), who.session.staff.tenant);
    app.write(move |tx, cx| users::set_password(tx, cx, &vault, &tenant, (user_id.as_str(), hash.clone(), None)))
        .await?;
    Ok(Json(Nothing {}))
}

/// The hash of a password that somebody wants, once it is one that a desk file could have.
pub(super) async fn hashed(app: &App, field: &str, password: String) -> Result<String, ApiError> {
    if password.trim().is_empty() {
        return Err(ApiError::invalid(field, "must not be empty"));
    }
    if password.len() > PASSWORD_BYTES_MAX || password.contains('\0') {
        return Err(ApiError::invalid(field, format!("at most {PASSWORD_BYTES_MAX} bytes without NUL are allowed")));
    }
    let busy = || ApiError::new(Code::BUSY, "too many people are signing in at this moment; try again in a second");
    app.doorkeeper().hash(password, app.ids().bytes()).await.ok_or_else(busy)
}

/// `DELETE /admin/v1/users/:user_id`
pub async fn deactivate(
    State(app): State<App>,
    who: Visitor,
    Segment(user_id): Segment,
) -> Result<Json<Nothing>, ApiError> {
    who.administers()?;
    let (vault, directory) = (app.vault().clone(), Arc::clone(&app.directory()));
    let staff = who.session.staff;
    app.write(move |tx, cx| users::deactivate(tx, cx, (&vault, &directory), &staff, &user_id)).await?;
    Ok(Json(Nothing {}))
}
