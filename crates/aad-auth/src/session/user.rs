//! The snapshot of a signed-in user: what the session remembers of the ID token.

use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    secret::Pii,
    validation::{Groups, IdToken, Paths, Roles, UserKey, Userinfo},
};

/// What the session remembers of the ID token.
#[derive(Clone, Deserialize, Serialize)]
#[non_exhaustive]
pub struct UserSnapshot {
    /// Who it is.
    pub key: UserKey,
    /// The issuer of the ID token.
    pub iss: String,
    /// The subject: pairwise in Entra ID, so another one for each application.
    pub sub: String,
    /// The display name (`name`). Changes; not unique.
    pub name: Option<Pii>,
    /// The user name (`preferred_username`). Changes; may be reassigned.
    pub preferred_username: Option<Pii>,
    /// The e-mail address (`email`). May be unverified.
    pub email: Option<Pii>,
    /// App roles, from the claims that `AAD_ROLES_CLAIM` names (`roles` by default): authorise by
    /// these.
    pub roles: Vec<Box<str>>,
    /// There may be more roles than `roles` lists: a claim could not be read, or was left out for its
    /// size. Absence of a role is then unknown, and never a reason to let a user in.
    #[serde(default)]
    pub roles_incomplete: bool,
    /// Those of `roles` that only userinfo has named: they stay while it does not answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) roles_of_userinfo: Vec<Box<str>>,
    /// Whether userinfo has named `groups`, and not the ID token.
    #[serde(default)]
    pub(crate) groups_of_userinfo: bool,
    /// Group memberships, as far as the token tells.
    pub groups: Memberships,
    /// Scopes that the provider granted at sign-in.
    pub scopes: Vec<Box<str>>,
    /// The provider's session (`sid`), for sign-out through the provider.
    pub sid: Option<String>,
    /// The opaque sign-out hint (`login_hint`).
    pub login_hint: Option<Pii>,
    /// Authentication contexts that were satisfied (`acrs`).
    pub acrs: Vec<Box<str>>,
    /// When the user last authenticated (`auth_time`), in seconds since the epoch.
    pub auth_time: Option<u64>,
}

impl UserSnapshot {
    /// The name to show: `name`, `preferred_username`, `email`, in this order, else "Signed-in user".
    pub fn display_name(&self) -> DisplayName<'_> {
        let first = [&self.name, &self.preferred_username, &self.email]
            .into_iter()
            .flatten()
            .map(Pii::expose)
            .find(|text| !text.trim().is_empty());
        DisplayName(first.unwrap_or("Signed-in user"))
    }

    /// What is to be remembered of a verified ID token. `None` without a subject, which the
    /// token's rules have excluded.
    pub(crate) fn of(token: &IdToken, scopes: Vec<Box<str>>) -> Option<Self> {
        Some(Self {
            key: token.user_key()?,
            iss: token.issuer().to_owned(),
            sub: token.sub()?.as_str().to_owned(),
            name: token.name().cloned(),
            preferred_username: token.preferred_username().cloned(),
            email: token.email().cloned(),
            roles: token.roles().to_vec(),
            roles_incomplete: token.roles_are_incomplete(),
            roles_of_userinfo: Vec::new(),
            groups_of_userinfo: false,
            groups: Memberships::of(token.groups()),
            scopes,
            sid: token.sid().map(str::to_owned),
            login_hint: token.login_hint().map(Pii::new),
            acrs: token.auth_contexts().to_vec(),
            auth_time: token.auth_time().map(Timestamp::seconds),
        })
    }

    /// The same with what `info` says and `token`, of which this snapshot was made, does not (OpenID
    /// Connect Core 1.0 section 5.4). Of roles each claim of `AAD_ROLES_CLAIM` is completed by itself.
    /// The caller has checked that both are of one subject.
    #[must_use]
    pub(crate) fn completed(mut self, token: &IdToken, info: Userinfo) -> Self {
        self.name = self.name.or(info.name);
        self.preferred_username = self.preferred_username.or(info.preferred_username);
        self.email = self.email.or(info.email);
        self.add_roles(token, &info.roles);
        if *token.groups() == Groups::Absent {
            self.groups = Memberships::of(&info.groups);
            self.groups_of_userinfo = true;
        }
        self
    }

    /// The same where userinfo does not answer now: what only it has named `before` stays. What the ID
    /// token says counts all the same, or an outage of userinfo would keep rights that were taken away.
    #[must_use]
    pub(crate) fn while_userinfo_is_away(mut self, token: &IdToken, before: &Self) -> Self {
        self.keep_names(before);
        if token.unsaid_roles() != Paths::NONE {
            let kept = Roles::known(&before.roles_of_userinfo, before.roles_incomplete);
            self.add_roles(token, &kept);
        }
        if *token.groups() == Groups::Absent && before.groups_of_userinfo {
            self.groups = before.groups.clone();
            self.groups_of_userinfo = true;
        }
        self
    }

    /// The same where userinfo refuses to answer: the names that `before` had stay, which roles and groups
    /// there are is unknown.
    #[must_use]
    pub(crate) fn without_userinfo(mut self, token: &IdToken, before: &Self) -> Self {
        self.keep_names(before);
        if token.unsaid_roles() != Paths::NONE {
            self.add_roles(token, &Roles::unknown());
        }
        self.groups.overage |= *token.groups() == Groups::Absent;
        self
    }

    fn keep_names(&mut self, before: &Self) {
        let keep = |own: &mut Option<Pii>, old: &Option<Pii>| {
            if own.is_none() {
                own.clone_from(old);
            }
        };
        keep(&mut self.name, &before.name);
        keep(&mut self.preferred_username, &before.preferred_username);
        keep(&mut self.email, &before.email);
    }

    fn add_roles(&mut self, token: &IdToken, more: &Roles) {
        let all = token.all_roles().merged(more);
        self.roles = all.listed().to_vec();
        self.roles_incomplete = all.is_incomplete();
        self.roles_of_userinfo = more.listed().to_vec();
    }

    /// The tenant's id; `None` at providers other than Entra ID.
    pub fn tid(&self) -> Option<&str> {
        match &self.key {
            UserKey::Directory { tid, .. } => Some(tid.as_str()),
            UserKey::Subject { .. } => None,
        }
    }

    /// The user's object id; `None` at providers other than Entra ID.
    pub fn oid(&self) -> Option<&str> {
        match &self.key {
            UserKey::Directory { oid, .. } => Some(oid.as_str()),
            UserKey::Subject { .. } => None,
        }
    }
}

