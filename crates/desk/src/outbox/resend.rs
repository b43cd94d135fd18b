//! Having a delivery sent again, and who had it.

use db::{Tx, params};

use crate::audit::{self, Actor, Entry};
use crate::{Cx, Effect, Kind, Refusal};

/// Who has a delivery sent again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// Somebody with access to the database, by `deskwire events resend`.
    CommandLine,
    /// A developer, at a server in developer mode.
    DeveloperControls,
    /// A person who administrates.
    Administrator {
        /// `ou_…`
        open_id: String,
        /// As it was then.
        name: String,
    },
}

impl By {
    /// The way, in words.
    pub fn way(&self) -> &'static str {
        match self {
            Self::CommandLine => "command line",
            Self::DeveloperControls => "developer controls",
            Self::Administrator { .. } => "administrator",
        }
    }

    /// The person, if one is known: open id and name.
    fn person(&self) -> (Option<&str>, Option<&str>) {
        match self {
            Self::CommandLine | Self::DeveloperControls => (None, None),
            Self::Administrator { open_id, name } => (Some(open_id), Some(name)),
        }
    }
}

/// Makes a delivery due now, whatever its state; the retry schedule starts again. It is on record by whom.
pub fn resend(tx: &mut Tx<'_>, cx: &mut Cx, delivery_id: i64, by: &By) -> Result<(), Refusal> {
    let of = tx.query_opt(
        "UPDATE delivery SET state = 0, next_at = $1, finished_at = NULL, lease_holder = NULL, resent_after = attempts,
                             aside = 0
         WHERE delivery_id = $2 RETURNING tenant, app_id, helpdesk_id",
        &params![cx.now, delivery_id],
        |row| Ok((row.string(0)?, row.string(1)?, row.int(2)?)),
    )?;
    let (tenant, app_id, helpdesk_id) = of.ok_or_else(|| Refusal::not_found(Kind::Delivery, delivery_id))?;
    let (open_id, name) = by.person();
    tx.execute(
        "INSERT INTO resend (tenant, delivery_id, resend_id, at, by_way, open_id, name)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &params![&tenant, delivery_id, cx.ids.decimal(cx.now), cx.now, by.way(), open_id, name],
    )?;
    if *by == By::CommandLine {
        let entry = Entry {
            tenant,
            actor: Actor::CommandLine,
            action: "event.resend".to_owned(),
            helpdesk_id: Some(helpdesk_id),
            object: Some(delivery_id.to_string()),
            address: None,
        };
        audit::record(tx, cx, &entry)?;
    }
    cx.effects.push(Effect::Delivery { app_id });
    Ok(())
}
