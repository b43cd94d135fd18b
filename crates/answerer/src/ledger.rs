//! What this app was told of and what became of it, in a SQLite file: an event is acknowledged only when it stands
//! here, so a crash neither loses a question nor answers it twice.

use std::path::Path;

use db::{DatabaseUrl, Db, DbError, Migration, Options, params};

const MIGRATIONS: &[Migration] = &[
    Migration {
        name: "0001_question",
        sql: "CREATE TABLE question (
            helpdesk_id TEXT NOT NULL,
            event_id TEXT NOT NULL,
            ticket_id TEXT NOT NULL,
            answer_id TEXT NOT NULL,
            text TEXT NOT NULL,
            asked_at BIGINT NOT NULL,
            next_at BIGINT,
            tries BIGINT NOT NULL,
            answer TEXT,
            outcome TEXT,
            ended_at BIGINT,
            PRIMARY KEY (helpdesk_id, event_id));
          CREATE INDEX question_waiting ON question (helpdesk_id, next_at);
          CREATE INDEX question_ended ON question (helpdesk_id, ended_at);",
    },
    Migration {
        name: "0002_message",
        sql:
            "ALTER TABLE question ADD COLUMN message_id TEXT NOT NULL DEFAULT '';
          CREATE UNIQUE INDEX question_message ON question (helpdesk_id, ticket_id, message_id) WHERE message_id <> '';",
    },
    Migration {
        name: "0003_shadow",
        sql: "CREATE TABLE shadow (
            helpdesk_id TEXT NOT NULL,
            event_id TEXT NOT NULL,
            ticket_id TEXT NOT NULL,
            asked_at BIGINT NOT NULL,
            mode TEXT NOT NULL,
            faqs TEXT NOT NULL,
            outcome TEXT,
            PRIMARY KEY (helpdesk_id, event_id));
          CREATE INDEX shadow_ticket ON shadow (helpdesk_id, ticket_id, asked_at, event_id);
          CREATE INDEX shadow_asked ON shadow (helpdesk_id, asked_at);",
    },
];

/// How long ended questions are kept: longer than the platform repeats an event (about 7 hours), in ms.
const KEPT_MS: i64 = 48 * 3_600_000;

/// How long what a shadow noted is kept, in ms: 90 days.
const SHADOW_KEPT_MS: i64 = 90 * 24 * 3_600_000;
/// Questions of a shadow read at once.
const SHADOW_PAGE: i64 = 500;

/// What would have been answered, without the guest's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shadowed {
    pub(crate) event_id: String,
    pub(crate) ticket_id: String,
    /// Unix ms.
    pub(crate) asked_at: i64,
    /// When the ticket's next question was asked.
    pub(crate) until: Option<i64>,
    /// `direct`, `listed` or `nothing`.
    pub(crate) mode: String,
    /// As JSON, with scores, best first.
    pub(crate) faqs: String,
    /// What became of it, once that is known.
    pub(crate) outcome: Option<String>,
}

/// A guest's question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question {
    /// The envelope's event id: what repetitions share.
    pub(crate) event_id: String,
    pub(crate) ticket_id: String,
    /// The guest's message: two events of one message are one question. Empty if the event does not say.
    pub(crate) message_id: String,
    /// The body's event id, which `answer_user_query` wants.
    pub(crate) answer_id: String,
    pub(crate) text: String,
    /// Unix ms.
    pub(crate) asked_at: i64,
    /// Tries that failed.
    pub(crate) tries: i64,
    /// The FAQs of the call that was begun, as JSON: what is sent again must be the same call.
    pub(crate) answer: Option<String>,
}

#[derive(Clone)]
pub(crate) struct Ledger {
    db: Db,
    helpdesk_id: String,
}

impl Ledger {
    /// Opens `answers.db` in the folder, which is made if it is missing. Blocks.
    pub(crate) fn open(folder: &Path, helpdesk_id: &str) -> Result<Self, String> {
        std::fs::create_dir_all(folder).map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
        let url = DatabaseUrl::Sqlite(folder.join("answers.db"));
        let options = Options { readers: 1, ..Options::default() };
        let db = Db::open(&url, &options).map_err(|error| error.to_string())?;
        db.migrate(MIGRATIONS).map_err(|error| error.to_string())?;
        Ok(Self { db, helpdesk_id: helpdesk_id.to_owned() })
    }

