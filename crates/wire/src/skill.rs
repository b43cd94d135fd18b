//! Skills and skill rules (reference: helpdesk-v1 5; helpdesk-v1.json `agent_skill.*`, `agent_skill_rule.*`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::agent::AgentUser;
use crate::flex;

/// A rule in answers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AgentSkillRule {
    /// The rule's id, such as `12`.
    pub id: String,
    /// The chosen operator; not in the list of rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selected_operator: Option<i64>,
    /// Operators the rule takes: 2 at least, 3 at most, 5 in, 6 not in, 7 none in, 8 some in.
    pub operator_options: Vec<i64>,
    /// What to compare with; in the list of rules an example. The tables say string, the samples show this object.
    pub operand: Map<String, Value>,
    /// 1 FAQ, 2 ticket information, 3 the user's profile.
    pub category: i64,
    /// What the rule is called.
    pub display_name: String,
}

/// A rule in requests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RuleInput {
    /// The rule's id, such as `12`.
    pub id: String,
    /// One of the rule's operators.
    #[schemars(extend("enum" = [2, 3, 5, 6, 7, 8]))]
    pub selected_operator: i64,
    /// What to compare with.
    pub operand: OperandInput,
    /// 1 FAQ, 2 ticket information, 3 the user's profile; it follows from the id.
    #[schemars(extend("enum" = [1, 2, 3]))]
    pub category: Option<i64>,
}

/// `operand` as sent: the tables and SDKs have a string, the samples an object (reference: helpdesk-v1 5).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "an object, or a string that holds one")]
pub enum OperandInput {
    /// The object itself.
    Object(Map<String, Value>),
    /// A string that holds the object as JSON.
    Text(String),
}

impl OperandInput {
    /// The object.
    ///
    /// # Errors
    /// What is wrong with the string, for people.
    pub fn into_object(self) -> Result<Map<String, Value>, String> {
        match self {
            Self::Object(object) => Ok(object),
            Self::Text(text) => {
                serde_json::from_str(&text).map_err(|error| format!("the string must hold a JSON object: {error}"))
            }
        }
    }
}

/// A skill (reference: helpdesk-v1.json `agent_skill`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AgentSkill {
    /// Decimal id.
    pub id: String,
    /// The same; only the newest SDKs know it.
    pub agent_skill_id: String,
    /// Decimal id of the help desk.
    pub helpdesk_id: String,
    /// Its name.
    pub name: String,
    /// What a ticket has to be like; not in the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<Vec<AgentSkillRule>>,
    /// Open ids of the agents who have it.
    pub agent_ids: Vec<String>,
    /// Whether it is the default skill.
    pub is_default: bool,
    /// The agents who have it; not in the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agents: Option<Vec<AgentUser>>,
}

/// Path of a skill's endpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SkillPath {
    /// Decimal id, not yet checked.
    #[schemars(regex(pattern = r"^[1-9][0-9]{0,18}$"))]
    pub agent_skill_id: String,
}

/// Body of `agent_skill.create`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CreateBody {
    /// Its name, unique in the help desk.
    #[schemars(length(min = 1, max = 100))]
    pub name: String,
    /// What a ticket has to be like: all rules have to hold.
    #[serde(default, deserialize_with = "flex::objects")]
    #[schemars(length(max = 20))]
    pub rules: Option<Vec<RuleInput>>,
    /// Open ids of agents.
    pub agent_ids: Option<Vec<String>>,
}

/// Data of `agent_skill.create`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CreateData {
    /// Decimal id of the new skill.
    pub agent_skill_id: String,
}

/// Data of `agent_skill.get`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct GetData {
    /// The skill.
    pub agent_skill: AgentSkill,
}

/// Data of `agent_skill.list`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ListData {
    /// All of them, the default one first.
    pub agent_skills: Vec<AgentSkill>,
}

/// What `agent_skill.patch` changes; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SkillUpdate {
    /// A new name.
    #[schemars(length(min = 1, max = 100))]
    pub name: Option<String>,
    /// All its rules.
    #[serde(default, deserialize_with = "flex::objects")]
    #[schemars(length(max = 20))]
    pub rules: Option<Vec<RuleInput>>,
    /// Open ids of all its agents.
    pub agent_ids: Option<Vec<String>>,
}

/// Body of `agent_skill.patch`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PatchBody {
    /// The changes.
    #[serde(deserialize_with = "flex::required_object")]
    pub agent_skill: SkillUpdate,
}

/// Data of `agent_skill_rule.list`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RuleListData {
    /// All of them.
    pub rules: Vec<AgentSkillRule>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operand_is_read_as_object_and_as_string() {
        for operand in
            [r#"{"selected_departments":[{"id":"od"}]}"#, r#""{\"selected_departments\":[{\"id\":\"od\"}]}""#]
        {
            let text = format!(r#"{{"name":"n","rules":[{{"id":"12","selected_operator":8,"operand":{operand}}}]}}"#);
            let body: CreateBody = serde_json::from_str(&text).unwrap();
            let object = body.rules.unwrap().remove(0).operand.into_object().unwrap();
            assert_eq!(object["selected_departments"][0]["id"], "od");
        }
        for bad in ["od", "[]", "7", ""] {
            assert!(OperandInput::Text(bad.into()).into_object().unwrap_err().contains("JSON object"), "{bad}");
        }
        assert!(serde_json::from_str::<OperandInput>("7").is_err());
    }
}
