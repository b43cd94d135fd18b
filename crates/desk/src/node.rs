//! Server numbers, leased in the database so that ids of two servers never meet.

use db::{Tx, params};

use crate::Refusal;
use crate::ids::NODES;

/// How long a lease lasts without renewal, in ms. A server renews it every tenth of that.
pub const LEASE_MS: i64 = 600_000;

/// Takes the lowest free number for `holder`. A number whose lease ran out is free again.
pub fn lease(tx: &mut Tx<'_>, holder: &str, now: i64) -> Result<i64, Refusal> {
    let taken =
        tx.query("SELECT node FROM node_lease WHERE lease_until > $1 ORDER BY node", &params![now], |row| row.int(0))?;
    let node = (0..NODES).find(|n| taken.binary_search(n).is_err());
    let node = node.ok_or_else(|| Refusal::invalid("servers", format!("all {NODES} server numbers are in use")))?;
    tx.execute(
        "INSERT INTO node_lease (node, holder, lease_until) VALUES ($1, $2, $3)
         ON CONFLICT (node) DO UPDATE SET holder = excluded.holder, lease_until = excluded.lease_until",
        &params![node, holder, now + LEASE_MS],
    )?;
    Ok(node)
}

/// Renews a lease. `false` if somebody else holds the number by now: this server must stop making ids.
pub fn renew(tx: &mut Tx<'_>, node: i64, holder: &str, now: i64) -> Result<bool, Refusal> {
    let rows = tx.execute(
        "UPDATE node_lease SET lease_until = $1 WHERE node = $2 AND holder = $3",
        &params![now + LEASE_MS, node, holder],
    )?;
    Ok(rows == 1)
}

/// Gives a number back.
pub fn release(tx: &mut Tx<'_>, node: i64, holder: &str) -> Result<(), Refusal> {
    tx.execute("DELETE FROM node_lease WHERE node = $1 AND holder = $2", &params![node, holder])?;
    Ok(())
}
