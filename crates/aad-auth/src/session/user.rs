//! The snapshot of a signed-in user: the claims that the session stores.

use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    secret::Pii,
    validation::{Groups, IdToken, UserKey},
};

/// The claims of the ID token (and of userinfo, with `AAD_USERINFO`) that the session stores.
///
/// ```
/// use aad_auth::{Admission, UserSnapshot};
///
/// fn admit(user: &UserSnapshot) -> Admission {
///     match user.has_role("Employee") || user.has_role("Contractor") {
///         true => Admission::Admit,
///         false => Admission::Refuse,
///     }
/// }
/// ```
#[derive(Clone, Deserialize, Serialize)]
#[non_exhaustive]
pub struct UserSnapshot {
    /// The stable key of the user, for storing data about the user.
    pub key: UserKey,
    /// The issuer of the ID token.
    pub iss: String,
    /// The subject (`sub`). Pairwise in Entra ID: another one for each application.
    pub sub: String,
    /// The display name (`name`). Changes; not unique.
    pub name: Option<Pii>,
    /// The user name (`preferred_username`). Changes; may be reassigned.
    pub preferred_username: Option<Pii>,
    /// The e-mail address (`email`). May be unverified.
    pub email: Option<Pii>,
    /// App roles, from the claims that `AAD_ROLES_CLAIM` names (`roles` by default). Authorise by these.
    pub roles: Vec<Box<str>>,
    /// Whether the user may have roles that `roles` does not list: a claim could not be read, or was
    /// omitted for its size. The absence of a role is then unknown, and never a reason to let a user in.
    #[serde(default)]
    pub roles_incomplete: bool,
    /// Those of `roles` that only userinfo has. They are kept while userinfo does not answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) roles_of_userinfo: Vec<Box<str>>,
    /// Whether `groups` comes from userinfo, and not from the ID token.
    #[serde(default)]
    pub(crate) groups_of_userinfo: bool,
    /// Group memberships that the token lists.
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
    /// The name for display: `name`, `preferred_username`, `email`, in this order, else "Signed-in user".
    pub fn display_name(&self) -> DisplayName<'_> {
        let first = [&self.name, &self.preferred_username, &self.email]
            .into_iter()
            .flatten()
            .map(Pii::expose)
            .find(|text| !text.trim().is_empty());
        DisplayName(first.unwrap_or("Signed-in user"))
    }

    /// The snapshot of a verified ID token. `None` without a subject, which validation excludes.
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

    /// Whether `roles` lists this app role. With [`Self::roles_incomplete`], the user may also have
    /// roles that are not listed.
    pub fn has_role(&self, value: &str) -> bool {
        self.roles.iter().any(|role| &**role == value)
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

/// Shows no field: subject and session id identify a person too.
impl std::fmt::Debug for UserSnapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UserSnapshot")
    }
}

/// Group memberships.
///
/// ```
/// use aad_auth::session::Memberships;
///
/// /// `None`: the token does not list all groups.
/// fn is_member(groups: &Memberships, id: &str) -> Option<bool> {
///     let listed = groups.ids.iter().any(|one| one.eq_ignore_ascii_case(id));
///     (listed || !groups.overage).then_some(listed)
/// }
/// ```
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Memberships {
    /// Object ids of groups (or names, if the application registration says so).
    pub ids: Vec<Box<str>>,
    /// Whether the memberships are unknown: the user is in more groups than fit into a token, or the
    /// claim cannot be read. The absence of a group in `ids` then means nothing.
    pub overage: bool,
}

impl Memberships {
    /// The memberships in a claim.
    pub(super) fn of(groups: &Groups) -> Self {
        Self {
            ids: groups.listed().to_vec(),
            overage: groups.is_unknown(),
        }
    }
}

/// A name for display. It has neither `Eq` nor `Hash`, because a name is no key.
///
/// See [`User`](crate::User) for an example.
#[derive(Clone, Copy)]
pub struct DisplayName<'a>(&'a str);

impl<'a> DisplayName<'a> {
    /// The text. Escape it like all foreign text.
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
