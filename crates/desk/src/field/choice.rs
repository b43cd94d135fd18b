//! The options of a drop-down: a tree of which the leaves can be picked.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Most levels (reference: helpdesk-v1 6).
pub const LEVELS_MAX: usize = 3;
/// Most options of a field, over all levels.
pub const CHOICES_MAX: usize = 1_000;
/// Longest tag, in characters.
pub const TAG_MAX: usize = 100;
/// Longest name, in characters.
pub const NAME_MAX: usize = 200;

/// An option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The caller's own id, unique within the field.
    pub tag: String,
    /// What people read.
    pub display_name: String,
    /// Options below this one; only in nested drop-downs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Choice>,
}

impl Choice {
    /// An option.
    pub fn new(tag: &str, display_name: &str, children: Vec<Self>) -> Self {
        Self { tag: tag.to_owned(), display_name: display_name.to_owned(), children }
    }
}

/// The first mistake in a tree of at most `levels` levels: the member as the open API names it, and what is allowed.
pub(crate) fn fault(choices: &[Choice], levels: usize) -> Option<(String, String)> {
    walk(choices, levels, "dropdown_options.children", &mut HashSet::new())
}

fn walk<'c>(list: &'c [Choice], levels: usize, at: &str, tags: &mut HashSet<&'c str>) -> Option<(String, String)> {
    for (i, choice) in list.iter().enumerate() {
        let at = format!("{at}[{i}]");
        for (member, text, max) in [("tag", &choice.tag, TAG_MAX), ("display_name", &choice.display_name, NAME_MAX)] {
            let why = match text.chars().count() {
                _ if text.trim().is_empty() => "must not be empty".to_owned(),
                n if n > max => format!("at most {max} characters are allowed"),
                _ if text.chars().any(char::is_control) => "must not hold control characters".to_owned(),
                _ => continue,
            };
            return Some((format!("{at}.{member}"), why));
        }
        if !tags.insert(&choice.tag) {
            return Some((format!("{at}.tag"), format!("{:?} is another option of this field already", choice.tag)));
        }
        if tags.len() > CHOICES_MAX {
            return Some(("dropdown_options".into(), format!("at most {CHOICES_MAX} options are allowed")));
        }
        let below = format!("{at}.children");
        if levels <= 1 && !choice.children.is_empty() {
            return Some((below, "has too many levels; a dropdown has 1, a dropdown_nested up to 3".into()));
        }
        if let Some(fault) = walk(&choice.children, levels.saturating_sub(1), &below, tags) {
            return Some(fault);
        }
    }
    None
}

/// The options without spaces around their tags and names.
pub(crate) fn tidy(choices: &[Choice]) -> Vec<Choice> {
    choices.iter().map(|c| Choice::new(c.tag.trim(), c.display_name.trim(), tidy(&c.children))).collect()
}

/// The tag of the leaf that `text` names: by its tag, or by the names from the top down with `/` between them. Tags win,
/// because names may occur twice.
pub(crate) fn pick<'c>(choices: &'c [Choice], text: &str) -> Option<&'c str> {
    leaf(choices, text).or_else(|| named(choices, text)).map(|choice| choice.tag.as_str())
}

fn leaf<'c>(choices: &'c [Choice], tag: &str) -> Option<&'c Choice> {
    choices.iter().find_map(|choice| match choice.children.as_slice() {
        [] => (choice.tag == tag).then_some(choice),
        below => leaf(below, tag),
    })
}

// Names may hold a slash themselves, so every split that fits is tried.
fn named<'c>(choices: &'c [Choice], path: &str) -> Option<&'c Choice> {
    choices.iter().find_map(|choice| {
        let rest = path.strip_prefix(choice.display_name.as_str())?;
        if choice.children.is_empty() {
            return rest.is_empty().then_some(choice);
        }
        named(&choice.children, rest.strip_prefix('/')?)
    })
}

/// The names from the top down to the leaf with this tag, with `/` between them; `None` if there is no such leaf any
/// more.
pub(crate) fn shown(choices: &[Choice], tag: &str) -> Option<String> {
    choices.iter().find_map(|choice| match choice.children.as_slice() {
        [] => (choice.tag == tag).then(|| choice.display_name.clone()),
        below => shown(below, tag).map(|rest| format!("{}/{rest}", choice.display_name)),
    })
}

