//! Rows by many ids: a statement for every twenty, whatever their number.

use db::{DbError, Param, Row, Tx};

/// Ids of one statement.
const AT_ONCE: usize = 20;

/// The rows of a tenant with these ids. `sql` takes the tenant as `$1` and the ids as `$2` to `$21`; an id may come twice there,
/// so the statement has to find a row once only, as `IN` does.
pub(crate) fn by_ids<T>(
    tx: &mut Tx<'_>,
    sql: &'static str,
    tenant: &str,
    ids: &[&str],
    mut read: impl FnMut(&Row<'_>) -> Result<T, DbError>,
) -> Result<Vec<T>, DbError> {
    let mut found = Vec::with_capacity(ids.len());
    for some in ids.chunks(AT_ONCE) {
        // A short rest is filled up with its last id.
        let mut params = vec![Param::from(tenant)];
        params.extend((0..AT_ONCE).map(|i| Param::from(some[i.min(some.len() - 1)])));
        found.extend(tx.query(sql, &params, &mut read)?);
    }
    Ok(found)
}
