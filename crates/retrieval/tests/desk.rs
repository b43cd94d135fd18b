//! A small mixed IT desk: what a first user tries.

use retrieval::{Aids, Basis, Batch, Calibration, FaqText, Index, Learned, Lesson, MatchedText, Synonym, Synonyms};

const DESK: [(&str, &[&str], &str); 20] = [
    (
        "How do I reset my password?",
        &["forgot password", "忘记密码怎么办"],
        "Open the sign-in page and choose Forgot password.",
    ),
    (
        "How do I connect to the VPN?",
        &["VPN怎么连接", "vpn not working"],
        "Install the client and sign in with your work account.",
    ),
    (
        "The printer does not print",
        &["打印机打不出来", "printer offline"],
        "Check the paper and restart the print queue.",
    ),
    ("How do I request a new laptop?", &["申请新电脑"], "Fill in the hardware form; your manager approves it."),
    ("How do I set up email on my phone?", &["手机怎么设置邮箱"], "Install Outlook and sign in."),
    ("WiFi is slow in the office", &["公司无线网很慢"], "Use the 5 GHz network."),
    ("How do I book a meeting room?", &["怎么预订会议室"], "Use the calendar."),
    ("How do I install software?", &["如何安装软件"], "Open the company portal."),
    ("My screen stays black", &["屏幕黑屏"], "Hold the power button for ten seconds."),
    ("How do I share a file with a customer?", &["怎么给客户发文件"], "Create an external link."),
    ("Where is my payslip?", &["工资条在哪里看"], "In the staff portal under Pay."),
    ("How do I take annual leave?", &["怎么请年假"], "Ask in the leave system."),
    ("How do I claim expenses?", &["报销流程是什么"], "Upload the receipts."),
    ("Office365 licence expired", &["office365 许可证过期"], "We renew it within a day."),
    ("How do I dock the X1-200?", &["X1-200 扩展坞"], "Use the left port."),
    ("How do I dock the X1-300?", &["X1-300 扩展坞"], "Use the right port."),
    ("My account is locked", &["账号被锁定"], "Wait 15 minutes or call us."),
    ("How do I change my phone number?", &["修改手机号"], "In your profile."),
    ("How do I get access to a shared folder?", &["共享文件夹权限"], "Ask its owner."),
    ("How do I report a phishing mail?", &["收到钓鱼邮件"], "Use the Report button."),
];

/// The desk above and 40 further FAQs on invented machines.
fn desk() -> Index {
    let mut index = Index::default();
    for (id, (question, similar, answer)) in (1..).zip(DESK) {
        let similar: Vec<String> = similar.iter().map(ToString::to_string).collect();
        index.upsert(id, &FaqText { question, similar: &similar, answer });
    }
    let parts = ["engine", "valve", "sensor", "pump", "filter", "belt", "motor", "panel"];
    let acts = ["clean", "replace", "order", "calibrate", "test"];
    let machines = parts.iter().flat_map(|part| acts.iter().map(move |act| (part, act)));
    for (id, (part, act)) in (100..).zip(machines) {
        let question = format!("How do I {act} the {part}?");
        index.upsert(id, &FaqText { question: &question, similar: &[], answer: "See the handbook." });
    }
    index
}

fn best(index: &Index, query: &str) -> (i64, f64) {
    index.rank(query, 1).first().map_or((0, 0.0), |hit| (hit.id, hit.score))
}

#[test]
fn direct_answers() {
    let index = desk();
    for (query, id, least) in [
        ("i forgot my password", 1, 0.8),
        ("忘记密码了怎么办", 1, 0.8),
        ("忘記密碼了怎麼辦", 1, 0.8),
        ("FORGOT PASSWORD!!", 1, 0.98),
        ("x1-300 dock", 16, 0.3),
        ("vpn", 2, 0.3),
        ("pasword forgotten", 1, 0.25),
        ("how to claim my expenses", 13, 0.8),
        ("打印机", 3, 0.3),
        ("印", 3, 0.05),
    ] {
        let (found, score) = best(&index, query);
        assert!(found == id && score >= least, "{query}: {found} {score:.3}");
    }
}

