//! Words that mean the same: which were found, and which are switched off.

use axum::Json;
use axum::extract::State;
use desk::Kind;
use desk::synonym::{self, Synonym};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Visitor;
use super::desks::of_path;
use crate::api::error::ApiError;
use crate::api::known;
use crate::app::App;
use crate::guest::{Body, Segment};

/// The path of a pair.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct SynonymPath {
    /// Decimal id of the help desk.
    helpdesk_id: String,
    /// Decimal id of the pair.
    synonym_id: String,
}

/// The pairs of a help desk.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SynonymList {
    /// Those of most guests first.
    synonyms: Vec<SynonymOut>,
}

/// A word of guests that stands for a word of FAQs.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Synonym")]
pub struct SynonymOut {
    /// Decimal id.
    id: String,
    /// What guests say, folded and stemmed.
    word: String,
    /// What FAQs say.
    means: String,
    /// How many different guests said the one and were helped by a FAQ with the other; at least 3.
    guests: i64,
    /// Of those who said it, the share whom a FAQ with the other helped, 0.5 to 1.
    weight: f64,
    /// Whether it is switched off.
    off: bool,
    /// When it was found, Unix ms.
    found_at: i64,
}

impl From<Synonym> for SynonymOut {
    fn from(pair: Synonym) -> Self {
        let Synonym { id, word, means, guests, percent, off, found_at } = pair;
        let weight = f64::from(u32::try_from(percent).unwrap_or(0)) / 100.0;
        Self { id: id.to_string(), word, means, guests, weight, off, found_at }
    }
}

/// What is to become of a pair.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct SwitchSynonym {
    /// Whether it is switched off.
    off: bool,
}

/// `GET /admin/v1/desks/:helpdesk_id/synonyms`
pub async fn list(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
) -> Result<Json<SynonymList>, ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    let all = app.read(move |tx, _| Ok(synonym::all(tx, &desk)?)).await?;
    Ok(Json(SynonymList { synonyms: all.into_iter().map(SynonymOut::from).collect() }))
}

/// `PATCH /admin/v1/desks/:helpdesk_id/synonyms/:synonym_id`
pub async fn switch(
    State(app): State<App>,
    who: Visitor,
    Segment(path): Segment<SynonymPath>,
    Body(ask): Body<SwitchSynonym>,
) -> Result<Json<SynonymOut>, ApiError> {
    let desk = of_path(&app, &who, &path.helpdesk_id)?;
    let id = known(Kind::Synonym, &path.synonym_id)?;
    Ok(Json(app.write(move |tx, cx| synonym::switch(tx, cx, &desk, id, ask.off)).await?.into()))
}