/// Says nothing: subject and session id name a person too.
impl std::fmt::Debug for UserSnapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UserSnapshot")
    }
}

/// Group memberships.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Memberships {
    /// Object ids (or names, where so configured) that the token carries.
    pub ids: Vec<Box<str>>,
    /// The user is in more groups than fit into a token, or the claim cannot be read: `ids` says
    /// nothing. Absence of a group is then unknown, and never a reason to let a user in or to say "no
    /// groups".
    pub overage: bool,
}

impl Memberships {
    fn of(groups: &Groups) -> Self {
        Self {
            ids: groups.listed().to_vec(),
            overage: groups.is_unknown(),
        }
    }
}

/// A name to show to the user. It has neither `Eq` nor `Hash`: a name is no key.
#[derive(Clone, Copy)]
pub struct DisplayName<'a>(&'a str);

impl<'a> DisplayName<'a> {
    /// The text; escape it like any text from outside.
    pub const fn as_str(self) -> &'a str {
        self.0
    }
}

impl std::fmt::Display for DisplayName<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validation::Sub;

    fn user() -> UserSnapshot {
        UserSnapshot {
            key: UserKey::Subject {
                iss: "i".into(),
                sub: Sub::parse("s").unwrap(),
            },
            iss: "i".into(),
            sub: "s".into(),
            name: None,
            preferred_username: None,
            email: None,
            roles: vec![],
            roles_incomplete: false,
            roles_of_userinfo: Vec::new(),
            groups_of_userinfo: false,
            groups: Memberships::default(),
            scopes: vec![],
            sid: None,
            login_hint: None,
            acrs: vec![],
            auth_time: None,
        }
    }

    #[test]
    fn the_name_shown_follows_the_documented_order() {
        let mut user = user();
        assert_eq!(user.display_name().as_str(), "Signed-in user");
        user.email = Some(Pii::new("e"));
        assert_eq!(user.display_name().as_str(), "e");
        user.preferred_username = Some(Pii::new("u"));
        assert_eq!(user.display_name().as_str(), "u");
        user.name = Some(Pii::new(" "));
        assert_eq!(user.display_name().as_str(), "u");
        user.name = Some(Pii::new("n"));
        assert_eq!(user.display_name().as_str(), "n");
    }

    #[test]
    fn debug_shows_no_name() {
        let mut user = user();
        user.name = Some(Pii::new("canary"));
        assert!(!format!("{user:?}").contains("canary"));
    }
}
