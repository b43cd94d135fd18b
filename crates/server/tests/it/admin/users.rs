//! Accounts, for administrators, and one's own.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::rows::{assert_only_on_record, assert_unchanged};
use testkit::server::{AGENT, DESK};
use testkit::{Answer, Options, TestServer, on_both};

use super::{by, field, file, get, send, start, token};

async fn sign_in(server: &TestServer, email: &str, password: &str) -> Answer {
    let body = json!({"email": email, "password": password, "tenant": "demo", "cookie": false});
    server.call(Method::POST, "/admin/v1/session").json(&body).send().await
}

async fn is_alive(server: &TestServer, token: &str) -> bool {
    by(server, token, Method::GET, "/session").send().await.status == 200
}

fn names(page: &Value) -> Vec<&str> {
    page["users"].as_array().unwrap().iter().map(|user| user["name"].as_str().unwrap()).collect()
}

on_both! {
    async fn users_are_listed_by_name_page_by_page_and_found(database) {
        let server = start(database, &Options::default()).await;
        let root = token(&server, "root").await;
        // Guests who came by themselves have no account.
        server.guest_with(json!({"name": "Aaron"})).await;
        let all = get(&server, &root, "/users").await;
        assert_eq!((names(&all), &all["has_more"]), (vec!["Ada", "Bob", "Eve", "Hal", "Root"], &json!(false)));
        let ada = &all["users"][0];
        assert_eq!(ada["desks"], json!([{"id": DESK, "name": "IT help", "role": "owner"}]));
        assert_eq!((&ada["has_password"], ada.get("role"), &all["users"][4]["role"]), (&json!(true), None, &json!("admin")));
        let (mut token_of_page, mut seen) = (String::new(), Vec::new());
        loop {
            let page = get(&server, &root, &format!("/users?page_size=2{token_of_page}")).await;
            seen.extend(names(&page).into_iter().map(str::to_owned));
            let Some(next) = page["page_token"].as_str() else { break };
            token_of_page = format!("&page_token={next}");
        }
        assert_eq!(seen, ["Ada", "Bob", "Eve", "Hal", "Root"]);
        for (search, found) in [("HAL", vec!["Hal"]), ("bob@", vec!["Bob"]), ("u_ro", vec!["Root"]), ("nobody", vec![])] {
            assert_eq!(names(&get(&server, &root, &format!("/users?search={search}")).await), found);
        }
        by(&server, &root, Method::GET, "/users?page_token=u_none").send().await.refused(404, 154_004);
        by(&server, &root, Method::GET, "/users/x_ada").send().await.refused(404, 154_004);
    }

    async fn a_user_is_made_changed_and_given_another_password(database) {
        let server = start(database, &Options::default()).await;
        let root = token(&server, "root").await;
        let body = json!({"password": "first-secret", "user": {"name": "Ivy", "email": "ivy@demo.test", "is_admin": true}});
        let made = send(&server, &root, Method::POST, "/users", body).await;
        assert_eq!(made.status, 201, "{}", made.json);
        let id = made.json["user"]["user_id"].as_str().unwrap();
        assert!(made.json["user"]["open_id"].as_str().unwrap().starts_with("ou_"));
        let ivy = sign_in(&server, "ivy@demo.test", "first-secret").await.json["token"].as_str().unwrap().to_owned();
        let one = format!("/users/{id}");
        let changed = send(&server, &ivy, Method::PATCH, &one, json!({"name": "Ivy Li", "city": "Berlin"})).await;
        assert_eq!((&changed.json["user"]["name"], &changed.json["user"]["role"]), (&json!("Ivy Li"), &json!("admin")));
        // A desk file that does not know her leaves her what she has.
        server.apply(&file(&Options::default())).await;
        assert!(is_alive(&server, &ivy).await);
        let set = send(&server, &root, Method::PUT, &format!("{one}/password"), json!({"password": "second-secret"})).await;
        assert_eq!(set.status, 200, "{}", set.json);
        assert!(!is_alive(&server, &ivy).await);
        sign_in(&server, "ivy@demo.test", "first-secret").await.refused(401, 154_001);
        assert_eq!(sign_in(&server, "ivy@demo.test", "second-secret").await.status, 200);
        let rows = server.rows();
        for (body, at) in [
            (json!({"user": {"name": "Bo", "email": "ADA@demo.test"}}), "user.email"),
            (json!({"user": {"email": "bo@demo.test"}}), "user.name"),
            (json!({"user": {"name": "Bo", "email": "bo"}}), "user.email"),
            (json!({"id": "u_ada", "user": {"name": "Bo"}}), "id"),
            (json!({"id": "a b", "user": {"name": "Bo"}}), "id"),
            (json!({"password": " ", "user": {"name": "Bo"}}), "password"),
        ] {
            let refused = send(&server, &root, Method::POST, "/users", body).await;
            refused.refused(400, 154_000);
            assert_eq!(field(&refused), at, "{}", refused.json);
        }
        assert_unchanged(&rows, &server.rows());
        let log = get(&server, &root, "/audit?page_size=200&action=admin_user").await.to_string();
        assert!(!log.contains("-secret") && log.contains("admin_user.set_password"), "{log}");
        // The rows hold hashes that sign-in understands, and no password.
        let people = server.rows()["person"].join("\n");
        assert!(people.contains("$argon2id$") && !people.contains("-secret"));
    }

    async fn the_last_administrator_stays_one(database) {
        let server = start(database, &Options::default()).await;
        let root = token(&server, "root").await;
        let rows = server.rows();
        for (method, body) in [
            (Method::PATCH, json!({"is_admin": false})),
            // People sign in with it.
            (Method::PATCH, json!({"email": ""})),
            (Method::DELETE, json!({})),
        ] {
            let refused = send(&server, &root, method, "/users/u_root", body).await;
            assert_eq!(refused.status, 403, "{}", refused.json);
        }
        // Somebody who cannot sign in is no help.
        assert_unchanged(&rows, &server.rows());
        for password in [Value::Null, json!("kim-secret")] {
            let body = json!({"password": password, "user": {"name": "Kim", "is_admin": true}});
            assert_eq!(send(&server, &root, Method::POST, "/users", body).await.status, 201);
        }
        let refused = send(&server, &root, Method::PATCH, "/users/u_root", json!({"is_admin": false})).await;
        assert!(refused.json["error"]["message"].as_str().unwrap().contains("last administrator"), "{}", refused.json);
        send(&server, &root, Method::PATCH, "/users/u_eve", json!({"is_admin": true})).await;
        assert_eq!(send(&server, &root, Method::PATCH, "/users/u_root", json!({"is_admin": false})).await.status, 200);
        // Who has no right any more has none at once, and nothing to do here.
        by(&server, &root, Method::GET, "/users").send().await.refused(403, 154_003);
    }

    async fn a_deactivated_user_is_out_and_their_tickets_go_back(database) {
        let server = start(database, &Options { by: "app", ..Options::default() }).await;
        let (root, bob) = (token(&server, "root").await, token(&server, "bob").await);
        // Ada is away, so Bob gets the ticket.
        let away = json!({"status": "offline"});
        let agents = get(&server, &root, &format!("/desks/{DESK}/agents")).await["agents"].clone();
        let ada = agents[0]["agent_id"].as_str().unwrap();
        send(&server, &root, Method::PATCH, &format!("/desks/{DESK}/agents/{ada}"), away).await;
        let guest = server.guest().await;
        let ticket = guest.say("hello").await["ticket_id"].as_str().unwrap().to_owned();
        guest.call(Method::POST, "/human").send().await;
        assert!(server.ticket(&ticket).await.to_string().contains(AGENT));
        let refused = send(&server, &root, Method::DELETE, "/users/u_ada", json!({})).await;
        assert!(refused.json["error"]["message"].as_str().unwrap().contains("IT help"), "{}", refused.json);
        let gone = send(&server, &root, Method::DELETE, "/users/u_bob", json!({})).await;
        assert_eq!(gone.status, 200, "{}", gone.json);
        assert!(!is_alive(&server, &bob).await);
        sign_in(&server, "bob@demo.test", "bob-demo").await.refused(401, 154_001);
        let shown = get(&server, &root, "/users/u_bob").await["user"].clone();
        assert_eq!((&shown["has_password"], &shown["desks"], &shown["name"]), (&json!(false), &json!([]), &json!("Bob")));
        assert_eq!(get(&server, &root, &format!("/desks/{DESK}/agents")).await["agents"].as_array().unwrap().len(), 1);
        // Another password brings the account back, but no role.
        send(&server, &root, Method::PUT, "/users/u_bob/password", json!({"password": "bob-again"})).await;
        sign_in(&server, "bob@demo.test", "bob-again").await.refused(403, 154_003);
    }

    async fn only_administrators_see_or_change_users(database) {
        let server = start(database, &Options::default()).await;
        for name in ["bob", "ada"] {
            let token = token(&server, name).await;
            let rows = server.rows();
            for (method, path) in [
                (Method::GET, "/users"),
                (Method::POST, "/users"),
                (Method::GET, "/users/u_root"),
                (Method::PATCH, "/users/u_bob"),
                (Method::DELETE, "/users/u_root"),
                (Method::PUT, "/users/u_root/password"),
            ] {
                let body = json!({"password": "mine-now", "is_admin": true, "user": {"name": "X"}});
                send(&server, &token, method, path, body).await.refused(403, 154_003);
            }
            assert_unchanged(&rows, &server.rows());
        }
    }

    async fn everybody_changes_their_own_password_and_ends_their_own_sessions(database) {
        let server = start(database, &Options::default()).await;
        let (bob, other, ada) = (token(&server, "bob").await, token(&server, "bob").await, token(&server, "ada").await);
        let list = get(&server, &bob, "/me/sessions").await["sessions"].clone();
        let this: Vec<bool> = list.as_array().unwrap().iter().map(|s| s["is_this"].as_bool().unwrap()).collect();
        assert_eq!(this, [false, true]);
        let other_id = list[0]["id"].as_str().unwrap();
        // Another's session is none of one's own.
        by(&server, &ada, Method::DELETE, &format!("/me/sessions/{other_id}")).send().await.refused(404, 154_004);
        assert!(is_alive(&server, &other).await);
        by(&server, &bob, Method::DELETE, &format!("/me/sessions/{other_id}")).send().await;
        assert!(!is_alive(&server, &other).await);
        let third = token(&server, "bob").await;
        let set = async |old: &str, new: &str| {
            send(&server, &bob, Method::PUT, "/me/password", json!({"old_password": old, "new_password": new})).await
        };
        let rows = server.rows();
        let wrong = set("bob", "better-secret").await;
        wrong.refused(400, 154_000);
        assert_eq!(field(&wrong), "old_password");
        assert_eq!(field(&set("bob-demo", "").await), "new_password");
        assert_only_on_record(&rows, &server.rows());
        assert_eq!(set("bob-demo", "better-secret").await.status, 200);
        // Whoever did it stays signed in, everywhere else it is over.
        assert!(is_alive(&server, &bob).await && !is_alive(&server, &third).await);
        sign_in(&server, "bob@demo.test", "bob-demo").await.refused(401, 154_001);
        assert_eq!(sign_in(&server, "bob@demo.test", "better-secret").await.status, 200);
        let root = token(&server, "root").await;
        let log = get(&server, &root, "/audit?action=admin_me").await;
        let actions: Vec<&str> = log["entries"].as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
        assert_eq!(actions, ["admin_me.set_password", "admin_me.end_session"]);
        // Guesses are counted like tries to sign in.
        for _ in 0..10 {
            set("guess", "x").await;
        }
        set("better-secret", "y").await.refused(429, 99_991_400);
    }
}
