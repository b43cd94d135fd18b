//! Schedules, skills, levels and the time zone of desk files.

use super::*;

const SKILLED: &str = r#"
version: 1
tenants:
  - key: demo
    name: Demo Ltd
    users:
      - {id: u_ada, name: Ada, open_id: ou_ada, level: 3, avatar_url: "https://demo.test/ada.png"}
      - {id: u_bob, name: Bob, open_id: ou_bob}
      - {id: u_cleo, name: Cleo, open_id: ou_cleo}
    helpdesks:
      - id: "6900000000000000001"
        token: ht-demo
        name: IT help
        owner: u_ada
        widget_secret: w-secret
        timezone: europe/berlin
        skills:
          - {name: Everything else, default: true}
          - name: Network
            rules:
              - {id: "15", selected_operator: 8, operand: {selected_categories: [Network/VPN]}, category: 1}
              - {id: "3", selected_operator: 5, operand: {city: Berlin}}
              - {id: "17", selected_operator: 2, operand: {level: 3}}
          - {name: Empty}
        agents:
          - {user: u_bob, schedule: [{start_time: "09:00", end_time: "17:00", weekday: 10}], skills: [Network, Empty], capacity: 3}
          - {user: u_cleo, status: offline}
        categories: [{name: Network, children: [{name: VPN}]}]
"#;

const DESK: &str = "help desk 6900000000000000001 (IT help)";

fn desk(file: &DeskFile) -> &types::Helpdesk {
    &file.tenants[0].helpdesks.as_ref().unwrap()[0]
}

