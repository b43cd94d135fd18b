//! Where sentence vectors come from.

use std::path::PathBuf;

use reqwest::Url;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{SettingsError, fault};
use crate::embedding::EndpointSettings;

/// Where sentence vectors come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Embeddings {
    /// A model in this directory.
    Model(PathBuf),
    /// An OpenAI-compatible endpoint.
    Endpoint(EndpointSettings),
}

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text, for its use.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Checks the four settings together.
pub(super) fn finish(
    model: Option<PathBuf>,
    url: Option<String>,
    key: Option<Secret>,
    name: Option<String>,
) -> Result<Option<Embeddings>, SettingsError> {
    let Some(url) = url else {
        if let Some(name) = name {
            return Err(fault("embeddings_model", name, "one together with embeddings_url"));
        }
        return Ok(model.map(Embeddings::Model));
    };
    if let Some(model) = model {
        return Err(fault("model", model, "either model or embeddings_url, not both"));
    }
    let Some(name) = name.filter(|name| !name.is_empty()) else {
        return Err(fault("embeddings_model", "", "the model's name at the endpoint"));
    };
    let allowed =
        "http:// or https:// with a host and no user or fragment, such as https://api.example.com/v1/embeddings";
    let parsed = Url::parse(&url).ok().filter(|url| {
        let web = ["http", "https"].contains(&url.scheme()) && url.has_host();
        web && url.username().is_empty() && url.password().is_none() && url.fragment().is_none()
    });
    // The text may hold a password, so only its beginning is shown.
    let shown = || format!("{}:…", url.split_once(':').map_or("…", |(scheme, _)| scheme));
    let url = parsed.ok_or_else(|| fault("embeddings_url", shown(), allowed))?;
    Ok(Some(Embeddings::Endpoint(EndpointSettings { url, key, model: name })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_or_an_endpoint_with_a_name() {
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(finish(None, None, None, None), Ok(None));
        assert_eq!(finish(Some("m".into()), None, None, None), Ok(Some(Embeddings::Model("m".into()))));
        let whole = finish(None, text("https://a.test/v1/embeddings"), Some(Secret("k".into())), text("n"));
        let Ok(Some(Embeddings::Endpoint(found))) = whole else { panic!("{whole:?}") };
        assert_eq!((found.url.as_str(), found.model.as_str()), ("https://a.test/v1/embeddings", "n"));
        assert_eq!(format!("{:?}", found.key), "Some(Secret(…))");
        let wrong = [
            (finish(None, None, None, text("n")), "embeddings_model"),
            (finish(None, text("https://a.test"), None, None), "embeddings_model"),
            (finish(Some("m".into()), text("https://a.test"), None, text("n")), "model"),
            (finish(None, text("https://u:pw@a.test"), None, text("n")), "embeddings_url"),
            (finish(None, text("ftp://a.test"), None, text("n")), "embeddings_url"),
        ];
        for (found, key) in wrong {
            let error = found.unwrap_err();
            assert_eq!(error.key, key);
            assert!(!error.to_string().contains("pw"), "{error}");
        }
    }
}
