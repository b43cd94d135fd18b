use proptest::prelude::*;

use super::*;

#[test]
fn both_kinds_are_read() {
    assert_eq!("sqlite:/a/b.db".parse(), Ok(DatabaseUrl::Sqlite("/a/b.db".into())));
    assert_eq!("sqlite:b.db".parse(), Ok(DatabaseUrl::Sqlite("b.db".into())));
    for url in ["postgres://me@host/desk", "postgresql://host"] {
        assert_eq!(url.parse(), Ok(DatabaseUrl::Postgres(url.to_owned())));
    }
}

#[test]
fn what_is_allowed_is_named() {
    for text in ["", "mysql://me:secret@host", "sqlite:", "sqlite::memory:", "/a/b.db"] {
        let error = text.parse::<DatabaseUrl>().unwrap_err().to_string();
        assert!(error.contains("sqlite:PATH") && error.contains("postgres://"), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
}

#[test]
fn the_password_is_masked() {
    for (url, shown) in [
        ("postgres://me:secret@host:1/desk", "postgres://me:***@host:1/desk"),
        ("postgres://me@host/desk?sslmode=require", "postgres://me@host/desk?sslmode=require"),
        ("postgres://host/desk?user=me&password=secret", "postgres://host/desk?user=me&password=***"),
        ("postgresql://me:se/cr?et@x@host/desk", "postgresql://me:***@host/desk"),
        ("postgres://host", "postgres://host"),
    ] {
        let url = DatabaseUrl::Postgres(url.to_owned());
        assert_eq!(url.to_string(), shown);
        assert_eq!(format!("{url:?}"), shown);
    }
    assert_eq!(DatabaseUrl::Sqlite("a.db".into()).to_string(), "sqlite:a.db");
}

proptest! {
    #[test]
    fn no_password_is_shown(password in "[A-Z0-9@/?:&=#%]{1,12}") {
        prop_assume!(password.len() > 3);
        let url = DatabaseUrl::Postgres(format!("postgres://me:{password}@host/desk"));
        prop_assert_eq!(url.to_string(), "postgres://me:***@host/desk");
    }
}