    /// Takes a question in, durably; false if it was known.
    pub(crate) async fn take(&self, question: Question) -> Result<bool, DbError> {
        let desk = self.helpdesk_id.clone();
        self.db
            .write(move |tx| {
                let new = tx.execute(
                    "INSERT INTO question (helpdesk_id, event_id, ticket_id, answer_id, text, asked_at, message_id,
                                           next_at, tries)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0) ON CONFLICT DO NOTHING",
                    &params![
                        &desk,
                        &question.event_id,
                        &question.ticket_id,
                        &question.answer_id,
                        &question.text,
                        question.asked_at,
                        &question.message_id
                    ],
                )?;
                Ok(new == 1)
            })
            .await
    }

    /// Questions whose turn it is, those that wait longest first.
    pub(crate) async fn due(&self, now: i64, limit: i64) -> Result<Vec<Question>, DbError> {
        let desk = self.helpdesk_id.clone();
        self.db
            .read(move |tx| {
                tx.query(
                    "SELECT event_id, ticket_id, answer_id, text, asked_at, tries, answer, message_id FROM question
                     WHERE helpdesk_id = $1 AND next_at <= $2 ORDER BY next_at, event_id LIMIT $3",
                    &params![&desk, now, limit],
                    |row| {
                        Ok(Question {
                            event_id: row.string(0)?,
                            ticket_id: row.string(1)?,
                            answer_id: row.string(2)?,
                            text: row.string(3)?,
                            asked_at: row.int(4)?,
                            tries: row.int(5)?,
                            answer: row.opt_string(6)?,
                            message_id: row.string(7)?,
                        })
                    },
                )
            })
            .await
    }

    /// Notes what is about to be sent.
    pub(crate) async fn begin(&self, event_id: &str, answer: &str) -> Result<(), DbError> {
        let (desk, event_id, answer) = (self.helpdesk_id.clone(), event_id.to_owned(), answer.to_owned());
        self.db
            .write(move |tx| {
                tx.execute(
                    "UPDATE question SET answer = $1 WHERE helpdesk_id = $2 AND event_id = $3",
                    &params![&answer, &desk, &event_id],
                )?;
                Ok(())
            })
            .await
    }

    /// The question's turn comes again at `next_at`.
    pub(crate) async fn later(&self, event_id: &str, next_at: i64) -> Result<(), DbError> {
        let (desk, event_id) = (self.helpdesk_id.clone(), event_id.to_owned());
        self.db
            .write(move |tx| {
                tx.execute(
                    "UPDATE question SET next_at = $1, tries = tries + 1 WHERE helpdesk_id = $2 AND event_id = $3",
                    &params![next_at, &desk, &event_id],
                )?;
                Ok(())
            })
            .await
    }

    /// Nothing more is to be done. The guest's words are not kept.
    pub(crate) async fn end(&self, event_id: &str, outcome: &'static str, now: i64) -> Result<(), DbError> {
        let (desk, event_id) = (self.helpdesk_id.clone(), event_id.to_owned());
        self.db
            .write(move |tx| {
                tx.execute(
                    "UPDATE question SET outcome = $1, ended_at = $2, next_at = NULL, text = ''
                     WHERE helpdesk_id = $3 AND event_id = $4",
                    &params![outcome, now, &desk, &event_id],
                )?;
                Ok(())
            })
            .await
    }

    /// Forgets what ended long ago.
    pub(crate) async fn prune(&self, now: i64) -> Result<(), DbError> {
        let desk = self.helpdesk_id.clone();
        self.db
            .write(move |tx| {
                tx.execute(
                    "DELETE FROM question WHERE helpdesk_id = $1 AND ended_at < $2",
                    &params![&desk, now - KEPT_MS],
                )?;
                tx.execute(
                    "DELETE FROM shadow WHERE helpdesk_id = $1 AND asked_at < $2",
                    &params![&desk, now - SHADOW_KEPT_MS],
                )?;
                Ok(())
            })
            .await
    }

    /// Notes what would have been answered.
    pub(crate) async fn shadow(&self, question: &Question, mode: &'static str, faqs: &str) -> Result<(), DbError> {
        let (desk, question, faqs) = (self.helpdesk_id.clone(), question.clone(), faqs.to_owned());
        self.db
            .write(move |tx| {
                tx.execute(
                    "INSERT INTO shadow (helpdesk_id, event_id, ticket_id, asked_at, mode, faqs)
                     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
                    &params![&desk, &question.event_id, &question.ticket_id, question.asked_at, mode, &faqs],
                )?;
                Ok(())
            })
            .await
    }

    /// A page of what a shadow noted, ticket by ticket, after this ticket, time and event.
    pub(crate) async fn shadowed(&self, after: Option<&(String, i64, String)>) -> Result<Vec<Shadowed>, DbError> {
        let desk = self.helpdesk_id.clone();
        let (ticket, asked_at, event) = after.cloned().unwrap_or_default();
        self.db
            .read(move |tx| {
                tx.query(
                    "SELECT event_id, ticket_id, asked_at, mode, faqs, outcome,
                            (SELECT MIN(n.asked_at) FROM shadow n WHERE n.helpdesk_id = s.helpdesk_id
                             AND n.ticket_id = s.ticket_id AND n.asked_at > s.asked_at)
                     FROM shadow s WHERE helpdesk_id = $1 AND (ticket_id, asked_at, event_id) > ($2, $3, $4)
                     ORDER BY ticket_id, asked_at, event_id LIMIT $5",
                    &params![&desk, &ticket, asked_at, &event, SHADOW_PAGE],
                    |row| {
                        Ok(Shadowed {
                            event_id: row.string(0)?,
                            ticket_id: row.string(1)?,
                            asked_at: row.int(2)?,
                            mode: row.string(3)?,
                            faqs: row.string(4)?,
                            outcome: row.opt_string(5)?,
                            until: row.opt_int(6)?,
                        })
                    },
                )
            })
            .await
    }

    /// Notes what became of a question.
    pub(crate) async fn became(&self, event_id: &str, outcome: &str) -> Result<(), DbError> {
        let (desk, event_id, outcome) = (self.helpdesk_id.clone(), event_id.to_owned(), outcome.to_owned());
        self.db
            .write(move |tx| {
                tx.execute(
                    "UPDATE shadow SET outcome = $1 WHERE helpdesk_id = $2 AND event_id = $3",
                    &params![&outcome, &desk, &event_id],
                )?;
                Ok(())
            })
            .await
    }

    pub(crate) fn close(&self) {
        self.db.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(event_id: &str) -> Question {
        Question {
            event_id: event_id.into(),
            ticket_id: "7".into(),
            message_id: format!("m-{event_id}"),
            answer_id: "a".into(),
            text: "忘记密码怎么办".into(),
            asked_at: 1,
            tries: 0,
            answer: None,
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_question_is_taken_once_and_outlives_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(folder.path(), "69").unwrap();
        assert!(ledger.take(question("e1")).await.unwrap());
        assert!(!ledger.take(question("e1")).await.unwrap());
        let again = Question { event_id: "e3".into(), ..question("e1") };
        assert!(!ledger.take(again.clone()).await.unwrap());
        assert!(ledger.take(Question { ticket_id: "8".into(), ..again }).await.unwrap());
        ledger.end("e3", "answered", 1).await.unwrap();
        assert!(ledger.take(question("e2")).await.unwrap());
        ledger.begin("e1", "[]").await.unwrap();
        ledger.later("e1", 50).await.unwrap();
        ledger.close();
        let ledger = Ledger::open(folder.path(), "69").unwrap();
        assert_eq!(ledger.due(49, 9).await.unwrap(), [question("e2")]);
        ledger.end("e2", "answered", 60).await.unwrap();
        let due = ledger.due(60, 9).await.unwrap();
        assert_eq!((due.len(), due[0].answer.as_deref(), due[0].tries), (1, Some("[]"), 1));
        ledger.prune(60 + KEPT_MS).await.unwrap();
        assert!(!ledger.take(question("e2")).await.unwrap());
        ledger.prune(61 + KEPT_MS).await.unwrap();
        assert!(ledger.take(question("e2")).await.unwrap());
        assert!(!ledger.take(question("e1")).await.unwrap());
    }
}
