//! This server's number, leased in the database ([`desk::node`]), and what happens when it is lost.

use db::Db;
use desk::{Refusal, node};

use crate::app::App;
use crate::master_key;
use crate::run::StartError;

/// A failed renewal is tried again after this time, in ms.
const AGAIN_MS: i64 = 5_000;

/// A leased server number.
#[derive(Debug, Clone)]
pub struct Lease {
    node: i64,
    holder: String,
    good_until: i64,
}

impl Lease {
    /// Takes a free number at `now_ms` (Unix ms).
    ///
    /// # Errors
    /// The database failed, or all numbers are in use.
    pub async fn take(db: &Db, now_ms: i64) -> Result<Self, StartError> {
        let holder = hex::encode(master_key::random::<16>().map_err(StartError)?);
        let name = holder.clone();
        let node = db.write(move |tx| node::lease(tx, &name, now_ms)).await.map_err(StartError::from)?;
        Ok(Self { node, holder, good_until: now_ms + node::LEASE_MS })
    }

    /// The number.
    pub fn node(&self) -> i64 {
        self.node
    }

    /// Renews the lease as long as the server runs. While it is not certain that the number is still this server's,
    /// the app is fenced and writes nothing; once somebody else holds it, this ends, which is a worker's death.
    pub(crate) async fn keep(mut self, app: App) {
        let mut failing = false;
        loop {
            let now = app.now_ms();
            let (node, holder) = (self.node, self.holder.clone());
            let pause = match app.db().write(move |tx| node::renew(tx, node, &holder, now)).await {
                Ok(true) => {
                    self.good_until = now + node::LEASE_MS;
                    app.fence(false);
                    failing = false;
                    node::LEASE_MS / 10
                }
                Ok(false) => {
                    app.fence(true);
                    tracing::error!(node, "another server holds this server's number; restart this server");
                    return;
                }
                Err(refusal) => {
                    if !failing {
                        failing = true;
                        tracing::warn!(%refusal, "the server number could not be renewed; trying again");
                    }
                    if now >= self.good_until {
                        app.fence(true);
                    }
                    AGAIN_MS
                }
            };
            app.clock().sleep(pause).await;
        }
    }

    /// Gives the number back; a failure only delays its next use.
    pub(crate) async fn give_back(self, db: &Db) {
        let released: Result<(), Refusal> = db.write(move |tx| node::release(tx, self.node, &self.holder)).await;
        if let Err(refusal) = released {
            tracing::debug!(%refusal, "the server number was not given back; its lease runs out by itself");
        }
    }
}
