//! A directory for the tests of this module.

use std::collections::HashMap;
use std::sync::Arc;

use desk::directory::{App, AppType, Delivery, Directory, Helpdesk, Visibility};
use desk::secret::token_hash;

pub(crate) const APP_ID: &str = "cli_a000000000000001";
pub(crate) const CREATED_MS: i64 = 1_763_800_000_250;

pub(crate) fn app() -> App {
    App {
        tenant: "demo".into(),
        app_id: APP_ID.into(),
        app_type: AppType::Custom,
        secret_hash: token_hash("demo-secret"),
        secret_version: 1,
        scopes: vec!["helpdesk:all".into()],
        delivery: Delivery::Webhook,
        url: None,
        url_verified: None,
        verification_token: None,
        encrypt_key: None,
        event_types: Vec::new(),
        name: None,
        redirect_urls: Vec::new(),
        created_at: CREATED_MS,
    }
}

pub(crate) fn helpdesk() -> Helpdesk {
    Helpdesk {
        tenant: "demo".into(),
        id: 6_900_000_000_000_000_001,
        name: "IT help".into(),
        welcome: String::new(),
        away: String::new(),
        accent: None,
        closed_at: None,
        description: String::new(),
        avatar_key: None,
        token_hash: token_hash("ht-demo"),
        widget_secret: String::new(),
        owner: "u_ada".into(),
        visibility: Arc::new(Visibility { all: true, ..Visibility::default() }),
        answering: desk::answering::Answering::default(),
        category_scores: false,
        timezone: desk::agent::schedule::zone("UTC").expect("UTC is a time zone"),
        agents: Arc::default(),
        acting_owner: None,
        subscribers: Arc::default(),
        counted: Arc::default(),
    }
}

pub(crate) fn directory_of(app: App) -> Directory {
    let (app, desk) = (Arc::new(app), Arc::new(helpdesk()));
    Directory {
        apps: HashMap::from([(app.app_id.clone(), app)]),
        helpdesks: HashMap::from([(desk.id, desk)]),
        ..Directory::default()
    }
}

pub(crate) fn directory() -> Directory {
    directory_of(app())
}