#[test]
fn every_own_text_is_exact() {
    let index = desk();
    for (id, (question, similar, _)) in (1..).zip(DESK) {
        for text in similar.iter().copied().chain([question]) {
            let hit = index.rank(text, 3)[0];
            assert!(hit.id == id && hit.score > 0.9 && hit.matched.exact, "{text}");
        }
    }
}

#[test]
fn nonsense_stays_low() {
    let index = desk();
    for query in [
        "asdf qwer",
        "今天天气怎么样",
        "zzzz",
        "你好",
        "what is the weather today",
        "哈哈哈哈",
        "!!!",
        "",
        "how are you",
    ] {
        let (id, score) = best(&index, query);
        assert!(score < 0.25, "{query}: {id} {score:.3}");
    }
    assert!(index.rank("qqqq zzzz", 5).is_empty());
    assert!(Index::default().rank("password", 5).is_empty());
    assert!(index.rank("password", 0).is_empty());
}

#[test]
fn one_faq_is_a_desk() {
    let mut index = Index::default();
    let similar = ["forgot password".to_owned()];
    index.upsert(7, &FaqText { question: "How do I reset my password?", similar: &similar, answer: "" });
    let (id, score) = best(&index, "i forgot my password");
    assert!(id == 7 && score > 0.6, "{score}");
    let (_, score) = best(&index, "what is for lunch");
    assert!(score < 0.25, "{score}");
}

#[test]
fn matched_tells_the_text() {
    let index = desk();
    let hit = index.rank("请问忘记密码了怎么办呢", 1)[0];
    assert_eq!(hit.matched.text, MatchedText::Similar(1));
    let hit = index.rank("calendar", 1)[0];
    assert_eq!((hit.id, hit.matched.text), (7, MatchedText::Answer));
}

#[test]
fn explanation_agrees_with_the_ranking() {
    let index = desk();
    let ranked = index.rank("forgot my vpn password", 5);
    let why = index.explain("forgot my vpn password", &Aids::default(), ranked[0].id).unwrap();
    assert!((why.score - ranked[0].score).abs() < 1e-12);
    assert_eq!(why.runner_up.map(|r| r.0), Some(ranked[1].id));
    assert!((why.margin - (ranked[0].score - ranked[1].score)).abs() < 1e-12);
    assert!(why.matched_terms.iter().any(|t| t.term == "password" && t.weight > 0.0));
    let logit: f64 = why.features.iter().map(|f| f.contribution).sum();
    assert!((0.98 / (1.0 + (-logit).exp()) - why.score).abs() < 1e-9);
    assert!(index.explain("x", &Aids::default(), 99_999).is_none());
    let far = index.explain("forgot my vpn password", &Aids::default(), 11).unwrap();
    assert!(far.score < 0.2 && far.margin < 0.0);
    let all = index.explain_all("forgot my vpn password", &Aids::default(), 5);
    assert_eq!(all.iter().map(|e| e.id).collect::<Vec<_>>(), ranked.iter().map(|h| h.id).collect::<Vec<_>>());
}

#[test]
fn an_explanation_names_words_letters_and_the_text() {
    let index = desk();
    let query = "pasword forgotten quickly";
    let told = index.explain_query(query, &Aids::default(), 3, None);
    assert_eq!(told.ranking, index.rank(query, 99));
    assert_eq!(told.faqs, index.explain_all(query, &Aids::default(), 3));
    let first = &told.faqs[0];
    assert_eq!((first.id, first.best_text.text, first.text.as_str()), (1, MatchedText::Similar(0), "forgot password"));
    // Letters find what words miss; none of them is part of another, and together they are no more than the cosine.
    let grams: Vec<&str> = first.matched_grams.iter().map(|gram| gram.gram.as_str()).collect();
    assert!(grams.contains(&"·pas") && grams.contains(&"sword"), "{grams:?}");
    for (place, gram) in grams.iter().enumerate() {
        assert!(!grams.iter().enumerate().any(|(other, o)| other != place && o.contains(gram)), "{grams:?}");
    }
    let sum: f64 = first.matched_grams.iter().map(|gram| gram.weight).sum();
    let cosine = first.features.iter().find(|f| f.name == "characters").unwrap().value;
    assert!(sum > 0.1 * cosine && sum <= cosine + 1e-9, "{sum} {cosine}");
    // What nobody's FAQ has is told, too.
    let term = |name: &str| told.terms.iter().find(|t| t.term == name).map(|t| (t.in_questions, t.in_answers));
    assert_eq!((term("pasword"), term("forgotten")), (Some((0, 0)), Some((0, 0))), "{:?}", told.terms);
    assert!(told.terms.is_sorted_by(|a, b| a.weight >= b.weight) && told.unknown > 0.5);
    let known = index.explain_query("calendar", &Aids::default(), 1, None);
    assert_eq!((known.terms[0].in_questions, known.terms[0].in_answers), (0, 1));
    let found = &known.faqs[0];
    assert_eq!((found.best_text.text, found.text.as_str()), (MatchedText::Answer, ""));
    assert!(!found.matched_terms[0].in_question && found.matched_terms[0].weight > 0.0);
}

