//! Generated documents are those that the program makes.

use std::path::Path;
use std::process::Command;

#[test]
fn the_open_api_document_is_current() {
    let made = Command::new(env!("CARGO_BIN_EXE_deskwire")).arg("openapi").output().unwrap();
    assert!(made.status.success());
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let kept = std::fs::read_to_string(kept).unwrap();
    assert!(String::from_utf8(made.stdout).unwrap() == kept, "run `make docs`");
}

#[test]
fn the_configuration_reference_is_current() {
    let made = Command::new(env!("CARGO_BIN_EXE_deskwire")).arg("config-reference").output().unwrap();
    assert!(made.status.success());
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    let kept = std::fs::read_to_string(kept).unwrap();
    assert_eq!(String::from_utf8(made.stdout).unwrap(), kept, "run `make docs`");
}
