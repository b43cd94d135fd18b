//! Taking back a decision that changed nothing but what is listed.

use db::{Tx, params};

use super::{Decision, Kind, decisions};
use crate::directory::{Helpdesk, Role};
use crate::{Refusal, faq};

/// Takes back a rejection, or that two FAQs stay two: the gap or the pair is listed again. An approval stays: what it
/// changed is a FAQ's, and is edited there. `user_id` has to be an agent of the help desk.
pub fn withdraw(tx: &mut Tx<'_>, desk: &Helpdesk, user_id: &str, decision_id: i64) -> Result<Decision, Refusal> {
    faq::require_role(desk, user_id, Role::Agent)?;
    let found = decisions(tx, desk, decision_id.saturating_add(1), 1)?.pop();
    let found = found.filter(|decision| decision.id == decision_id);
    let decision = found.ok_or_else(|| Refusal::not_found(crate::Kind::Decision, decision_id))?;
    if !matches!(decision.kind, Kind::Rejected | Kind::Apart) {
        let faq_id = decision.faq_id.unwrap_or_default();
        let why = format!("an approval cannot be taken back; edit or delete FAQ {faq_id} instead");
        return Err(Refusal::invalid("decision_id", why));
    }
    tx.execute(
        "DELETE FROM gap_decision WHERE tenant = $1 AND helpdesk_id = $2 AND decision_id = $3",
        &params![&desk.tenant, desk.id, decision_id],
    )?;
    Ok(decision)
}
