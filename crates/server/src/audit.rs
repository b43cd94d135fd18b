//! Whose change a write is. The admin API, the gateway and the command line say who calls and what, for as long as the
//! call takes; the first write in that time ([`crate::App::write`]) puts it on record in its own transaction. So no call
//! can forget it.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, OnceLock, PoisonError};

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use desk::admin::Staff;
use desk::audit::{Actor, Entry};
use desk::faq::{By, Way};
use desk::ids;

use crate::admin;
use crate::api::{Caller, Endpoint};

/// The parts of the open API whose changes are on record: what administrators also do. Tickets have a timeline.
const ON_RECORD: &[&str] = &["agent", "category", "event", "faq", "notification", "ticket_customized_field"];

tokio::task_local! {
    static CALL: Call;
}

/// A call that may change something.
struct Call {
    about: About,
    actor: Mutex<Option<Known>>,
    written: Mutex<bool>,
}

/// Who makes a call: the tenant, the actor, and by what.
type Known = (String, Actor, Way);

/// What a call is about.
struct About {
    action: String,
    helpdesk_id: Option<i64>,
    object: Option<String>,
}

/// Around the routes of the admin API: what is not a GET is a change by whoever turns out to call ([`by`]).
pub(crate) async fn around(request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let call = Call { about: about(&request), actor: Mutex::default(), written: Mutex::default() };
    CALL.scope(call, next.run(request)).await
}

/// The call's name, and the ids in its path.
fn about(request: &Request) -> About {
    static NAMES: OnceLock<HashMap<&'static str, HashMap<Method, &'static str>>> = OnceLock::new();
    let all = || {
        let mut names = HashMap::<_, HashMap<_, _>>::new();
        for call in admin::calls().into_calls() {
            names.entry(call.path).or_default().insert(call.method, call.id);
        }
        names
    };
    let pattern = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str).unwrap_or_default();
    let named = NAMES.get_or_init(all).get(pattern).and_then(|methods| methods.get(request.method()));
    // A route without a name would still be on record, under its path.
    let action = named.map_or_else(|| format!("{} {pattern}", request.method()), |id| (*id).to_owned());
    let parts = pattern.split('/').zip(request.uri().path().split('/'));
    let values: Vec<(&str, &str)> = parts.filter(|(name, _)| name.starts_with('{')).collect();
    let helpdesk = values.iter().find(|(name, _)| *name == "{helpdesk_id}");
    About {
        action,
        helpdesk_id: helpdesk.and_then(|(_, id)| ids::parse(id)),
        object: values.last().map(|(_, id)| (*id).to_owned()),
    }
}

/// Says who makes the call that is under way.
pub(crate) fn by(staff: &Staff, way: Way) {
    let actor = Actor::Person { user_id: staff.user_id.clone(), name: staff.name.clone() };
    let known = Some((staff.tenant.clone(), actor, way));
    // Outside of such a call there is nobody to tell.
    _ = CALL.try_with(|call| *call.actor.lock().unwrap_or_else(PoisonError::into_inner) = known);
}

/// Runs an endpoint of the open API as a change by its app, if it is one that is on record.
pub(crate) async fn by_app<E: Endpoint, T>(caller: &Caller, work: impl Future<Output = T>) -> T {
    let resource = E::ID.split('.').next().unwrap_or_default();
    let is_on_record = ON_RECORD.iter().any(|part| resource == *part || resource.starts_with("agent_"));
    if E::METHOD == Method::GET || !is_on_record {
        return work.await;
    }
    let actor = Actor::App { app_id: caller.app.app_id.clone(), name: caller.app.name.clone() };
    let about = About { action: E::ID.to_owned(), helpdesk_id: Some(caller.helpdesk.id), object: None };
    let actor = Mutex::new(Some((caller.app.tenant.clone(), actor, Way::App)));
    CALL.scope(Call { about, actor, written: Mutex::default() }, work).await
}

/// Runs a part of a call that writes by its own account, so that it is not what the call did.
pub(crate) async fn aside<T>(work: impl Future<Output = T>) -> T {
    let about = About { action: String::new(), helpdesk_id: None, object: None };
    CALL.scope(Call { about, actor: Mutex::default(), written: Mutex::default() }, work).await
}

/// Runs something as a change from the command line, in a tenant.
pub async fn by_command<T>(tenant: &str, action: &str, helpdesk_id: Option<i64>, work: impl Future<Output = T>) -> T {
    let about = About { action: action.to_owned(), helpdesk_id, object: None };
    let actor = Mutex::new(Some((tenant.to_owned(), Actor::CommandLine, Way::CommandLine)));
    CALL.scope(Call { about, actor, written: Mutex::default() }, work).await
}

/// What the next write of the call under way has to put on record.
pub(crate) fn pending() -> Option<Entry> {
    let pending = CALL.try_with(|call| {
        if *call.written.lock().unwrap_or_else(PoisonError::into_inner) {
            return None;
        }
        let (tenant, actor, _) = call.actor.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        let About { action, helpdesk_id, object } = &call.about;
        let (action, object) = (action.clone(), object.clone());
        Some(Entry { tenant, actor, action, helpdesk_id: *helpdesk_id, object, address: None })
    });
    pending.ok().flatten()
}

/// By what the call under way changes something; the command line if there is none.
pub(crate) fn means() -> By {
    let known = CALL.try_with(|call| call.actor.lock().unwrap_or_else(PoisonError::into_inner).clone());
    let Ok(Some((_, actor, way))) = known else { return By::default() };
    let app = matches!(actor, Actor::App { .. }).then(|| actor.name().or(actor.id()).map(str::to_owned)).flatten();
    By { way, app }
}

/// Notes that the call under way is on record.
pub(crate) fn written() {
    _ = CALL.try_with(|call| *call.written.lock().unwrap_or_else(PoisonError::into_inner) = true);
}

/// A sign-in, or a try, of somebody in a tenant.
pub(crate) fn sign_in(action: &str, tenant: &str, actor: Actor, address: IpAddr) -> Entry {
    Entry {
        tenant: tenant.to_owned(),
        actor,
        action: action.to_owned(),
        helpdesk_id: None,
        object: None,
        address: Some(address.to_string()),
    }
}
