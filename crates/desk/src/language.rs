//! Which of the desk's own two languages, Chinese and English, somebody reads.

/// Whether a language tag, such as `zh-CN`, names Chinese.
pub fn is_chinese(tag: Option<&str>) -> bool {
    tag.is_some_and(|tag| tag.to_ascii_lowercase().starts_with("zh"))
}

/// Whether a text holds Chinese characters.
pub fn holds_chinese(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_is_known_by_its_tag_and_by_its_characters() {
        for (tag, chinese) in [(Some("zh-CN"), true), (Some("ZH"), true), (Some("en"), false), (None, false)] {
            assert_eq!(is_chinese(tag), chinese, "{tag:?}");
        }
        assert!(holds_chinese("VPN 怎么连"));
        assert!(!holds_chinese("How do I… かな"));
    }
}
