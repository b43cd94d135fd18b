use super::*;
use crate::auth::fixtures::{self, APP_ID, CREATED_MS};
use desk::directory::AppType;

fn tokens() -> Tokens {
    Tokens::new(&Vault::new([1; 32]))
}

fn granted() -> Granted {
    Granted::of(["helpdesk:all"])
}

fn code(result: Result<Bearer, TokenFault>) -> i64 {
    result.err().map_or(0, |fault| fault.code.number)
}

/// The first instant of the app's first slot.
const ORIGIN_MS: i64 = CREATED_MS - 250;

#[test]
fn a_tenant_token_stays_the_same_while_it_has_30_minutes_or_more_left() {
    let (tokens, app) = (tokens(), fixtures::app());
    let at = |age_ms: i64| tokens.tenant(&app, ORIGIN_MS + age_ms).unwrap();
    let (first, expire) = at(0);
    assert_eq!(expire, 7_200);
    assert_eq!(at(1), (first.clone(), 7_199));
    assert_eq!(at(5_399_999), (first.clone(), 1_800));
    assert_eq!(at(5_400_000), (first.clone(), 1_800));
    let (second, expire) = at(5_400_001);
    assert_ne!(second, first);
    assert_eq!(expire, 7_199);
    assert_eq!(at(2 * 5_400_000).0, second);
    assert_ne!(at(2 * 5_400_000 + 1).0, second);
    let (_, expire) = at(-1);
    assert!((1_800..=7_200).contains(&expire));
}

#[test]
fn both_tokens_live_until_their_own_end_and_over_a_restart() {
    let (directory, app) = (fixtures::directory(), fixtures::app());
    let (first, _) = tokens().tenant(&app, ORIGIN_MS).unwrap();
    let (second, _) = tokens().tenant(&app, ORIGIN_MS + 5_400_001).unwrap();
    let restarted = tokens();
    for (token, age_ms, expected) in [
        (&first, 5_400_001, 0),
        (&first, 7_199_999, 0),
        (&first, 7_200_000, 99_991_663),
        (&second, 7_200_000, 0),
        (&second, 5_400_000 + 7_200_000, 99_991_663),
    ] {
        assert_eq!(code(restarted.verify(token, &directory, ORIGIN_MS + age_ms)), expected, "{age_ms}");
    }
}

#[test]
fn a_user_token_carries_its_user_and_is_fresh_each_time() {
    let (tokens, directory, app, ids) = (tokens(), fixtures::directory(), fixtures::app(), Ids::new(1, [1; 32]));
    let (token, expire) = tokens.user(&app, "u_ada", granted(), &ids, CREATED_MS).unwrap();
    assert_eq!(expire, 7_200);
    assert_ne!(tokens.user(&app, "u_ada", granted(), &ids, CREATED_MS).unwrap().0, token);
    match tokens.verify(&token, &directory, CREATED_MS + 7_199_999) {
        Ok(Bearer::User { app, user_id, granted: carried }) => {
            assert_eq!((app.app_id.as_str(), user_id.as_str(), carried), (APP_ID, "u_ada", granted()));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(code(tokens.verify(&token, &directory, CREATED_MS + 7_200_000)), 99_991_677);
}

#[test]
fn a_token_that_is_not_ours_is_refused_by_its_prefix() {
    let (tokens, directory, app, ids) = (tokens(), fixtures::directory(), fixtures::app(), Ids::new(1, [1; 32]));
    let (tenant, _) = tokens.tenant(&app, CREATED_MS).unwrap();
    let (user, _) = tokens.user(&app, "u_ada", granted(), &ids, CREATED_MS).unwrap();
    let verify = |token: &str| code(tokens.verify(token, &directory, CREATED_MS));
    assert_eq!(verify("x-abc"), 99_991_671);
    assert_eq!(verify(""), 99_991_671);
    for (prefix, expected) in [("t-", 99_991_663), ("u-", 99_991_668)] {
        for text in ["", "abc", "é", &"A".repeat(1_000)] {
            assert_eq!(verify(&format!("{prefix}{text}")), expected, "{prefix}{text}");
        }
    }
    // One kind does not pass for the other.
    assert_eq!(verify(&tenant.replacen("t-", "u-", 1)), 99_991_668);
    assert_eq!(verify(&user.replacen("u-", "t-", 1)), 99_991_663);
    let mut changed = tenant.clone().into_bytes();
    changed[20] = if changed[20] == b'A' { b'B' } else { b'A' };
    assert_eq!(verify(std::str::from_utf8(&changed).unwrap()), 99_991_663);
    let other_key = Tokens::new(&Vault::new([2; 32]));
    assert_eq!(code(other_key.verify(&tenant, &directory, CREATED_MS)), 99_991_663);
}

#[test]
fn a_new_secret_voids_tokens_made_under_the_old_one() {
    let (tokens, old, ids) = (tokens(), fixtures::app(), Ids::new(1, [1; 32]));
    let rotated = App { secret_version: 2, ..fixtures::app() };
    let (tenant, _) = tokens.tenant(&old, CREATED_MS).unwrap();
    let (user, _) = tokens.user(&old, "u_ada", granted(), &ids, CREATED_MS).unwrap();
    let (fresh, _) = tokens.tenant(&rotated, CREATED_MS).unwrap();
    let directory = fixtures::directory_of(rotated);
    assert_eq!(code(tokens.verify(&tenant, &directory, CREATED_MS)), 99_991_663);
    assert_eq!(code(tokens.verify(&user, &directory, CREATED_MS)), 99_991_668);
    assert_eq!(code(tokens.verify(&fresh, &directory, CREATED_MS)), 0);
    assert_eq!(code(tokens.verify(&fresh, &Directory::default(), CREATED_MS)), 99_991_663);
}

#[test]
fn the_bearer_header_has_one_form() {
    assert_eq!(bearer(Some(b"Bearer t-1")), Ok("t-1"));
    for header in [None, Some(&b""[..]), Some(b"bearer t-1"), Some(b"Bearer "), Some(b"t-1"), Some(b"Bearer \xff")] {
        assert_eq!(bearer(header).unwrap_err().code.number, 99_991_661, "{header:?}");
    }
}

#[test]
fn only_the_platforms_form_of_app_id_has_a_number() {
    assert_eq!(app_number(APP_ID), Some(0xa000_0000_0000_0001));
    for bad in
        ["", "cli_", "cli_a00000000000001", "cli_A000000000000001", "cli_+000000000000001", "app_a000000000000001"]
    {
        assert_eq!(app_number(bad), None, "{bad}");
    }
    let odd = App { app_id: "cli_demo".into(), app_type: AppType::Store, ..fixtures::app() };
    assert!(tokens().tenant(&odd, CREATED_MS).is_none());
}

#[test]
fn a_guest_session_lives_30_days_and_is_no_access_token() {
    let (tokens, directory) = (tokens(), fixtures::directory());
    let token = tokens.guest("demo", 69, "u_ada", "oc_1", 1_000);
    let session = GuestSession {
        tenant: "demo".into(),
        helpdesk_id: 69,
        user_id: "u_ada".into(),
        chat_id: "oc_1".into(),
        expires_at: 1_000 + 30 * 86_400_000,
    };
    assert_eq!(tokens.verify_guest(&token, session.expires_at - 1).as_ref(), Some(&session));
    assert_eq!(tokens.verify_guest(&token, session.expires_at), None);
    assert_eq!(tokens.verify_guest(&token[1..], 1_000), None);
    assert_eq!(code(tokens.verify(&token.replacen("g-", "t-", 1), &directory, 1_000)), 99_991_663);
}
