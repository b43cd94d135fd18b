//! People found by what they are called, wherever one is picked.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::server::{DESK, USER};
use testkit::{Options, TestServer, on_both};

use super::{by, field, file, get, send, start, token};

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|person| person["name"].as_str().unwrap()).collect()
}

/// The usual desk, and some people with names of many kinds.
fn many() -> Value {
    let mut file = file(&Options::default());
    let users = file["tenants"][0]["users"].as_array_mut().unwrap();
    users.extend([
        json!({"id": "u_xm", "name": "王小明", "email": "xiaoming@demo.test"}),
        json!({"id": "u_ml", "name": "明丽", "email": "lily@demo.test"}),
        json!({"id": "u_el", "name": "Éva Li-Wu", "email": "Eva.Li@demo.test"}),
    ]);
    users.extend((0..30).map(|i| json!({"id": format!("u_z{i:02}"), "name": format!("Zed Zoltan {i:02}")})));
    file
}

on_both! {
    async fn somebody_is_found_by_a_part_of_the_name_or_the_beginning_of_the_address(database) {
        let server = TestServer::with_file(database, &Options::default(), &many()).await;
        let ada = token(&server, "ada").await;
        server.guest_with(json!({"name": "Evaristo", "email": "evaristo@demo.test"})).await;
        let find = |key: &str| {
            let call = by(&server, &ada, Method::GET, &format!("/desks/{DESK}/people?key={key}"));
            async { call.send().await.json }
        };
        for (key, found) in [
            // Who begins so comes first.
            ("明", vec!["明丽", "王小明"]),
            ("小明", vec!["王小明"]),
            ("LI", vec!["Éva Li-Wu", "明丽"]),
            ("ev", vec!["Éva Li-Wu", "Eve"]),
            ("eVÉ", vec!["Eve"]),
            ("ＷＵ éva", vec!["Éva Li-Wu"]),
            ("eva.li@DEMO", vec!["Éva Li-Wu"]),
            ("xiao", vec!["王小明"]),
            ("oo", vec!["Root"]),
            ("u_ba", vec![]),
            ("rita", vec![]),
            ("%25", vec![]),
            ("_", vec![]),
            ("zed 07", vec!["Zed Zoltan 07"]),
            ("xyz", vec![]),
            ("明 eva", vec![]),
        ] {
            let page = find(key).await;
            assert_eq!((names(&page["people"]), &page["has_more"]), (found, &json!(false)), "{key}");
        }
        let eve = json!({"open_id": USER, "name": "Eve", "email": "eve@demo.test", "can_sign_in": true});
        assert_eq!(find("EVE@").await["people"], json!([eve]));
        assert_eq!(find("王").await["people"][0]["can_sign_in"], json!(false));
        // At most 20, and whether there are others.
        let page = find("zed").await;
        assert_eq!((names(&page["people"]).len(), &page["has_more"]), (20, &json!(true)));
        assert_eq!(names(&page["people"])[..2], ["Zed Zoltan 00", "Zed Zoltan 01"]);
    }

    async fn whoever_is_called_otherwise_is_found_so_and_not_as_before(database) {
        let server = start(database, &Options::default()).await;
        let root = token(&server, "root").await;
        let found = async |search: &str| get(&server, &root, &format!("/users?search={search}")).await;
        assert_eq!(names(&found("eve").await["users"]), ["Eve"]);
        let change = json!({"name": "Evelyn Archer", "email": "archer@demo.test"});
        assert_eq!(send(&server, &root, Method::PATCH, "/users/u_eve", change).await.status, 200);
        for (search, people) in [("arch", vec!["Evelyn Archer"]), ("eve", vec!["Evelyn Archer"]), ("eve@", vec![])] {
            assert_eq!(names(&found(search).await["users"]), people, "{search}");
        }
        // A desk file renames people, too.
        server.apply(&file(&Options::default())).await;
        assert_eq!(names(&found("eve@").await["users"]), ["Eve"]);
        assert_eq!(names(&found("arch").await["users"]), Vec::<&str>::new());
        // Somebody who asked as a guest and then gets an account is found from then on.
        let made = json!({"id": "u_ivy", "password": "ivy-secret", "user": {"name": "Ivy", "email": "ivy@demo.test"}});
        assert_eq!(send(&server, &root, Method::POST, "/users", made).await.status, 201);
        assert_eq!(names(&found("iv").await["users"]), ["Ivy"]);
    }

    async fn a_search_among_users_goes_on_page_by_page_and_shows_nobody_twice(database) {
        let server = TestServer::with_file(database, &Options::default(), &many()).await;
        let root = token(&server, "root").await;
        let (mut next, mut seen) = (String::new(), Vec::new());
        loop {
            let page = get(&server, &root, &format!("/users?search=z&page_size=7{next}")).await;
            assert!(page["users"].as_array().unwrap().len() <= 7);
            seen.extend(names(&page["users"]).into_iter().map(str::to_owned));
            let Some(token) = page["page_token"].as_str() else { break };
            next = format!("&page_token={token}");
        }
        let all: Vec<String> = (0..30).map(|i| format!("Zed Zoltan {i:02}")).collect();
        assert_eq!(seen, all);
        for wrong in ["u_z01", "0.zz.u", "7.7a.u"] {
            let refused = by(&server, &root, Method::GET, &format!("/users?search=z&page_token={wrong}")).send().await;
            refused.refused(400, 154_000);
            assert_eq!(field(&refused), "page_token");
        }
    }

    async fn accounts_from_before_are_found_once_the_server_has_looked_at_them(database) {
        let server = start(database, &Options::default()).await;
        let db = server.running.app().db();
        db.write_blocking(|tx| {
            tx.execute("DELETE FROM person_part", &[])?;
            tx.execute("UPDATE person SET has_parts = 0", &[])
        })
        .unwrap();
        let server = server.restart(&Options::default()).await;
        let root = token(&server, "root").await;
        let mut found = json!([]);
        // The server begins with them at once; each look is a call.
        for _ in 0..2_000 {
            found = get(&server, &root, "/users?search=ad").await["users"].clone();
            if found != json!([]) {
                break;
            }
        }
        assert_eq!(names(&found), ["Ada"]);
    }
}
