//! The words of the log-in page in both languages.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use desk::language::is_chinese;

use super::question::Mistake;
use crate::auth::{KNOWN_SCOPES, Scope};

/// The language of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    /// English.
    English,
    /// Simplified Chinese.
    Chinese,
}

use Language::{Chinese, English};

/// Why the user has to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Problem {
    /// E-mail address or password is empty.
    Empty,
    /// They do not belong together.
    Wrong,
    /// Too many tries; so many minutes to wait.
    Throttled(i64),
    /// The server has too much to do.
    Busy,
    /// Something broke.
    Broken,
}

impl Language {
    /// The one the link chose, else the one the browser prefers, else English.
    pub fn choose(link: Option<&str>, headers: &HeaderMap) -> Self {
        match link {
            Some(tag) if is_chinese(Some(tag)) => Chinese,
            Some(_) => English,
            None => headers.get(ACCEPT_LANGUAGE).and_then(|list| list.to_str().ok()).map_or(English, preferred),
        }
    }

    /// The tag for `lang` attributes.
    pub fn tag(self) -> &'static str {
        self.pick("en", "zh-CN")
    }

    /// The other one, with its own name.
    pub fn other(self) -> (Self, &'static str) {
        match self {
            English => (Chinese, "中文"),
            Chinese => (English, "English"),
        }
    }

    fn pick<T>(self, english: T, chinese: T) -> T {
        match self {
            English => english,
            Chinese => chinese,
        }
    }

    /// Title and heading of the page that asks.
    pub fn heading(self, app: &str) -> String {
        self.pick(format!("Log in to {app}"), format!("登录 {app}"))
    }

    /// Whose account it is.
    pub fn account(self, tenant: &str) -> String {
        self.pick(format!("With your account at {tenant}"), format!("使用你的 {tenant} 账号"))
    }

    pub fn email(self) -> &'static str {
        self.pick("E-mail", "邮箱")
    }

    pub fn password(self) -> &'static str {
        self.pick("Password", "密码")
    }

    /// Above the list of scopes.
    pub fn wants(self, app: &str) -> String {
        self.pick(format!("{app} will be able to:"), format!("{app} 将可以："))
    }

    /// What every app learns.
    pub fn identity(self) -> &'static str {
        self.pick("See who you are: your name and your IDs", "查看你的身份：姓名和用户标识")
    }

    /// What a scope allows; `None` for one that means nothing here.
    pub fn scope(self, name: &str) -> Option<&'static str> {
        let Scope { english, chinese, .. } = KNOWN_SCOPES.iter().find(|scope| scope.name == name)?;
        Some(self.pick(*english, *chinese))
    }

    pub fn allow(self) -> &'static str {
        self.pick("Log in and allow", "登录并授权")
    }

    pub fn deny(self) -> &'static str {
        self.pick("Deny", "拒绝")
    }

    /// Where both buttons lead.
    pub fn leads(self, origin: &str) -> String {
        self.pick(format!("Then you go on at {origin}."), format!("之后将跳转到 {origin}。"))
    }

    /// In front of a title, so that a screen reader tells at once.
    pub fn error(self) -> &'static str {
        self.pick("Error", "错误")
    }

    pub fn problem(self, problem: Problem) -> String {
        match problem {
            Problem::Empty => self.pick("Enter your e-mail address and your password.", "请输入邮箱和密码。").into(),
            Problem::Wrong => self.pick("E-mail address or password is wrong.", "邮箱或密码错误。").into(),
            Problem::Throttled(1) => {
                self.pick("Too many tries. Try again in 1 minute.", "尝试次数过多，请在 1 分钟后重试。").into()
            }
            Problem::Throttled(minutes) => self.pick(
                format!("Too many tries. Try again in {minutes} minutes."),
                format!("尝试次数过多，请在 {minutes} 分钟后重试。"),
            ),
            Problem::Busy => {
                self.pick("Many people are logging in. Try again in a moment.", "登录人数较多，请稍后重试。").into()
            }
            Problem::Broken => {
                self.pick("Something failed on the server. Try again in a moment.", "服务器出错，请稍后重试。").into()
            }
        }
    }

    /// Title and heading of the page that cannot ask.
    pub fn not_possible(self) -> &'static str {
        self.pick("Log-in is not possible", "无法登录")
    }

    /// What the user may do about it.
    pub fn tell_the_makers(self) -> &'static str {
        self.pick(
            "You can do nothing about it here. Go back to the app, or tell its makers:",
            "你在此处无法解决。请返回应用，或将以下信息告知应用开发者：",
        )
    }

    pub fn mistake(self, mistake: &Mistake) -> String {
        match mistake {
            Mistake::Twice(name) => self.pick(format!("The parameter {name} is sent twice."), format!("参数 {name} 重复。")),
            Mistake::Missing(name) => self.pick(format!("The parameter {name} is missing."), format!("缺少参数 {name}。")),
            Mistake::NoApp(id) => self.pick(format!("There is no app {id}."), format!("应用 {id} 不存在。")),
            Mistake::Redirect(uri) => self.pick(
                format!("The app may not send people to {uri}. Its redirect_urls have to list this address letter for letter."),
                format!("应用不能跳转到 {uri}，该地址须与应用 redirect_urls 中的某一项完全一致。"),
            ),
            Mistake::NotAllowed("response_type") => {
                self.pick("response_type must be code.".into(), "response_type 必须为 code。".into())
            }
            Mistake::NotAllowed("code_challenge_method") => self.pick(
                "code_challenge_method must be S256 or plain.".into(),
                "code_challenge_method 必须为 S256 或 plain。".into(),
            ),
            Mistake::NotAllowed(name) => self.pick(
                format!("{name} must be 43 characters of base64url for S256, or the verifier of 43 to 128 characters for plain."),
                format!("{name} 须为 43 个 base64url 字符（S256），或 43 至 128 个字符的 verifier（plain）。"),
            ),
            Mistake::ScopeTwice(scope) => self.pick(format!("The scope {scope} is named twice."), format!("权限 {scope} 重复。")),
            Mistake::ScopeNotOfApp(scopes) => {
                let list = scopes.join(", ");
                self.pick(
                    format!("The app does not have these scopes: {list}."),
                    format!("应用尚未开通以下权限：{list}。"),
                )
            }
        }
    }
}

