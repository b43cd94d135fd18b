//! Thresholds of categories.

use super::*;

/// The usual file with something added to a category.
fn with(accounts: &str, passwords: &str) -> String {
    let file = FILE
        .replace("{name: Accounts, language: en_us,", &format!("{{name: Accounts, language: en_us, {accounts}"))
        .replace("{name: Passwords}", &format!("{{name: Passwords{passwords}}}"));
    assert!(accounts.is_empty() || file != FILE);
    file
}

fn thresholds(bench: &Bench) -> Vec<String> {
    let rows = bench.db.read_blocking(|tx| {
        tx.query("SELECT name, scores FROM category WHERE scores IS NOT NULL ORDER BY category_id", &[], |row| {
            Ok(format!("{} {}", row.string(0)?, row.string(1)?))
        })
    });
    rows.unwrap()
}

fn flagged(bench: &Bench) -> bool {
    let vault = bench.vault.clone();
    let directory = bench.db.read_blocking(move |tx| directory::load(tx, &vault)).unwrap();
    directory.helpdesks[&6_900_000_000_000_000_001].category_scores
}

#[test]
fn thresholds_are_set_kept_changed_and_inherited_again() {
    let bench = Bench::new();
    bench.put(FILE);
    assert!(thresholds(&bench).is_empty() && !flagged(&bench));
    let of = "of help desk 6900000000000000001 (IT help)";
    let set = with("direct_score: 0.9, list_score: 0.5,", ", list_score: 0.6");
    let expected = [
        format!("updated category Accounts {of}: direct_score, list_score"),
        format!("updated category Passwords {of}: list_score"),
    ];
    assert_eq!(bench.changes(&set), expected);
    let kept = [r#"Accounts {"direct_score":0.9,"list_score":0.5}"#, r#"Passwords {"list_score":0.6}"#];
    assert_eq!(thresholds(&bench), kept);
    assert!(flagged(&bench));
    assert_eq!(bench.put(&set), Report::default());
    // A file that says nothing leaves them as they are.
    assert_eq!(bench.put(FILE), Report::default());
    let cleared = with("direct_score: null,", ", list_score: null");
    let expected = [
        format!("updated category Accounts {of}: direct_score"),
        format!("updated category Passwords {of}: list_score"),
    ];
    assert_eq!(bench.changes(&cleared), expected);
    assert_eq!(thresholds(&bench), [r#"Accounts {"list_score":0.5}"#]);
}

#[test]
fn an_export_has_them_and_can_be_applied_elsewhere() {
    let (first, second) = (Bench::new(), Bench::new());
    first.put(&with("direct_score: 0.9,", ", list_score: 0.6"));
    let exported = first.export();
    for text in [serde_saphyr::to_string(&exported).unwrap(), serde_json::to_string_pretty(&exported).unwrap()] {
        assert!(text.contains("direct_score") && !text.contains("null"), "{text}");
        second.put(&text);
        assert_eq!(second.export(), exported);
    }
    assert_eq!(thresholds(&second), [r#"Accounts {"direct_score":0.9}"#, r#"Passwords {"list_score":0.6}"#]);
}

#[test]
fn what_contradicts_itself_is_told_where_it_stands() {
    let at = "tenants[0].helpdesks[0].categories[0]";
    for (accounts, passwords, expected) in [
        ("direct_score: 1.1,", "", format!("{at}.direct_score: 1.1 is not in 0..=1")),
        ("list_score: -1,", "", format!("{at}.list_score: -1 is not in 0..=direct_score (0.7)")),
        ("direct_score: 0.1,", "", format!("{at}.list_score: 0.25 is not in 0..=direct_score (0.1)")),
        (
            "list_score: 0.6,",
            ", direct_score: 0.5",
            format!("{at}.children[0].list_score: 0.6 is not in 0..=direct_score (0.5)"),
        ),
        ("direct_score: yes,", "", format!("{at}.direct_score: ")),
    ] {
        let faults = Bench::new().try_put(&with(accounts, passwords), false).unwrap_err();
        assert!(faults.len() == 1 && faults[0].starts_with(&expected), "{expected}: {faults:?}");
    }
    // What the database has counts too, and so do thresholds of the help desk that change.
    let bench = Bench::new();
    bench.put(&with("list_score: 0.6,", ""));
    let faults = bench.try_put(&with("", ", direct_score: 0.5"), false).unwrap_err();
    assert!(faults[0].starts_with(&format!("{at}.children[0].list_score: 0.6 is not in")), "{faults:?}");
    let faults = bench.try_put(&FILE.replace("direct_score: 0.7", "direct_score: 0.4"), false).unwrap_err();
    assert!(faults[0].starts_with(&format!("{at}.list_score: 0.6 is not in 0..=direct_score (0.4)")), "{faults:?}");
}
