//! Random work at the outbox of one app: whatever servers, receivers and clocks do, a ticket's events keep their order,
//! and nothing that may go is left behind.

use std::sync::Arc;

use db::{Db, DbError, Tx, params};
use proptest::prelude::*;

use super::claim::{To, claim_within};
use super::*;
use crate::ids::Ids;
use crate::test_db;

const NOW: i64 = 1_760_000_000_000;
const TO: To<'static> = To { tenant: "demo", app_id: "cli_a000000000000001", holder: "here" };
/// Small, so that a few events fill it.
const WINDOW: i64 = 2;

/// Something happens.
#[derive(Debug, Clone)]
enum Step {
    Happens { ticket: i64 },
    Claims { limit: i64 },
    Ends { at: usize, acknowledged: bool },
    EndsLate { at: usize },
    Resent { at: usize },
    Waits(i64),
}

fn steps() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0_i64..3).prop_map(|ticket| Step::Happens { ticket }),
        5 => (1_i64..4).prop_map(|limit| Step::Claims { limit }),
        4 => (any::<usize>(), any::<bool>()).prop_map(|(at, acknowledged)| Step::Ends { at, acknowledged }),
        1 => any::<usize>().prop_map(|at| Step::EndsLate { at }),
        1 => any::<usize>().prop_map(|at| Step::Resent { at }),
        2 => prop::sample::select(vec![1, LEASE_MS, RETRY_AFTER_MS[0], RETRY_AFTER_MS[2]]).prop_map(Step::Waits),
    ]
}

/// A delivery as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stored {
    delivery_id: i64,
    ticket_id: i64,
    pending: bool,
    fresh: bool,
    next_at: i64,
    aside: bool,
}

fn stored(tx: &mut Tx<'_>) -> Result<Vec<Stored>, DbError> {
    tx.query(
        "SELECT delivery_id, ticket_id, state, attempts, resent_after, next_at, aside FROM delivery ORDER BY delivery_id",
        &[],
        |row| {
            Ok(Stored {
                delivery_id: row.int(0)?,
                ticket_id: row.int(1)?,
                pending: row.int(2)? == state::PENDING,
                fresh: row.int(2)? == state::PENDING && row.int(3)? == row.int(4)?,
                next_at: row.int(5)?,
                aside: row.flag(6)?,
            })
        },
    )
}

/// What may go at `now`, whatever the claim thinks.
fn may_go(all: &[Stored], now: i64) -> Vec<i64> {
    let first = |d: &Stored| all.iter().find(|e| e.fresh && e.ticket_id == d.ticket_id).map(|e| e.delivery_id);
    let goes = |d: &&Stored| {
        d.pending && d.next_at <= now && (!d.fresh || d.ticket_id == 0 || first(d) == Some(d.delivery_id))
    };
    all.iter().filter(goes).map(|d| d.delivery_id).collect()
}

