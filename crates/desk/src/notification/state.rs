//! Where a notification stands, and which step may follow which (reference: helpdesk-v1.md section 7). A pure table; the
//! rows are changed beside it. The numbers beyond 0 are this product's own: the reference names only the draft's.

use crate::Refusal;

/// Where a notification stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// 0: can be changed and previewed.
    Draft,
    /// 1: waits for the owner's word.
    UnderReview,
    /// 2: may be sent.
    Approved,
    /// 3: waits for its time.
    Waiting,
    /// 4: goes out; a push for new staff stays here until it is cancelled.
    Sending,
    /// 5: went out to everybody.
    Sent,
    /// 6: stopped before it had gone out to everybody; what went out stays.
    Stopped,
    /// 7: taken back.
    Recalled,
}

/// What moves a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Its content is changed.
    Patch,
    /// Its card is shown to the operator.
    Preview,
    /// Approval is asked for; `granted` if the owner asks, who need not be asked.
    Submit {
        /// It passes by itself.
        granted: bool,
    },
    /// The approval, asked for or granted, is given up.
    Withdraw,
    /// The owner approves.
    Approve,
    /// The owner rejects.
    Reject,
    /// It gets a time.
    Execute,
    /// Its time has come.
    Start,
    /// Everybody has it.
    Finish,
    /// It is cancelled.
    Cancel {
        /// What went out is taken back.
        recall: bool,
    },
}

impl Status {
    /// All of them in the order of their numbers.
    pub const ALL: [Self; 8] = [
        Self::Draft,
        Self::UnderReview,
        Self::Approved,
        Self::Waiting,
        Self::Sending,
        Self::Sent,
        Self::Stopped,
        Self::Recalled,
    ];

    /// The number in the database and in the open API.
    pub fn number(self) -> i64 {
        match self {
            Self::Draft => 0,
            Self::UnderReview => 1,
            Self::Approved => 2,
            Self::Waiting => 3,
            Self::Sending => 4,
            Self::Sent => 5,
            Self::Stopped => 6,
            Self::Recalled => 7,
        }
    }

    /// The status behind a number.
    pub fn of(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.number() == number)
    }

    /// The words for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Draft => "a draft",
            Self::UnderReview => "under review",
            Self::Approved => "approved",
            Self::Waiting => "waiting for its time",
            Self::Sending => "being sent",
            Self::Sent => "sent",
            Self::Stopped => "stopped",
            Self::Recalled => "recalled",
        }
    }

    /// Where `step` takes the notification; `None` if it may not happen now.
    pub fn after(self, step: Step) -> Option<Self> {
        match (self, step) {
            (Self::Draft, Step::Patch | Step::Preview)
            | (Self::UnderReview, Step::Reject)
            | (Self::UnderReview | Self::Approved, Step::Withdraw) => Some(Self::Draft),
            (Self::Draft, Step::Submit { granted: false }) => Some(Self::UnderReview),
            (Self::Draft, Step::Submit { granted: true })
            | (Self::UnderReview, Step::Approve)
            | (Self::Waiting, Step::Cancel { .. }) => Some(Self::Approved),
            (Self::Approved, Step::Execute) => Some(Self::Waiting),
            (Self::Waiting, Step::Start) => Some(Self::Sending),
            (Self::Sending, Step::Finish) | (Self::Sent, Step::Cancel { recall: false }) => Some(Self::Sent),
            (Self::Sending, Step::Cancel { recall: false }) => Some(Self::Stopped),
            (Self::Sending | Self::Sent | Self::Stopped, Step::Cancel { recall: true }) => Some(Self::Recalled),
            _ => None,
        }
    }

    /// The steps that people may take now and that lead on, each once.
    pub(super) fn possible(self) -> impl Iterator<Item = Step> {
        let leads_on = move |step: &Step| match (self.after(*step), step) {
            // Before anything has gone out there is nothing to take back.
            (Some(after), Step::Cancel { recall: true }) => after == Self::Recalled,
            (Some(after), Step::Cancel { recall: false }) => after != self,
            (after, _) => after.is_some(),
        };
        CALLS.iter().map(|(step, _)| *step).filter(leads_on)
    }

    /// [`Self::after`] for a call, or a refusal that names the status and the calls that are possible.
    pub(super) fn step(self, step: Step) -> Result<Self, Refusal> {
        self.after(step).ok_or_else(|| {
            let possible: Vec<&str> =
                CALLS.iter().filter(|(step, _)| self.after(*step).is_some()).map(|(_, name)| *name).collect();
            let possible = if possible.is_empty() { "nothing".to_owned() } else { possible.join(", ") };
            let (words, number) = (self.words(), self.number());
            Refusal::invalid("status", format!("the notification is {words} ({number}); allowed now: {possible}"))
        })
    }
}

