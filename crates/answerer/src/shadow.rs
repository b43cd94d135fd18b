//! `--shadow`: notes what would have been answered instead of answering.

use std::path::Path;

use serde_json::{Value, json};
use tokio::fs::{File, OpenOptions};
use tokio::io::AsyncWriteExt;
use tokio::sync::Mutex;

use crate::ledger::{Ledger, Question};

/// A file with a line of JSON for each question, and the ledger for the report.
pub(crate) struct Shadow {
    file: Mutex<File>,
    ledger: Ledger,
    direct_score: f64,
}

impl Shadow {
    /// Opens the file to go on at its end.
    pub(crate) async fn open(path: &Path, ledger: Ledger, direct_score: f64) -> Result<Self, String> {
        let opened = OpenOptions::new().create(true).append(true).open(path).await;
        let file = opened.map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
        Ok(Self { file: Mutex::new(file), ledger, direct_score })
    }

    /// Writes a line. After a crash a question may stand twice in the file; its `event_id` tells. The ledger has it once.
    pub(crate) async fn record(&self, question: &Question, faqs: &[Value]) -> Result<(), String> {
        let mode = match faqs.first().and_then(|best| best["score"].as_f64()) {
            None => "nothing",
            Some(score) if score >= self.direct_score => "direct",
            Some(_) => "listed",
        };
        let noted = self.ledger.shadow(question, mode, &json!(faqs).to_string()).await;
        noted.map_err(|error| error.to_string())?;
        let line = json!({
            "event_id": question.event_id,
            "ticket_id": question.ticket_id,
            "asked_at": question.asked_at,
            "text": question.text,
            "faqs": faqs,
        });
        let mut file = self.file.lock().await;
        file.write_all(format!("{line}\n").as_bytes()).await.map_err(|error| error.to_string())?;
        file.sync_data().await.map_err(|error| error.to_string())
    }
}