/// The first of the two languages in a list such as `fr, zh-CN;q=0.8, en;q=0.9`, by weight.
fn preferred(list: &str) -> Language {
    let mut best = (0, English);
    for entry in list.split(',') {
        let (tag, weight) = entry.split_once(";q=").unwrap_or((entry, "1"));
        let tag = tag.trim();
        let language = if is_chinese(Some(tag)) {
            Chinese
        } else if tag.get(..2).is_some_and(|tag| tag.eq_ignore_ascii_case("en")) {
            English
        } else {
            continue;
        };
        let weight = thousandths(weight);
        if weight > best.0 {
            best = (weight, language);
        }
    }
    best.1
}

/// `0.8` is 800; what cannot be read is 0.
fn thousandths(weight: &str) -> u32 {
    let (whole, fraction) = weight.trim().split_once('.').unwrap_or((weight.trim(), ""));
    let whole: u32 = whole.parse().unwrap_or(0);
    let fraction: u32 = format!("{fraction:0<3.3}").parse().unwrap_or(0);
    whole.min(1) * 1000 + fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_chooses_unless_a_link_did() {
        for (list, language) in [
            ("zh-CN,zh;q=0.9,en;q=0.8", Chinese),
            ("en-GB,en;q=0.9,zh;q=0.8", English),
            ("fr, zh-CN;q=0.8, en;q=0.9", English),
            ("fr;q=0.9, zh-TW;q=0.51, en;q=0.5", Chinese),
            ("de", English),
            ("", English),
            ("zh;q=0", English),
            ("é,z", English),
        ] {
            assert_eq!(preferred(list), language, "{list}");
        }
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, "zh".parse().unwrap());
        assert_eq!(Language::choose(None, &headers), Chinese);
        assert_eq!(Language::choose(Some("en"), &headers), English);
        assert_eq!(Language::choose(Some("zh-CN"), &HeaderMap::new()), Chinese);
        assert_eq!(Language::choose(None, &HeaderMap::new()), English);
    }
}
