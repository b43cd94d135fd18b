//! Which help desks of the database a command is about.

use std::sync::Arc;

use desk::directory::Helpdesk;
use server::App;

use crate::fail::Failure;

/// All help desks by id, or the one that `--desk` names.
pub fn named(app: &App, wanted: Option<&str>) -> Result<Vec<Arc<Helpdesk>>, Failure> {
    let mut desks = all(app);
    if let Some(wanted) = wanted {
        let known: Vec<String> = desks.iter().map(|desk| desk.id.to_string()).collect();
        desks.retain(|desk| desk.id.to_string() == wanted);
        if desks.is_empty() {
            return Err(Failure::other(format!("desk: no help desk {wanted:?}; known are {}", known.join(", "))));
        }
    }
    Ok(desks)
}

/// The help desk that the option `flag` names, or the only one; otherwise a line that says what to do.
pub fn one(app: &App, flag: &str, wanted: Option<&str>) -> Result<Arc<Helpdesk>, String> {
    let mut desks = all(app);
    let known = desks.iter().map(|desk| format!("{} ({})", desk.id, desk.name)).collect::<Vec<_>>().join(", ");
    desks.retain(|desk| wanted.is_none_or(|wanted| desk.id.to_string() == wanted));
    match (desks.as_slice(), wanted) {
        ([only], _) => Ok(Arc::clone(only)),
        ([], Some(wanted)) => Err(format!("{flag}: no help desk {wanted:?}; known are {known}")),
        ([], None) => Err("there is no help desk; make one with deskwire apply".to_owned()),
        _ => Err(format!("there are several help desks; choose with --{flag} ID: {known}")),
    }
}

fn all(app: &App) -> Vec<Arc<Helpdesk>> {
    let mut desks: Vec<Arc<Helpdesk>> = app.directory().helpdesks.values().map(Arc::clone).collect();
    desks.sort_unstable_by_key(|desk| desk.id);
    desks
}
