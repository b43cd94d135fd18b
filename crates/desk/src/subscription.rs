//! Which apps get which events of a help desk.

use db::{Tx, params};

use crate::directory::{App, Helpdesk, touch};
use crate::{Cx, Refusal};

/// Subscribes an app to event types of a help desk. A type that is subscribed already stays so.
pub fn subscribe(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    app: &App,
    event_types: &[&str],
) -> Result<(), Refusal> {
    let mut added = 0;
    for event_type in event_types {
        added += tx.execute(
            "INSERT INTO subscription (tenant, helpdesk_id, app_id, event_type, managed, created_at)
             VALUES ($1, $2, $3, $4, 0, $5) ON CONFLICT (tenant, helpdesk_id, app_id, event_type) DO NOTHING",
            &params![&desk.tenant, desk.id, &app.app_id, *event_type, cx.now],
        )?;
    }
    if added > 0 { touch(tx, cx).map_err(Refusal::from) } else { Ok(()) }
}

/// Ends subscriptions. A type that is not subscribed stays so.
pub fn unsubscribe(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    app: &App,
    event_types: &[&str],
) -> Result<(), Refusal> {
    let mut removed = 0;
    for event_type in event_types {
        removed += tx.execute(
            "DELETE FROM subscription WHERE tenant = $1 AND helpdesk_id = $2 AND app_id = $3 AND event_type = $4",
            &params![&desk.tenant, desk.id, &app.app_id, *event_type],
        )?;
    }
    if removed > 0 { touch(tx, cx).map_err(Refusal::from) } else { Ok(()) }
}
