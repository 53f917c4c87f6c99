//! Roles, in the claims that `AAD_ROLES_CLAIM` names and in the forms that providers use.

use std::collections::HashSet;

use foldhash::fast::RandomState;
use serde_json::{Map, Value};

use super::{
    ProviderKind,
    claim_at_path::{ClaimAtPath, lies_elsewhere, value_at},
    raw_claims::RawClaims,
    role_paths::RolePaths,
};
use crate::config::RolesClaim;

/// The roles of a user or an application, each once.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Roles {
    listed: Vec<Box<str>>,
    incomplete: bool,
}

/// The maximum number of roles.
const MAX_ROLES: usize = 1024;
/// The longest role, in bytes.
const MAX_ROLE: usize = 1024;
/// The maximum length of all roles together, in bytes.
const MAX_BYTES: usize = 64 * 1024;

impl Roles {
    /// The roles that are listed.
    pub fn listed(&self) -> &[Box<str>] {
        &self.listed
    }

    /// Whether there may be more roles: a claim is unreadable, is only referred to (group overage, OpenID
    /// Connect Core 1.0 section 5.6.2), or has too many entries. Then an unlisted role is unknown: a
    /// policy that requires it refuses, and so does a policy that excludes it.
    pub const fn is_incomplete(&self) -> bool {
        self.incomplete
    }

    /// No listed role, and every other role unknown.
    pub const fn unknown() -> Self {
        Self {
            listed: Vec::new(),
            incomplete: true,
        }
    }

    /// Restores roles that were read before.
    pub(crate) fn known(listed: &[Box<str>], incomplete: bool) -> Self {
        Self {
            listed: listed.to_vec(),
            incomplete,
        }
    }

    /// The roles of `self` and `other`, each once.
    #[must_use]
    pub fn merged(&self, other: &Self) -> Self {
        let mut found = RoleCollector::default();
        for role in self.listed.iter().chain(&other.listed) {
            found.add(role);
        }
        found.incomplete |= self.incomplete || other.incomplete;
        found.into_roles()
    }

    /// Whether the API has granted an application a role. At Entra ID and Azure AD B2C only the claim
    /// `roles` shows it, whatever `AAD_ROLES_CLAIM` names: any application of a tenant gets a token for
    /// any API, and its groups (`groups`, `wids`) are no grant of the API.
    ///
    /// Other providers have no fixed claim for it, so the claims of `AAD_ROLES_CLAIM` count.
    pub(super) fn are_granted(&self, raw: &RawClaims<'_>, provider: ProviderKind) -> bool {
        if provider == ProviderKind::Generic {
            return !self.listed.is_empty();
        }
        let (app_roles, _) = Self::read(raw, RolesClaim::standard(), provider, RolePaths::ALL);
        !app_roles.listed.is_empty()
    }

    /// Reads the claims at `paths`. Also returns the paths without a value.
    pub(super) fn read(
        raw: &RawClaims<'_>,
        claim: &RolesClaim,
        provider: ProviderKind,
        paths: RolePaths,
    ) -> (Self, RolePaths) {
        let (mut found, mut absent) = (RoleCollector::default(), RolePaths::NONE);
        for (at, path) in claim.paths().iter().enumerate() {
            if !paths.has(at) {
                continue;
            }
            // Entra sends an array only, so that no other form is read (abuse B20).
            let only_array = provider != ProviderKind::Generic && path.name() == "roles";
            match value_at(raw, path) {
                _ if lies_elsewhere(raw, path) => found.incomplete = true,
                ClaimAtPath::Nothing => absent.add(at),
                ClaimAtPath::Text(text) if !only_array => found.add(text),
                ClaimAtPath::List(members) => found.add_all(members),
                ClaimAtPath::Members(members) => found.add_members(members),
                ClaimAtPath::Text(_) | ClaimAtPath::Unreadable => found.incomplete = true,
            }
        }
        (found.into_roles(), absent)
    }
}

/// Collects roles in the order of the claims.
#[derive(Default)]
struct RoleCollector<'r> {
    listed: Vec<&'r str>,
    known: HashSet<&'r str, RandomState>,
    bytes: usize,
    incomplete: bool,
}

impl<'r> RoleCollector<'r> {
    /// Adds a role. An empty text is no role.
    fn add(&mut self, role: &'r str) {
        if role.is_empty() || self.known.contains(role) {
            return;
        }
        let fits = role.len() <= MAX_ROLE
            && self.bytes + role.len() <= MAX_BYTES
            && self.listed.len() < MAX_ROLES;
        if !fits {
            self.incomplete = true;
            return;
        }
        self.bytes += role.len();
        self.known.insert(role);
        self.listed.push(role);
    }

    /// Adds the texts of an array. An array with a member of another type lists no roles.
    fn add_all(&mut self, members: &'r [Value]) {
        let texts = members.iter().map(Value::as_str);
        match texts.collect::<Option<Vec<_>>>() {
            Some(texts) => texts.into_iter().for_each(|role| self.add(role)),
            None => self.incomplete = true,
        }
    }

    /// Adds the names of an object's members whose value is `true` or an object with members. `null`,
    /// `false` and an empty object mean that the role is absent.
    fn add_members(&mut self, members: &'r Map<String, Value>) {
        for (role, value) in members {
            match value {
                Value::Bool(true) => self.add(role),
                Value::Object(grants) if !grants.is_empty() => self.add(role),
                Value::Object(_) | Value::Bool(false) | Value::Null => {}
                _ => self.incomplete = true,
            }
        }
    }

    fn into_roles(self) -> Roles {
        Roles {
            listed: self.listed.into_iter().map(Box::from).collect(),
            incomplete: self.incomplete,
        }
    }
}

#[cfg(test)]
#[path = "roles_tests.rs"]
mod tests;
