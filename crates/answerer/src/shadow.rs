//! `--shadow`: notes what would have been answered instead of answering.

use std::path::Path;

use serde_json::{Value, json};
use tokio::fs::{File, OpenOptions};
use tokio::io::AsyncWriteExt;
use tokio::sync::Mutex;

use crate::ledger::Question;

/// A file with a line of JSON for each question.
pub(crate) struct Shadow {
    file: Mutex<File>,
}

impl Shadow {
    /// Opens the file to go on at its end.
    pub(crate) async fn open(path: &Path) -> Result<Self, String> {
        let opened = OpenOptions::new().create(true).append(true).open(path).await;
        let file = opened.map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
        Ok(Self { file: Mutex::new(file) })
    }

    /// Writes a line. After a crash a question may stand twice; its `event_id` tells.
    pub(crate) async fn record(&self, question: &Question, faqs: &[Value]) -> Result<(), String> {
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