#[test]
fn what_a_file_says_of_agents_and_skills_is_exported_and_applied_twice_changes_nothing() {
    let first = Bench::new();
    first.put(SKILLED);
    assert_eq!(first.put(SKILLED), Report::default());
    let exported = first.export();
    let ada = &exported.tenants[0].users.as_ref().unwrap()[0];
    assert_eq!((ada.level, ada.avatar_url.as_deref()), (Some(3), Some("https://demo.test/ada.png")));
    assert_eq!(desk(&exported).timezone.as_deref(), Some("Europe/Berlin"));
    let skills = desk(&exported).skills.as_ref().unwrap();
    let names: Vec<(&str, bool)> = skills.iter().map(|skill| (skill.name.as_str(), skill.default)).collect();
    assert_eq!(names, [("Everything else", true), ("Network", false), ("Empty", false)]);
    let rules = skills[1].rules.as_ref().unwrap();
    assert_eq!(serde_json::to_string(&rules[0].operand).unwrap(), r#"{"selected_categories":["Network/VPN"]}"#);
    let bob = &desk(&exported).agents.as_ref().unwrap()[1];
    assert_eq!(bob.skills.as_deref().unwrap(), ["Empty", "Network"]);
    assert_eq!((bob.capacity, bob.schedule.as_ref().unwrap()[0].end_time.as_str()), (Some(3), "17:00"));
    let second = Bench::new();
    for text in [serde_saphyr::to_string(&exported).unwrap(), serde_json::to_string(&exported).unwrap()] {
        second.put(&text);
        assert_eq!(second.export(), exported);
        assert!(first.put(&text).is_empty());
    }
}

#[test]
fn changes_of_agents_and_skills_are_told_one_by_one() {
    let bench = Bench::new();
    bench.put(SKILLED);
    let change = |from: &str, to: &str| bench.changes(&SKILLED.replace(from, to));
    assert_eq!(change("17:00", "18:00"), [format!("updated agent u_bob of {DESK}: schedule")]);
    assert_eq!(change("capacity: 3", "capacity: 4"), [format!("updated agent u_bob of {DESK}: schedule, capacity"),]);
    assert_eq!(
        change("europe/berlin", "Asia/Tokyo"),
        [format!("updated {DESK}: timezone"), format!("updated agent u_bob of {DESK}: capacity"),]
    );
    bench.put(SKILLED);
    assert_eq!(change("city: Berlin", "city: Bonn"), [format!("updated skill Network of {DESK}: rules")]);
    assert_eq!(
        change("[Network, Empty]", "[]"),
        [format!("updated skill Network of {DESK}: rules"), format!("updated agent u_bob of {DESK}: skills"),]
    );
    bench.put(SKILLED);
    // The same rule in other words is no change.
    assert!(change("{city: Berlin}", "{selected_cities: [berlin]}").is_empty());
    let renamed = change("Everything else", "Rest");
    assert_eq!(renamed, [format!("updated default skill Rest of {DESK}: name")]);
}

#[test]
fn a_skill_that_a_file_no_longer_names_goes_with_its_agents() {
    let bench = Bench::new();
    bench.put(SKILLED);
    bench.run("INSERT INTO skill SELECT tenant, helpdesk_id, 77, 'By hand', '[]', 0, 0, 1, 1 FROM helpdesk");
    let start = SKILLED.find("        skills:").unwrap();
    let end = SKILLED.find("        agents:").unwrap();
    let without = |skills: &str| {
        let text = format!("{}{skills}{}", &SKILLED[..start], &SKILLED[end..]);
        text.replace("skills: [Network, Empty]", "skills: [By hand]")
    };
    let changes = bench.changes(&without("        skills: []\n"));
    let expected = [
        format!("removed skill Network of {DESK}"),
        format!("removed skill Empty of {DESK}"),
        format!("updated agent u_bob of {DESK}: skills"),
    ];
    assert_eq!(changes, expected);
    assert_eq!(bench.count("SELECT COUNT(*) FROM skill"), 2);
    assert_eq!(bench.count("SELECT COUNT(*) FROM agent_skill"), 1);
    // Without the list nothing is said about skills.
    assert!(bench.put(&without("")).is_empty());
}

#[test]
fn an_agent_who_leaves_keeps_a_row_and_comes_back_fresh() {
    let bench = Bench::new();
    bench.put(SKILLED);
    let line = SKILLED.lines().find(|line| line.contains("user: u_bob")).unwrap();
    let without = SKILLED.replace(line, "");
    assert_eq!(bench.changes(&without), [format!("removed agent u_bob of {DESK}")]);
    assert_eq!(bench.count("SELECT COUNT(*) FROM agent WHERE removed_at IS NOT NULL"), 1);
    assert_eq!(bench.count("SELECT COUNT(*) FROM agent_skill"), 0);
    let vault = bench.vault.clone();
    let directory = bench.db.read_blocking(move |tx| directory::load(tx, &vault)).unwrap();
    assert_eq!(directory.helpdesks[&6_900_000_000_000_000_001].role("u_bob"), None);
    assert!(bench.put(&without).is_empty());
    let back = SKILLED.replace(line, "          - {user: u_bob}");
    assert_eq!(bench.changes(&back), [format!("created agent u_bob of {DESK}")]);
    let bob = &desk(&bench.export()).agents.as_ref().unwrap()[1].clone();
    assert_eq!((&bob.schedule, &bob.skills, bob.capacity), (&None, &None, None));
}

#[test]
fn every_mistake_of_agents_and_skills_is_one_line() {
    let bench = Bench::new();
    let at = "tenants[0].helpdesks[0]";
    let cases = [
        ("europe/berlin", "Berlin", ".timezone: \"Berlin\" is no time zone"),
        ("17:00", "24:01", ".agents[0].schedule[0].end_time: \"24:01\" is not allowed"),
        ("weekday: 10", "weekday: 8", ".agents[0].schedule[0].weekday: 8 is not allowed"),
        ("skills: [Network, Empty]", "skills: [Network, Printing]", ".agents[0].skills[1]: no skill \"Printing\""),
        ("capacity: 3", "capacity: 0", ".agents[0].capacity: 1 to 1000"),
        ("Network/VPN", "Network/Wi-Fi", ".skills[1].rules[0].operand: no category \"Network/Wi-Fi\""),
        ("category: 1", "category: 2", ".skills[1].rules[0].category: rule 15"),
        ("selected_operator: 5", "selected_operator: 8", ".skills[1].rules[1].selected_operator: options: [5, 6]"),
        ("name: Empty", "name: Network", ".skills[2].name: \"Network\" is named twice"),
        ("{name: Empty}", "{name: Empty, default: true}", ".skills[2].default: another skill"),
    ];
    for (from, to, expected) in cases {
        let faults = bench.try_put(&SKILLED.replacen(from, to, 1), false).unwrap_err();
        assert!(faults[0].starts_with(&format!("{at}{expected}")), "{faults:?}");
        assert!(!faults[0].contains('\n'));
    }
    let ruled =
        "{name: Everything else, default: true, rules: [{id: \"3\", selected_operator: 5, operand: {city: B}}]}";
    let faults = bench.try_put(&SKILLED.replace("{name: Everything else, default: true}", ruled), false).unwrap_err();
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].contains(".skills[0].rules: the default skill"), "{faults:?}");
    let faults = bench.try_put(&SKILLED.replace("https://demo.test", "ftp://demo.test"), false).unwrap_err();
    assert!(faults[0].starts_with("tenants[0].users[0].avatar_url: "), "{faults:?}");
    assert_eq!(bench.count("SELECT COUNT(*) FROM tenant"), 0);
}
