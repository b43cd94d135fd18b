//! Rules that skills may have.

pub mod list;

use desk::skill::rule::{self, Kind};
use wire::skill::AgentSkillRule;

/// The rule of the catalogue.
pub(crate) fn shape(kind: Kind) -> AgentSkillRule {
    AgentSkillRule {
        id: kind.id().to_owned(),
        selected_operator: None,
        operator_options: kind.operators().to_vec(),
        operand: rule::example(kind),
        category: kind.category(),
        display_name: kind.display_name().to_owned(),
    }
}
