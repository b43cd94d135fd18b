//! Any sequence of refreshes against a model of one family.

use std::sync::Arc;

use db::{Db, params};
use proptest::prelude::*;

use super::*;
use crate::directory::{AppType, Delivery};
use crate::ids::Ids;
use crate::{Cx, test_db};

const START: i64 = 1_760_000_000_000;
const LIFE_MS: i64 = 7 * 86_400_000;

fn app() -> App {
    App {
        tenant: "demo".into(),
        app_id: "cli_a000000000000001".into(),
        app_type: AppType::Custom,
        secret_hash: String::new(),
        secret_version: 1,
        scopes: vec!["helpdesk:all".into(), OFFLINE.into()],
        name: None,
        redirect_urls: Vec::new(),
        delivery: Delivery::Webhook,
        url: None,
        url_verified: None,
        verification_token: None,
        encrypt_key: None,
        event_types: Vec::new(),
        created_at: 0,
    }
}

struct Bench {
    db: Db,
    ids: Arc<Ids>,
    _folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let (db, folder) = test_db::open();
        db.write_blocking(|tx| {
            tx.execute(
                "INSERT INTO person (tenant, user_id, union_id, open_id, name, password_hash, departments, guest_only,
                                     managed, created_at)
                 VALUES ('demo', 'u_ada', 'on_1', 'ou_1', 'Ada', 'hash', '[]', 0, 0, 0)",
                &params![],
            )
        })
        .unwrap();
        Self { db, ids: Arc::new(Ids::new(1, [5; 32])), _folder: folder }
    }

    fn run<T: Send + 'static>(
        &self,
        now: i64,
        body: impl Fn(&mut Tx<'_>, &mut Cx) -> Result<T, Refusal> + Send + 'static,
    ) -> T {
        let ids = Arc::clone(&self.ids);
        self.db.write_blocking(move |tx| body(tx, &mut Cx::new(now, Arc::clone(&ids)))).unwrap()
    }

    /// The first token of a new family.
    fn start(&self) -> String {
        let grant = Grantable {
            user_id: "u_ada".into(),
            redirect_uri: "http://127.0.0.1/".into(),
            scopes: app().scopes,
            challenge: None,
        };
        let got = self.run(START, move |tx, cx| {
            let code = authorise(tx, cx, &app(), &grant)?;
            exchange(tx, cx, &app(), &Exchange { code, refresh_life_ms: LIFE_MS, ..Exchange::default() })
        });
        got.unwrap().refresh.unwrap().token
    }

    fn refresh(&self, now: i64, token: &str) -> Result<String, Fault> {
        let ask = Refresh { token: token.to_owned(), scopes: None, refresh_life_ms: LIFE_MS };
        let got = self.run(now, move |tx, cx| refresh(tx, cx, &app(), &ask));
        got.map(|grant| grant.refresh.unwrap().token)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Steps: which of the tokens so far is sent (counted from the newest), after how long.
    #[test]
    fn one_token_is_good_until_an_older_one_comes(steps in prop::collection::vec((0_usize..4, 0_i64..4 * 86_400_000), 1..12)) {
        let bench = Bench::new();
        let mut tokens = vec![bench.start()];
        let (mut now, mut ends, mut revoked) = (START, START + LIFE_MS, false);
        for (back, wait) in steps {
            now += wait;
            let sent = tokens.len() - 1 - back.min(tokens.len() - 1);
            let expected = if revoked {
                Err(Fault::RefreshRevoked)
            } else if sent + 1 < tokens.len() {
                Err(Fault::RefreshUsed)
            } else if now >= ends {
                Err(Fault::RefreshExpired)
            } else {
                Ok(())
            };
            let got = bench.refresh(now, &tokens[sent]);
            prop_assert_eq!(got.as_ref().map(|_| ()).map_err(|fault| *fault), expected);
            revoked |= got == Err(Fault::RefreshUsed);
            if let Ok(fresh) = got {
                prop_assert!(!tokens.contains(&fresh));
                tokens.push(fresh);
                ends = (now + LIFE_MS).min(START + AUTHORISED_MS);
            }
        }
    }
}

#[test]
fn scopes_are_narrowed_and_never_widened() {
    let asked = |scopes: &[&str]| scopes.iter().map(|scope| (*scope).to_owned()).collect::<Vec<_>>();
    let granted = "helpdesk:all helpdesk:all:readonly offline_access";
    let narrow = |wanted: Option<&[&str]>| narrowed(&app(), granted, wanted.map(asked).as_deref());
    // The app no longer has `helpdesk:all:readonly`.
    assert_eq!(narrow(None), Ok(asked(&["helpdesk:all", OFFLINE])));
    assert_eq!(narrow(Some(&["helpdesk:all"])), Ok(asked(&["helpdesk:all"])));
    assert_eq!(narrow(Some(&["helpdesk:all", "helpdesk:all"])), Err(Fault::ScopeTwice));
    assert_eq!(narrow(Some(&["helpdesk:helpdesk:access"])), Err(Fault::ScopeNotGranted));
    assert_eq!(scopes("  a  b "), ["a", "b"]);
}
