use super::*;

fn at<'a>(texts: &[&'a str]) -> Vec<Utterance<'a>> {
    (0..).zip(texts).map(|(at, text)| Utterance { text, at }).collect()
}

/// The groups as texts, the first of each in front.
fn told<'a>(texts: &[&'a str]) -> Vec<Vec<&'a str>> {
    let utterances = at(texts);
    group(&utterances).iter().map(|group| group.members.iter().map(|place| texts[*place]).collect()).collect()
}

#[test]
fn english_questions_group_by_what_they_ask() {
    let groups = told(&[
        "where is my invoice",
        "how do I export data to Excel?",
        "Where can I find my invoice?",
        "export my data to excel",
        "is there parking at the office",
        "where do i find the invoice",
        "can I export the data into Excel",
    ]);
    assert_eq!(
        groups,
        [
            vec!["where is my invoice", "Where can I find my invoice?", "where do i find the invoice"],
            vec!["how do I export data to Excel?", "export my data to excel", "can I export the data into Excel"],
            vec!["is there parking at the office"],
        ]
    );
}

#[test]
fn chinese_questions_group_without_spaces_and_in_both_scripts() {
    let groups =
        told(&["怎么开发票", "如何开发票？", "停车场在哪里", "請問怎麼開發票", "公司停车场在哪", "开发票怎么弄"]);
    assert_eq!(
        groups,
        [vec!["怎么开发票", "如何开发票？", "請問怎麼開發票", "开发票怎么弄"], vec!["停车场在哪里", "公司停车场在哪"]]
    );
}

#[test]
fn mixed_languages_and_typos_group() {
    let groups = told(&["Excel 怎么导出", "导出 excel 怎么操作", "printer jammed", "the prnter jammed", "打印机卡纸"]);
    assert_eq!(
        groups,
        [
            vec!["Excel 怎么导出", "导出 excel 怎么操作"],
            vec!["printer jammed", "the prnter jammed"],
            vec!["打印机卡纸"]
        ]
    );
}

#[test]
fn one_common_word_makes_no_group() {
    let groups = told(&[
        "order status",
        "cancel an order",
        "order a notebook",
        "change the address of my order",
        "bulk order discount",
        "订单状态",
        "取消订单",
        "订单改地址",
    ]);
    assert_eq!(groups.len(), 8, "{groups:?}");
}

#[test]
fn the_most_frequent_text_stands_for_its_group() {
    let texts =
        ["HELP where is my invoice???", "where is my invoice", "Where is my invoice?", "my invoice where is it pls"];
    let groups = group(&at(&texts));
    assert_eq!(groups.len(), 1);
    assert_eq!(groups[0].texts, [1, 0, 3], "one place for each different text");
    assert_eq!(groups[0].members, [0, 1, 2, 3]);
    assert_eq!(Some(groups[0].id), crate::text_key(texts[0]), "the first text gives the id");
}

#[test]
fn texts_without_words_are_in_no_group() {
    assert_eq!(told(&["??", "", "  ", "😀", "hello"]), [vec!["hello"]]);
}

#[test]
fn later_texts_leave_the_ids_of_groups() {
    let texts = ["where is my invoice", "export data to excel", "Where can I find my invoice?"];
    let more = ["停车场在哪里", "is there an invoice for march", "vpn does not connect", "export excel data"];
    let before: Vec<u64> = group(&at(&texts)).iter().map(|group| group.id).collect();
    let all: Vec<&str> = texts.iter().chain(&more).copied().collect();
    let after: Vec<u64> = group(&at(&all)).iter().map(|group| group.id).collect();
    assert_eq!(before, after[..before.len()]);
}

/// Groups and steps for `n` texts that `text` makes of their number.
fn work(n: i64, text: impl Fn(i64) -> String) -> (usize, usize) {
    let texts: Vec<String> = (0..n).map(text).collect();
    let utterances: Vec<_> = (0..).zip(&texts).map(|(at, text)| Utterance { text, at }).collect();
    let mut steps = 0;
    let groups = grouped(&utterances, &mut steps).len();
    (groups, steps)
}

#[test]
fn work_grows_with_the_texts_and_not_with_their_pairs() {
    let equal = work(10_000, |_| "how do i reset my password".to_owned());
    assert!(equal.0 == 1 && equal.1 <= 10_000 + 1_000, "{equal:?}");
    let texts: [fn(i64) -> String; 5] = [
        |n| format!("order x{n}"),
        |n| format!("订单 x{n}"),
        |n| format!("how do i reset the password of machine {n}"),
        |n| format!("{} number{n}", "word ".repeat(100)),
        |n| format!("{}{n}", "退".repeat(300)),
    ];
    for text in texts {
        let (few, many) = (work(1_000, text), work(10_000, text));
        assert!(many.1 <= 15 * few.1 && many.1 <= 10_000 * 40_000, "{few:?} {many:?} {}", text(7));
    }
}