#[test]
fn a_faq_is_explained_in_any_case_and_changes_nothing_for_the_others() {
    let index = desk();
    let ids = |told: &retrieval::Explained| told.faqs.iter().map(|faq| faq.id).collect::<Vec<_>>();
    let alone = index.explain_query("vpn", &Aids::default(), 1, None);
    let with = index.explain_query("vpn", &Aids::default(), 1, Some(11));
    assert_eq!((ids(&alone), ids(&with)), (vec![2], vec![2, 11]));
    assert_eq!((&alone.faqs[0], &alone.ranking), (&with.faqs[0], &with.ranking));
    assert!(with.faqs[1].margin < 0.0 && with.faqs[1].runner_up.is_some_and(|other| other.0 == 2));
    assert_eq!(ids(&index.explain_query("vpn", &Aids::default(), 1, Some(2))), [2]);
    assert_eq!(ids(&index.explain_query("vpn", &Aids::default(), 1, Some(99_999))), [2]);
    let nothing = index.explain_query("", &Aids::default(), 5, None);
    assert!(nothing.terms.is_empty() && nothing.faqs.is_empty() && nothing.ranking.is_empty());
}

#[test]
fn a_ranking_is_the_same_with_its_explanation() {
    let index = desk();
    for query in ["forgot my vpn password", "打印机", "", "zzzz"] {
        let (hits, why) = index.rank_explained(query, &Aids::default(), 4);
        assert_eq!(hits, index.rank(query, 4));
        assert_eq!(why, index.explain_all(query, &Aids::default(), 1).pop());
    }
}

#[test]
fn edits_show_at_once() {
    let mut index = desk();
    let before = index.rank("parking permit", 5);
    index.upsert(500, &FaqText { question: "How do I get a parking permit?", similar: &[], answer: "" });
    assert_eq!(best(&index, "parking permit").0, 500);
    index.upsert(500, &FaqText { question: "Where do I park bicycles?", similar: &[], answer: "" });
    assert_ne!(best(&index, "permit").0, 500);
    assert!(index.remove(500) && !index.remove(500) && !index.contains(500));
    assert_eq!(index.rank("parking permit", 5), before);
    assert_eq!(index.len(), 60);
}

/// A desk on which every FAQ has similar questions.
fn taught() -> Index {
    let mut index = Index::default();
    let faqs: [(&str, &[&str]); 4] = [
        ("transfer money abroad", &["send cash to another country", "wire funds overseas", "international payment"]),
        ("card was stolen", &["somebody took my card", "lost my wallet with the card", "block my debit card"]),
        ("change my pin", &["set a new pin", "pin of my card does not work", "choose another secret number"]),
        ("open a savings account", &["start saving", "account with interest", "put money aside"]),
    ];
    for (id, (question, similar)) in (1..).zip(faqs) {
        let similar: Vec<String> = similar.iter().map(ToString::to_string).collect();
        index.upsert(id, &FaqText { question, similar: &similar, answer: "" });
    }
    index
}

