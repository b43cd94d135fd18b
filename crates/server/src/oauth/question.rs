//! What the log-in page is asked, by its address or by its own form.

use std::collections::HashMap;
use std::sync::Arc;

use desk::{directory, oauth};
use reqwest::Url;
use wire::Code;

use super::{pkce, redirect};
use crate::app::App;

/// The parameters that go with a question from page to page. `app_id` is the older name of `client_id`.
const PASSED_ON: [&str; 9] = [
    "client_id",
    "app_id",
    "response_type",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
    "prompt",
];

/// Parameters of a query or a form; an empty one is left out.
#[derive(Debug, Default)]
pub(super) struct Parameters {
    values: HashMap<String, String>,
    twice: Option<String>,
}

impl Parameters {
    /// Reads them.
    pub fn read(encoded: &[u8]) -> Self {
        let mut parameters = Self::default();
        for (name, value) in form_urlencoded::parse(encoded).filter(|(_, value)| !value.is_empty()) {
            if parameters.values.insert(name.to_string(), value.into_owned()).is_some() {
                parameters.twice = Some(name.into_owned());
            }
        }
        parameters
    }

    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// What the page's form and its link to the other language have to repeat.
    pub fn passed_on(&self) -> impl Iterator<Item = (&'static str, &str)> {
        PASSED_ON.into_iter().filter_map(|name| Some((name, self.get(name)?)))
    }
}

/// Why the page cannot ask the user anything. The app's mistake, so it is told to whoever sees the page and never sent
/// to an address that may be anybody's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mistake {
    /// A parameter is sent twice.
    Twice(String),
    /// A parameter is missing.
    Missing(&'static str),
    /// No such app.
    NoApp(String),
    /// The app may not send people there.
    Redirect(String),
    /// A parameter is not one of the values that are allowed.
    NotAllowed(&'static str),
    /// A scope is named twice.
    ScopeTwice(String),
    /// The app does not have these scopes.
    ScopeNotOfApp(Vec<String>),
}

impl Mistake {
    /// The platform's code.
    pub fn code(&self) -> Code {
        match self {
            Self::Missing(_) => Code::OAUTH_PARAM_MISSING,
            Self::Twice(_) | Self::NotAllowed(_) => Code::OAUTH_MALFORMED,
            Self::NoApp(_) => Code::OAUTH_APP_UNKNOWN,
            Self::Redirect(_) => Code::OAUTH_REDIRECT,
            Self::ScopeTwice(_) => Code::OAUTH_SCOPE_TWICE,
            Self::ScopeNotOfApp(_) => Code::OAUTH_SCOPE_NOT_OF_APP,
        }
    }
}

/// A question that may be put to the user.
#[derive(Debug)]
pub(super) struct Question {
    /// Who asks.
    pub client: Arc<directory::App>,
    /// Where the answer goes.
    pub target: Url,
    /// The same as the app wrote it.
    pub redirect_uri: String,
    /// What for, each scope once and the app's.
    pub scopes: Vec<String>,
    /// The hash that the code's verifier has to have.
    pub challenge: Option<String>,
    /// Goes back with the answer as it came.
    pub state: Option<String>,
}

impl Question {
    /// Checks a question.
    pub fn check(app: &App, asked: &Parameters) -> Result<Self, Mistake> {
        if let Some(name) = &asked.twice {
            return Err(Mistake::Twice(name.clone()));
        }
        let id = asked.get("client_id").or(asked.get("app_id")).ok_or(Mistake::Missing("client_id"))?;
        let client = app.directory().apps.get(id).map(Arc::clone).ok_or_else(|| Mistake::NoApp(id.to_owned()))?;
        let redirect_uri = asked.get("redirect_uri").ok_or(Mistake::Missing("redirect_uri"))?;
        let target =
            redirect::target(&client, redirect_uri).ok_or_else(|| Mistake::Redirect(redirect_uri.to_owned()))?;
        // The page of old took none.
        if asked.get("response_type").is_some_and(|kind| kind != "code") {
            return Err(Mistake::NotAllowed("response_type"));
        }
        let scopes = scopes(&client, asked.get("scope"))?;
        let challenge = match (asked.get("code_challenge"), asked.get("code_challenge_method")) {
            (Some(challenge), method) => Some(pkce::expected(challenge, method).map_err(Mistake::NotAllowed)?),
            (None, Some(_)) => return Err(Mistake::Missing("code_challenge")),
            (None, None) => None,
        };
        let (redirect_uri, state) = (redirect_uri.to_owned(), asked.get("state").map(str::to_owned));
        Ok(Self { client, target, redirect_uri, scopes, challenge, state })
    }

    /// Where the user goes with an answer.
    pub fn answered(&self, name: &str, value: &str) -> String {
        let state = self.state.as_deref().map(|state| ("state", state));
        let told: Vec<(&str, &str)> = std::iter::once((name, value)).chain(state).collect();
        redirect::telling(&self.target, &told)
    }
}

/// Without `scope`, everything that the app may ask for.
fn scopes(client: &directory::App, asked: Option<&str>) -> Result<Vec<String>, Mistake> {
    let Some(asked) = asked else { return Ok(client.scopes.clone()) };
    let scopes = oauth::scopes(asked);
    if let Some(twice) = oauth::named_twice(&scopes) {
        return Err(Mistake::ScopeTwice(twice.to_owned()));
    }
    let missing: Vec<String> = scopes.iter().filter(|scope| !client.scopes.contains(scope)).cloned().collect();
    if missing.is_empty() { Ok(scopes) } else { Err(Mistake::ScopeNotOfApp(missing)) }
}
