//! Every rule with every operator it takes, over what is known, what differs and what is missing.

use serde_json::json;

use super::*;

fn rule(kind: Kind, operator: i64, operand: Value) -> Rule {
    let Value::Object(operand) = operand else { panic!("an operand is an object") };
    Rule { id: kind.id().into(), selected_operator: operator, operand, category: None }
}

fn test(kind: Kind, operator: i64, operand: Value) -> Result<Test, RuleFault> {
    Test::new(&rule(kind, operator, operand))
}

fn known() -> Facts {
    Facts {
        city: Some("Berlin".into()),
        server_side: true,
        language: Some("zh-CN".into()),
        user_ids: vec!["u_eve".into(), "ou_3".into()],
        departments: vec!["od_it".into(), "od_berlin".into()],
        categories: [vec![11, 1], vec![12, 1], vec![13, 1]],
        level: Some(3),
    }
}

/// An operand that fits [`known`], and one that does not.
fn operands(kind: Kind) -> [Value; 2] {
    match kind {
        Kind::City => [json!({"selected_cities": ["Hamburg", " berlin"]}), json!({"selected_cities": ["Hamburg"]})],
        Kind::Source => [json!({"selected_sources": [1]}), json!({"selected_sources": ["0"]})],
        Kind::Language => [json!({"selected_languages": ["zh_cn", "en_us"]}), json!({"selected_languages": ["ja_jp"]})],
        Kind::User => [json!({"selected_users": [{"id": "u_eve"}]}), json!({"selected_users": [{"id": "u_ada"}]})],
        Kind::Department => [
            json!({"selected_departments": [{"id": "od_hr", "name": "HR"}, {"id": "od_berlin", "name": "Berlin"}]}),
            json!({"selected_departments": [{"id": "od_hr", "name": "HR"}]}),
        ],
        Kind::ChineseCategory => [json!({"selected_categories": ["11"]}), json!({"selected_categories": ["12"]})],
        Kind::EnglishCategory => [json!({"selected_categories": [12]}), json!({"selected_categories": [{"id": "13"}]})],
        Kind::JapaneseCategory => [json!({"category_ids": ["7", "1"]}), json!({"category_ids": ["11"]})],
        Kind::Level => unreachable!("a level is a number"),
    }
}

#[test]
fn rules_of_lists_hold_by_their_operators() {
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Level) {
        for operator in kind.operators() {
            let negated = matches!(*operator, NOT_IN | NONE_IN);
            let [fits, differs] = operands(kind).map(|operand| test(kind, *operator, operand).unwrap());
            assert_eq!(fits.holds(&known()), !negated, "{kind:?} {operator} with what fits");
            assert_eq!(differs.holds(&known()), negated, "{kind:?} {operator} with what differs");
            assert_eq!(fits.holds(&Facts::default()), negated, "{kind:?} {operator} with nothing known");
        }
    }
}

#[test]
fn a_level_is_compared_as_a_number() {
    for (operator, right, holds) in [
        (AT_LEAST, json!(3), true),
        (AT_LEAST, json!("2"), true),
        (AT_LEAST, json!(10), false),
        (AT_MOST, json!(3), true),
        (AT_MOST, json!(10), true),
        (AT_MOST, json!(-1), false),
    ] {
        let test = test(Kind::Level, operator, json!({"level": right})).unwrap();
        assert_eq!(test.holds(&known()), holds, "{test:?}");
        assert!(!test.holds(&Facts::default()), "{test:?}");
    }
}

#[test]
fn a_user_is_named_by_either_id_and_a_language_by_any_tag() {
    assert!(test(Kind::User, IN, json!({"user_ids": "ou_3"})).unwrap().holds(&known()));
    for (tag, word) in [("zh", "zh_cn"), ("zh-TW", "zh-CN"), ("en-GB", "en_us"), ("JA", "ja_jp")] {
        let facts = Facts { language: Some(tag.into()), ..Facts::default() };
        assert!(test(Kind::Language, IN, json!({"language": word})).unwrap().holds(&facts), "{tag}");
    }
    let german = Facts { language: Some("de".into()), ..Facts::default() };
    assert!(!test(Kind::Language, IN, json!({"language": "en_us"})).unwrap().holds(&german));
    assert!(test(Kind::Language, NONE_IN, json!({"language": "en_us"})).unwrap().holds(&german));
}

#[test]
fn what_is_wrong_with_a_rule_is_named() {
    let fault = |rule: &Rule| Test::new(rule).unwrap_err();
    let fits = |kind: Kind| if kind == Kind::Level { json!({"level": 1}) } else { operands(kind)[0].clone() };
    for kind in Kind::ALL {
        for operator in 1..10 {
            let refused = test(kind, operator, fits(kind)).map_err(|fault| fault.at).err();
            let expected = (!kind.operators().contains(&operator)).then_some("selected_operator");
            assert_eq!(refused, expected, "{kind:?} {operator}");
        }
        for category in 0..5 {
            let rule = Rule { category: Some(category), ..rule(kind, kind.operators()[0], fits(kind)) };
            assert_eq!(Test::new(&rule).is_ok(), category == kind.category(), "{kind:?} {category}");
        }
    }
    let unknown = Rule { id: "13".into(), ..rule(Kind::City, IN, json!({"city": "Berlin"})) };
    assert_eq!(fault(&unknown).at, "id");
    let long = "x".repeat(VALUE_MAX + 1);
    let wide: Vec<Value> = (0..100).map(|_| json!({"id": "od_it", "name": "x".repeat(200)})).collect();
    for (kind, operand, word) in [
        (Kind::City, json!({}), "selected_cities"),
        (Kind::City, json!({"town": "Berlin"}), "selected_cities"),
        (Kind::City, json!({"city": "Berlin", "cities": ["Bonn"]}), "both"),
        (Kind::City, json!({"cities": []}), "1 to 100"),
        (Kind::City, json!({"cities": vec!["x"; 101]}), "1 to 100"),
        (Kind::City, json!({"cities": ["Bonn", ""]}), "cities[1]"),
        (Kind::City, json!({"cities": [long]}), "200"),
        (Kind::City, json!({"cities": [null]}), "cities[0]"),
        (Kind::Source, json!({"source": 2}), "server side"),
        (Kind::Language, json!({"language": "de"}), "ja_jp"),
        (Kind::Department, json!({"selected_departments": [{"name": "IT"}]}), "id"),
        (Kind::Department, json!({"selected_departments": wide}), "bytes"),
        (Kind::EnglishCategory, json!({"category_ids": ["Accounts"]}), "decimal"),
        (Kind::Level, json!({"level": 1.5}), "whole number"),
        (Kind::Level, json!({"level": "high"}), "whole number"),
        (Kind::Level, json!({"level": [1]}), "whole number"),
    ] {
        let fault = fault(&rule(kind, kind.operators()[0], operand.clone()));
        assert_eq!(fault.at, "operand", "{operand}");
        assert!(fault.why.contains(word), "{operand}: {}", fault.why);
    }
}

#[test]
fn examples_have_the_form_of_operands() {
    for kind in Kind::ALL {
        assert!(example(kind).contains_key(kind.members()[0]), "{kind:?}");
    }
    assert!(test(Kind::Level, AT_LEAST, Value::Object(example(Kind::Level))).is_ok());
    assert!(test(Kind::City, IN, Value::Object(example(Kind::City))).is_ok());
}
