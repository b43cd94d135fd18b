//! The scopes that mean something here, and what a user has granted of them.

/// A scope that an endpoint asks for, with its words for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// The name in desk files and in the open API.
    pub name: &'static str,
    /// What an app may do with it, to the user.
    pub english: &'static str,
    /// The same in Chinese.
    pub chinese: &'static str,
}

/// Lets an app see the tenant's own id of a person.
pub const USER_ID: &str = "contact:user.employee_id:readonly";
/// Lets an app see a person's e-mail address.
pub const EMAIL: &str = "contact:user.email:readonly";

/// All of them. A user token carries a scope by its place here, so this list only grows at its end.
pub const KNOWN: &[Scope] = &[
    Scope {
        name: "helpdesk:all",
        english: "Change everything of the help desk that you may change: FAQs, categories, tickets, agents",
        chinese: "修改服务台中你有权修改的全部内容：知识库、分类、工单、客服",
    },
    Scope {
        name: "helpdesk:all:readonly",
        english: "Read everything of the help desk that you may read",
        chinese: "读取服务台中你有权查看的全部内容",
    },
    Scope {
        name: "helpdesk:helpdesk:access",
        english: "Start conversations at the help desk",
        chinese: "发起服务台对话",
    },
    Scope { name: USER_ID, english: "See your user ID in your company", chinese: "查看你在企业内的用户 ID" },
    Scope { name: EMAIL, english: "See your e-mail address", chinese: "查看你的邮箱地址" },
    Scope {
        name: desk::oauth::OFFLINE,
        english: "Keep this access while you are away, for a year at most",
        chinese: "在你离开后保持以上权限，最长一年",
    },
];

/// The known scopes that a user has granted to an app. Others are not kept: nothing here asks for them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Granted(u32);

impl Granted {
    /// The known ones among these.
    pub fn of<'s>(scopes: impl IntoIterator<Item = &'s str>) -> Self {
        let bit = |scope: &str| KNOWN.iter().position(|known| known.name == scope).map_or(0, |place| 1 << place);
        Self(scopes.into_iter().fold(0, |bits, scope| bits | bit(scope)))
    }

    /// Whether this scope was granted.
    pub fn has(self, scope: &str) -> bool {
        self.0 & Self::of([scope]).0 != 0
    }

    pub(super) fn to_bytes(self) -> [u8; 4] {
        self.0.to_be_bytes()
    }

    pub(super) fn from_bytes(bytes: [u8; 4]) -> Self {
        Self(u32::from_be_bytes(bytes))
    }
}

/// What a user token made without a browser may do: these scopes, separated by spaces, or all of the app's.
///
/// # Errors
/// Which scope the app does not have, in a sentence.
pub fn granted(app: &desk::directory::App, scope: Option<&str>) -> Result<Granted, String> {
    let Some(scope) = scope else { return Ok(Granted::of(app.scopes.iter().map(String::as_str))) };
    let wanted = desk::oauth::scopes(scope);
    match wanted.iter().find(|scope| !app.scopes.contains(scope)) {
        Some(missing) => Err(format!("app {} does not have {missing}; it has {}", app.app_id, app.scopes.join(" "))),
        None => Ok(Granted::of(wanted.iter().map(String::as_str))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_granted_is_carried_and_nothing_else() {
        let granted = Granted::of(["helpdesk:all", EMAIL, "calendar:calendar"]);
        let carried = Granted::from_bytes(granted.to_bytes());
        for scope in KNOWN {
            assert_eq!(carried.has(scope.name), ["helpdesk:all", EMAIL].contains(&scope.name), "{}", scope.name);
        }
        assert!(!carried.has("calendar:calendar") && !carried.has(""));
        assert!(KNOWN.len() <= 32);
    }
}