struct Bench {
    db: Db,
    ids: Arc<Ids>,
    now: i64,
    on_their_way: Vec<Claim>,
    _folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let (db, folder) = test_db::open();
        Self { db, ids: Arc::new(Ids::new(1, [3; 32])), now: NOW, on_their_way: Vec::new(), _folder: folder }
    }

    fn write<T: Send + 'static>(
        &self,
        mut body: impl FnMut(&mut Tx<'_>, &mut Cx) -> Result<T, crate::Refusal> + Send + 'static,
    ) -> T {
        let (ids, now) = (Arc::clone(&self.ids), self.now);
        self.db.write_blocking(move |tx| body(tx, &mut Cx::new(now, Arc::clone(&ids)))).unwrap()
    }

    fn all(&self) -> Vec<Stored> {
        self.db.read_blocking(stored).unwrap()
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Happens { ticket } => self.happens(*ticket),
            Step::Claims { limit } => self.claims(*limit),
            Step::Waits(ms) => self.now += ms,
            Step::Ends { at, acknowledged } if !self.on_their_way.is_empty() => {
                let claim = self.on_their_way.remove(at % self.on_their_way.len());
                self.ends(claim, *acknowledged);
            }
            Step::EndsLate { at } if !self.on_their_way.is_empty() => {
                let claim = &self.on_their_way[at % self.on_their_way.len()];
                let late = Late { delivery_id: claim.delivery_id, attempt: claim.attempts, outcome: "late".into() };
                self.write(move |tx, cx| Ok(acknowledged_late(tx, cx, TO.tenant, TO.app_id, &late)?));
            }
            Step::Resent { at } => {
                let all = self.all();
                if let Some(id) = (!all.is_empty()).then(|| all[at % all.len()].delivery_id) {
                    self.write(move |tx, cx| resend(tx, cx, id, &By::CommandLine));
                }
            }
            Step::Ends { .. } | Step::EndsLate { .. } => {}
        }
    }

    fn happens(&self, ticket: i64) {
        self.write(move |tx, cx| {
            let (id, event_id) = (cx.ids.decimal(cx.now), cx.ids.event(cx.now));
            tx.execute(
                "INSERT INTO delivery (tenant, app_id, delivery_id, event_id, event_type, helpdesk_id, ticket_id, body,
                                       state, attempts, resent_after, next_at, created_at)
                 VALUES ($1, $2, $3, $4, 'an.event_v1', 1, $5, '{}', 0, 0, 0, $6, $7)",
                &params![TO.tenant, TO.app_id, id, &event_id, ticket, cx.now, cx.now],
            )?;
            Ok(())
        });
    }

    fn claims(&mut self, limit: i64) {
        let may = may_go(&self.all(), self.now);
        let claimed = self.write(move |tx, cx| Ok(claim_within(tx, cx, &TO, limit, WINDOW)?));
        let ids: Vec<i64> = claimed.iter().map(|claim| claim.delivery_id).collect();
        assert!(ids.iter().all(|id| may.contains(id)), "{ids:?} of {may:?}");
        let wanted = may.len().min(usize::try_from(limit).unwrap());
        assert_eq!(ids.len(), wanted, "{ids:?} of {may:?}: {:?}", self.all());
        // One whose lease ran out may come again while it is on its way.
        self.on_their_way.retain(|before| !ids.contains(&before.delivery_id));
        self.on_their_way.extend(claimed);
    }

    fn ends(&self, claim: Claim, acknowledged: bool) {
        self.write(move |tx, cx| {
            let attempt = Attempt {
                acknowledged,
                http_status: None,
                outcome: "as the test says".into(),
                at: cx.now,
                duration_ms: 1,
                unconnected: false,
            };
            Ok(record(tx, cx, &claim, &attempt)?)
        });
    }

    /// Nothing waits aside whose turn it is.
    fn sound(&self) {
        let all = self.all();
        for d in all.iter().filter(|d| d.aside) {
            assert!(d.pending && d.fresh, "{d:?} of {all:?}");
            let earlier =
                |e: &Stored| e.fresh && !e.aside && e.ticket_id == d.ticket_id && e.delivery_id < d.delivery_id;
            assert!(all.iter().any(earlier), "{d:?} of {all:?}");
        }
    }

    /// Everything arrives once nothing fails any more.
    fn drains(&mut self) {
        for claim in std::mem::take(&mut self.on_their_way) {
            self.ends(claim, true);
        }
        for _ in 0..1_000 {
            self.claims(3);
            let claimed = std::mem::take(&mut self.on_their_way);
            if claimed.is_empty() {
                let Some(next) = self.all().iter().filter(|d| d.pending).map(|d| d.next_at).min() else { return };
                assert!(next > self.now, "something is due and nobody gets it: {:?}", self.all());
                self.now = next;
            }
            for claim in claimed {
                self.ends(claim, true);
                self.sound();
            }
        }
        panic!("it never ends: {:?}", self.all());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn order_is_kept_and_nothing_that_may_go_is_left(steps in prop::collection::vec(steps(), 1..60)) {
        let mut bench = Bench::new();
        for step in &steps {
            bench.take(step);
            bench.sound();
        }
        bench.drains();
    }
}