/// Names of what can be picked, for a message; the first few.
pub(crate) fn listed(choices: &[Choice]) -> String {
    const TOLD_MAX: usize = 12;
    let mut names = Vec::new();
    collect(choices, "", &mut names);
    let more = names.len().saturating_sub(TOLD_MAX);
    names.truncate(TOLD_MAX);
    let and_more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{and_more}", names.join(", "))
}

fn collect(choices: &[Choice], above: &str, names: &mut Vec<String>) {
    for choice in choices {
        let name = format!("{above}{}", choice.display_name);
        if choice.children.is_empty() {
            names.push(name);
        } else {
            collect(&choice.children, &format!("{name}/"), names);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tree() -> Vec<Choice> {
        let leaf = |tag, name| Choice::new(tag, name, Vec::new());
        let deep = Choice::new("t2", "Wi-Fi / LAN", vec![leaf("t3", "Slow"), leaf("t4", "Off/on")]);
        vec![Choice::new("t1", "Network", vec![deep, leaf("t5", "VPN")]), leaf("t6", "Other")]
    }

    #[test]
    fn a_leaf_is_picked_by_tag_and_by_path_and_shown_as_its_path() {
        let tree = tree();
        for (text, tag) in [
            ("t3", Some("t3")),
            ("Network/Wi-Fi / LAN/Slow", Some("t3")),
            ("Network/Wi-Fi / LAN/Off/on", Some("t4")),
            ("Network/VPN", Some("t5")),
            ("Other", Some("t6")),
            ("Network", None),
            ("t1", None),
            ("VPN", None),
            ("Network/VPN/", None),
            ("", None),
        ] {
            assert_eq!(pick(&tree, text), tag, "{text}");
        }
        assert_eq!(shown(&tree, "t4").as_deref(), Some("Network/Wi-Fi / LAN/Off/on"));
        assert_eq!(shown(&tree, "t1"), None);
        assert_eq!(listed(&tree), "Network/Wi-Fi / LAN/Slow, Network/Wi-Fi / LAN/Off/on, Network/VPN, Other");
    }

    #[test]
    fn a_tree_too_deep_too_large_or_with_a_tag_twice_is_at_fault() {
        let tree = tree();
        assert_eq!(fault(&tree, 3), None);
        assert_eq!(fault(&tree, 2).unwrap().0, "dropdown_options.children[0].children[0].children");
        assert_eq!(fault(&tree, 1).unwrap().0, "dropdown_options.children[0].children");
        let mut twice = tree.clone();
        twice[1].tag = "t4".into();
        assert_eq!(fault(&twice, 3).unwrap().0, "dropdown_options.children[1].tag");
        let many: Vec<Choice> = (0..=CHOICES_MAX).map(|i| Choice::new(&i.to_string(), "x", Vec::new())).collect();
        assert_eq!(fault(&many[..CHOICES_MAX], 1), None);
        assert_eq!(fault(&many, 1).unwrap().0, "dropdown_options");
    }

    fn trees() -> impl Strategy<Value = Vec<Choice>> {
        let leaf = "[a-c/]{1,3}".prop_map(|name| Choice::new("", &name, Vec::new()));
        let choice = leaf.prop_recursive(2, 12, 3, |inner| {
            ("[a-c/]{1,3}", prop::collection::vec(inner, 0..3))
                .prop_map(|(name, children)| Choice::new("", &name, children))
        });
        prop::collection::vec(choice, 1..4).prop_map(|mut tree| {
            number(&mut tree, &mut 0);
            tree
        })
    }

    fn number(tree: &mut [Choice], next: &mut usize) {
        for choice in tree {
            choice.tag = format!("#{next}");
            *next += 1;
            number(&mut choice.children, next);
        }
    }

    fn leaves(tree: &[Choice]) -> Vec<&str> {
        let below = |c: &'_ Choice| c.children.is_empty();
        tree.iter().flat_map(|c| if below(c) { vec![c.tag.as_str()] } else { leaves(&c.children) }).collect()
    }

    proptest! {
        #[test]
        fn what_is_shown_can_be_given_back(tree in trees()) {
            prop_assert_eq!(fault(&tree, LEVELS_MAX), None);
            for tag in leaves(&tree) {
                prop_assert_eq!(pick(&tree, tag), Some(tag));
                let path = shown(&tree, tag).unwrap();
                // Another leaf of the same path may answer; it reads the same.
                let again = pick(&tree, &path).unwrap();
                prop_assert_eq!(shown(&tree, again), Some(path));
            }
        }
    }
}