#[test]
fn what_similar_questions_teach_counts() {
    let index = taught();
    let learned = Lesson::of(&index, None).learn();
    assert!(learned.is_current(&index, None) && learned.memory_bytes() > 0);
    let aids = Aids { learned: Some(&learned), ..Aids::default() };
    let all = index.explain_all("payment overseas", &aids, 4);
    assert_eq!((all[0].id, all[0].basis), (1, Basis::Learned));
    let taught = |name: &str| all[0].features.iter().find(|f| f.name == name).unwrap().value;
    assert!(taught("learned_chance") > 0.8 && taught("learned_chance_gap") > 0.6, "{:?}", all[0].features);
    assert_eq!(index.rank_with("payment overseas", &aids, 1)[0].score.to_bits(), all[0].score.to_bits());
}

#[test]
fn what_was_learnt_of_a_faq_ends_with_its_texts() {
    let mut index = taught();
    let learned = Lesson::of(&index, None).learn();
    let aids = Aids { learned: Some(&learned), ..Aids::default() };
    index.upsert(2, &FaqText { question: "card was stolen", similar: &["block my card".to_owned()], answer: "" });
    index.upsert(9, &FaqText { question: "order a card", similar: &[], answer: "" });
    assert!(!learned.is_current(&index, None));
    let basis = |id| index.explain("card", &aids, id).unwrap().basis;
    assert_eq!([1, 2, 3, 9].map(basis), [Basis::Learned, Basis::Words, Basis::Learned, Basis::Words]);
    // An answer teaches nothing, so changing it unlearns nothing.
    index.upsert(
        3,
        &FaqText {
            question: "change my pin",
            similar: &[
                "set a new pin".to_owned(),
                "pin of my card does not work".to_owned(),
                "choose another secret number".to_owned(),
            ],
            answer: "In the app.",
        },
    );
    assert_eq!(index.explain("card", &aids, 3).unwrap().basis, Basis::Learned);
}

#[test]
fn every_server_learns_the_same() {
    let (index, mut other) = (taught(), Index::default());
    let faqs: [(i64, &str, &[&str]); 4] = [
        (4, "open a savings account", &["start saving", "account with interest", "put money aside"]),
        (2, "card was stolen", &["somebody took my card", "lost my wallet with the card", "block my debit card"]),
        (1, "transfer money abroad", &["send cash to another country", "wire funds overseas", "international payment"]),
        (3, "change my pin", &["set a new pin", "pin of my card does not work", "choose another secret number"]),
    ];
    for (id, question, similar) in faqs {
        other.upsert(77, &FaqText { question: "gone again", similar: &[], answer: "" });
        let similar: Vec<String> = similar.iter().map(ToString::to_string).collect();
        other.upsert(id, &FaqText { question, similar: &similar, answer: "" });
        other.remove(77);
    }
    let (a, b) = (Lesson::of(&index, None).learn(), Lesson::of(&other, None).learn());
    for query in ["send money", "my card", "save money", "锁定"] {
        let rank = |index: &Index, learned: &Learned| {
            let hits = index.rank_with(query, &Aids { learned: Some(learned), ..Aids::default() }, 9);
            hits.iter().map(|hit| (hit.id, hit.score.to_bits())).collect::<Vec<_>>()
        };
        assert_eq!(rank(&index, &a), rank(&other, &b), "{query}");
    }
}

#[test]
fn a_desk_without_similar_questions_has_nothing_to_learn() {
    let mut index = Index::default();
    assert!(Learned::default().is_current(&index, None));
    for id in 0..10 {
        index.upsert(id, &FaqText { question: &format!("question {id}"), similar: &[], answer: "" });
    }
    let learned = Lesson::of(&index, None).learn();
    assert!(learned.is_current(&index, None) && Learned::default().is_current(&index, None));
    assert_eq!(learned.memory_bytes(), 0);
}

fn pairs(pairs: &[(&str, &str)]) -> Synonyms {
    let pair = |(word, means): &(&str, &str)| Synonym { word: (*word).into(), means: (*means).into(), weight: 1.0 };
    Synonyms::new(pairs.iter().map(pair))
}

/// A shop that calls things otherwise than its guests.
fn shop() -> Index {
    let mut index = desk();
    let faqs = [
        (201, "How do I request a refund?", "如何申请退款"),
        (202, "Where is my parcel?", "怎么查物流"),
        (203, "How do I change the delivery address?", "修改收货地址"),
    ];
    for (id, question, similar) in faqs {
        index.upsert(id, &FaqText { question, similar: &[similar.to_owned()], answer: "" });
    }
    index
}