/// The steps that people take, by the name of the call.
const CALLS: [(Step, &str); 9] = [
    (Step::Patch, "patch"),
    (Step::Preview, "preview"),
    (Step::Submit { granted: false }, "submit_approve"),
    (Step::Withdraw, "cancel_approve"),
    (Step::Approve, "approve by the owner"),
    (Step::Reject, "reject by the owner"),
    (Step::Execute, "execute_send"),
    (Step::Cancel { recall: false }, "cancel_send"),
    (Step::Cancel { recall: true }, "cancel_send with is_recall"),
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn steps() -> impl Strategy<Value = Step> {
        prop_oneof![
            Just(Step::Patch),
            Just(Step::Preview),
            any::<bool>().prop_map(|granted| Step::Submit { granted }),
            Just(Step::Withdraw),
            Just(Step::Approve),
            Just(Step::Reject),
            Just(Step::Execute),
            Just(Step::Start),
            Just(Step::Finish),
            any::<bool>().prop_map(|recall| Step::Cancel { recall }),
        ]
    }

    proptest! {
        #[test]
        fn nothing_goes_out_unapproved_or_unexecuted(path in prop::collection::vec(steps(), 0..40)) {
            let mut status = Status::Draft;
            let (mut approved, mut executed) = (false, false);
            for step in path {
                let Some(next) = status.after(step) else { continue };
                match step {
                    Step::Approve | Step::Submit { granted: true } => approved = true,
                    Step::Execute => executed = true,
                    _ => {}
                }
                if next == Status::Draft {
                    approved = false;
                }
                if next == Status::Approved {
                    executed = false;
                }
                if matches!(next, Status::Sending | Status::Sent | Status::Stopped | Status::Recalled) {
                    prop_assert!(approved && executed, "{status:?} {step:?} {next:?}");
                }
                if matches!(step, Step::Patch) {
                    prop_assert_eq!(status, Status::Draft);
                }
                status = next;
            }
        }

        #[test]
        fn what_was_taken_back_stays_so_and_what_went_out_is_no_draft_again(path in prop::collection::vec(steps(), 0..40)) {
            let mut status = Status::Draft;
            let mut gone_out = false;
            for step in path {
                let Some(next) = status.after(step) else { continue };
                prop_assert_ne!(status, Status::Recalled);
                prop_assert!(!gone_out || next.number() >= Status::Sending.number(), "{status:?} {step:?} {next:?}");
                gone_out |= next == Status::Sending;
                status = next;
            }
        }
    }

    #[test]
    fn a_number_names_its_status_and_a_refusal_what_is_possible() {
        for status in Status::ALL {
            assert_eq!(Status::of(status.number()), Some(status));
        }
        assert_eq!(Status::of(8), None);
        let why = Status::UnderReview.step(Step::Patch).unwrap_err().to_string();
        assert_eq!(
            why,
            "status: the notification is under review (1); allowed now: cancel_approve, approve by the owner, \
             reject by the owner"
        );
        assert!(Status::Recalled.step(Step::Execute).unwrap_err().to_string().ends_with("allowed now: nothing"));
    }
}