#[test]
fn a_word_that_stands_for_another_finds_its_faq() {
    let index = shop();
    let synonyms = pairs(&[("dough", "refund"), ("home", "refund"), ("回血", "退款")]);
    let aids = Aids { synonyms: Some(&synonyms), ..Aids::default() };
    for query in ["dough home", "我要申请回血"] {
        let before = index.explain(query, &Aids::default(), 201).unwrap().score;
        let hits = index.rank_with(query, &aids, 5);
        assert_eq!(hits[0].id, 201, "{query}: {hits:?}");
        assert!(hits[0].score >= 0.25 && hits[0].score > before + 0.15, "{query}: {before} {hits:?}");
    }
    let told = index.explain_query("dough home", &aids, 1, None);
    let matched = told.faqs[0].matched_terms.iter().find(|t| t.term == "refund").unwrap();
    assert_eq!(matched.said_as.len(), 2, "{matched:?}");
    let dough = told.terms.iter().find(|t| t.term == "dough").unwrap();
    assert_eq!(dough.means, ["refund"]);
    assert!(matched.weight > 0.0 && matched.weight <= 1.2 * dough.weight + 1e-9);
    assert!(told.terms.iter().all(|t| t.term != "refund"), "the query does not say it: {:?}", told.terms);
    assert!(told.unknown < index.explain_query("dough home", &Aids::default(), 1, None).unknown);
    // Said itself, the word needs nobody to stand for it and ranks as before, to the bit.
    let bits = |hits: Vec<retrieval::Hit>| hits.iter().map(|h| (h.id, h.score.to_bits())).collect::<Vec<_>>();
    let query = "refund my dough home";
    assert_eq!(bits(index.rank_with(query, &aids, 9)), bits(index.rank(query, 9)));
    // Nor does a match by another word outdo the word itself.
    let own = index.rank("refund please", 1)[0];
    assert!(own.id == 201 && own.score > index.rank_with("dough home", &aids, 1)[0].score);
}

/// Chinese FAQs, which a guest asks about in English, and the other way round.
fn chinese_desk() -> Index {
    let mut index = Index::default();
    let faqs = [
        (1, "如何申请退款"),
        (2, "忘记密码怎么办"),
        (3, "发票什么时候开具"),
        (4, "营业时间"),
        (5, "怎样取消订阅"),
        (6, "How can I change the delivery address of my parcel?"),
        (7, "Where is the printer?"),
    ];
    for (id, question) in faqs {
        index.upsert(id, &FaqText { question, similar: &[], answer: "" });
    }
    index
}

#[test]
fn general_words_are_known_in_both_languages_on_a_new_desk() {
    let index = chinese_desk();
    for (query, id) in [
        ("I want my money back", 1),
        ("i forgot my password", 2),
        ("can you send me an invoice", 3),
        ("opening hours?", 4),
        ("cancel my subscription", 5),
        ("修改收货地址", 6),
        ("打印机在哪", 7),
    ] {
        let hits = index.rank(query, 3);
        assert_eq!(hits.first().map(|hit| hit.id), Some(id), "{query}: {hits:?}");
        // What the lexicon lends is told as what the guest said.
        let told = index.explain(query, &Aids::default(), id).unwrap();
        assert!(told.matched_terms.iter().any(|term| !term.said_as.is_empty()), "{query}: {told:?}");
    }
    // Said twice, a word lends its weight once.
    let weight = |query: &str| index.explain(query, &Aids::default(), 1).unwrap().matched_terms[0].weight.to_bits();
    assert_eq!(weight("refund, refund, refund"), weight("refund"));
    // A translation is worth less than the word itself.
    assert!(index.rank("退款", 1)[0].score > index.rank("refund", 1)[0].score);
}

#[test]
fn a_text_with_both_words_counts_each_word_of_the_query_once() {
    let mut index = shop();
    index.upsert(204, &FaqText { question: "money refund", similar: &[], answer: "" });
    let synonyms = pairs(&[("money", "refund")]);
    let aids = Aids { synonyms: Some(&synonyms), ..Aids::default() };
    let value = |aids: &Aids<'_>, name: &str| {
        let told = index.explain("money zzyzx", aids, 204).unwrap();
        told.features.iter().find(|f| f.name == name).unwrap().value.to_bits()
    };
    for name in ["query_in_text", "query_in_faq", "bm25_text", "bm25_faq"] {
        assert_eq!(value(&aids, name), value(&Aids::default(), name), "{name}");
    }
}

#[test]
fn calibration_moves_scores_and_never_the_order() {
    let index = desk();
    for query in
        ["password", "vpn not working", "dock the X1", "how do i report a phishing mail", "test the new laptop"]
    {
        let plain = index.rank(query, 10);
        assert!(!plain.is_empty(), "{query}");
        for (slope, offset) in [(1.0, 0.0), (0.25, -4.0), (4.0, 4.0), (0.5, -1.0)] {
            let calibration = Calibration::new(slope, offset);
            let aids = Aids { calibration, ..Aids::default() };
            let hits = index.rank_with(query, &aids, 10);
            let told = index.explain_all(query, &aids, 10);
            assert_eq!(hits.len(), plain.len());
            assert!(hits.is_sorted_by(|a, b| a.score >= b.score), "{query}");
            for ((hit, plain), told) in hits.iter().zip(&plain).zip(&told) {
                assert_eq!((hit.id, hit.log_odds.to_bits()), (plain.id, plain.log_odds.to_bits()));
                let score = calibration.score(hit.log_odds, hit.matched.exact);
                assert_eq!([hit.score, told.score].map(f64::to_bits), [score; 2].map(f64::to_bits));
                let sum: f64 = told.features.iter().map(|feature| feature.contribution).sum();
                assert!((told.log_odds - sum).abs() < 1e-9);
            }
        }
    }
}

#[test]
fn a_big_desk_loaded_in_batches_answers_like_an_edited_one() {
    let words = ["reset", "resetting", "password", "printer", "office365", "wi-fi", "忘记密码", "退货", "how", "运费"];
    let text = |n: usize| (1..7).map(|at| words[n * at / 3 % words.len()]).collect::<Vec<_>>().join(" ");
    let faqs: Vec<(String, Vec<String>, String)> = (0..6_000)
        .map(|n| (format!("{} 机器{}", text(n), n / 3), vec![text(n / 2)], format!("see {}", text(n / 5))))
        .collect();
    let faq = |n: usize| FaqText { question: &faqs[n].0, similar: &faqs[n].1, answer: &faqs[n].2 };
    let mut edited = Index::default();
    for (id, n) in (0..).zip(0..faqs.len()) {
        edited.upsert(id, &faq(n));
    }
    for each in [1_000, 6_000] {
        let mut loaded = Index::default();
        for from in (0..faqs.len()).step_by(each) {
            assert!(loaded.append(Batch::of((from..from + each).map(|n| (i64::try_from(n).unwrap(), faq(n))))));
        }
        let same = |loaded: &Index, edited: &Index| {
            for n in (0..faqs.len()).step_by(97) {
                let query = format!("{} {} 机器", text(n), n / 3);
                assert_eq!(loaded.candidates(&query), edited.candidates(&query), "{query}");
                assert_eq!(loaded.rank(&query, 32), edited.rank(&query, 32), "{query}");
            }
        };
        same(&loaded, &edited);
        let mut edited = edited.clone();
        for index in [&mut loaded, &mut edited] {
            for n in (0..faqs.len()).step_by(5) {
                let id = i64::try_from(n).unwrap();
                if n % 2 == 0 { assert!(index.remove(id)) } else { index.upsert(id, &faq(n / 2)) }
            }
        }
        same(&loaded, &edited);
    }
}

#[test]
fn a_word_that_an_answer_says_is_little() {
    let mut index = desk();
    let intranet = FaqText {
        question: "Intranet pages time out",
        similar: &["内网网站打不开".to_owned(), "intranet times out at home on vpn".to_owned()],
        answer: "VPN.",
    };
    index.upsert(50, &intranet);
    let hits = index.rank("vpn", 3);
    assert_eq!(hits[0].id, 2, "{hits:?}");
    // Without a limit to what an answer says it was 0.14.
    let score = hits.iter().find(|hit| hit.id == 50).map(|hit| hit.score);
    assert!(score.is_some_and(|score| score < 0.05), "{hits:?}");
}
