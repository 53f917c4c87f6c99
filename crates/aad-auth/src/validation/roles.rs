//! Roles: the claims that configuration names, in whatever form providers write them.

use std::collections::HashSet;

use foldhash::fast::RandomState;
use serde_json::{Map, Value};

use super::{ProviderKind, json::Kept, raw_claims::RawClaims};
use crate::config::{ClaimPath, RolesClaim};

/// The roles that claims list, each once.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Roles {
    listed: Vec<Box<str>>,
    incomplete: bool,
}

/// So many roles are listed at most.
const MAX_ROLES: usize = 1024;
/// The longest role, in bytes.
const MAX_ROLE: usize = 1024;
/// So many bytes all of them have at most.
const MAX_BYTES: usize = 64 * 1024;

impl Roles {
    /// The roles that are listed.
    pub fn listed(&self) -> &[Box<str>] {
        &self.listed
    }

    /// Whether there may be more roles: a claim could not be read, lies elsewhere (group overage,
    /// OpenID Connect Core 1.0 section 5.6.2), or has too many. Whether a role that is not listed is
    /// there is unknown then, which neither lets in nor, where the role is ruled out, lets in.
    pub const fn is_incomplete(&self) -> bool {
        self.incomplete
    }

    /// No role is known, and none is known not to be there.
    pub const fn unknown() -> Self {
        Self {
            listed: Vec::new(),
            incomplete: true,
        }
    }

    /// Roles that were read before.
    pub(crate) fn known(listed: &[Box<str>], incomplete: bool) -> Self {
        Self {
            listed: listed.to_vec(),
            incomplete,
        }
    }

    /// The roles of both.
    #[must_use]
    pub fn merged(&self, other: &Self) -> Self {
        let mut found = Found::default();
        for role in self.listed.iter().chain(&other.listed) {
            found.add(role);
        }
        found.incomplete |= self.incomplete || other.incomplete;
        found.into_roles()
    }

    /// Whether these roles show that the API granted an application anything. At Entra ID and Azure
    /// AD B2C only the claim `roles` does, whatever configuration names: any application of a tenant
    /// gets a token for any API, and its groups (`groups`, `wids`) have nothing to do with the API.
    ///
    /// Other providers have no claim for it whose name is fixed: the audience is their grant, and
    /// roles stand where configuration says.
    pub(super) fn are_granted(&self, raw: &RawClaims<'_>, provider: ProviderKind) -> bool {
        if provider == ProviderKind::Generic {
            return !self.listed.is_empty();
        }
        let (app_roles, _) = Self::read(raw, RolesClaim::standard(), provider, Paths::ALL);
        !app_roles.listed.is_empty()
    }

    /// Reads the claims at `paths`, and tells at which of them nothing stands.
    pub(super) fn read(
        raw: &RawClaims<'_>,
        claim: &RolesClaim,
        provider: ProviderKind,
        paths: Paths,
    ) -> (Self, Paths) {
        let (mut found, mut silent) = (Found::default(), Paths::NONE);
        for (at, path) in claim.paths().iter().enumerate() {
            if !paths.has(at) {
                continue;
            }
            // Entra writes an array, and nothing else: what it does not write is not read (abuse B20).
            let only_array = provider != ProviderKind::Generic && path.name() == "roles";
            match value_at(raw, path) {
                _ if lies_elsewhere(raw, path) => found.incomplete = true,
                At::Nothing => silent.add(at),
                At::Text(text) if !only_array => found.add(text),
                At::List(members) => found.add_all(members),
                At::Members(members) => found.add_members(members),
                At::Text(_) | At::Unreadable => found.incomplete = true,
            }
        }
        (found.into_roles(), silent)
    }
}

/// Some of the paths of a [`RolesClaim`], which has 16 at most, by their places in it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Paths(u16);

impl Paths {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const ALL: Self = Self(u16::MAX);

    fn bit(at: usize) -> u16 {
        u32::try_from(at).map_or(0, |at| 1_u16.checked_shl(at).unwrap_or_default())
    }

    fn has(self, at: usize) -> bool {
        self.0 & Self::bit(at) != 0
    }

    fn add(&mut self, at: usize) {
        self.0 |= Self::bit(at);
    }
}

/// What stands at a path.
enum At<'r> {
    Nothing,
    Text(&'r str),
    List(&'r [Value]),
    Members(&'r Map<String, Value>),
    /// Something that lists no roles.
    Unreadable,
}

/// A claim whose name is the whole path wins: then nothing else is looked at.
fn value_at<'r>(raw: &'r RawClaims<'_>, path: &ClaimPath) -> At<'r> {
    if let Some(whole) = raw.named(path.name()) {
        return match whole {
            Kept::Text(text) => At::Text(text),
            Kept::Other(value) => leaf(value),
        };
    }
    let mut steps = path.steps();
    let Some(kept) = steps.next().and_then(|first| raw.named(first)) else {
        return At::Nothing;
    };
    let Some(mut value) = kept.as_value() else {
        return At::Unreadable;
    };
    for step in steps {
        let Value::Object(members) = value else {
            return At::Unreadable;
        };
        match members.get(step) {
            None | Some(Value::Null) => return At::Nothing,
            Some(member) => value = member,
        }
    }
    match (value, path.counts_members()) {
        (Value::Object(members), true) => At::Members(members),
        (_, true) => At::Unreadable,
        (value, false) => leaf(value),
    }
}

fn leaf(value: &Value) -> At<'_> {
    match value {
        Value::Null => At::Nothing,
        Value::String(text) => At::Text(text),
        Value::Array(members) => At::List(members),
        _ => At::Unreadable,
    }
}

/// Whether the token says that the claim is somewhere else: by a pointer (OpenID Connect Core 1.0
/// section 5.6.2; Entra's group overage), or by Entra's `hasgroups`.
fn lies_elsewhere(raw: &RawClaims<'_>, path: &ClaimPath) -> bool {
    let pointers = raw.named("_claim_names").and_then(Kept::as_value);
    let pointed = pointers
        .and_then(Value::as_object)
        .is_some_and(|names| names.keys().any(|name| path.begins_with(name)));
    let no = |value: &Kept<'_>| matches!(value, Kept::Other(Value::Bool(false)));
    let too_many = raw.named("hasgroups").is_some_and(|value| !no(value));
    pointed || (too_many && path.begins_with("groups"))
}

/// Roles in the order in which they were found.
#[derive(Default)]
struct Found<'r> {
    listed: Vec<&'r str>,
    known: HashSet<&'r str, RandomState>,
    bytes: usize,
    incomplete: bool,
}

impl<'r> Found<'r> {
    /// A role more. An empty text is none.
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

    /// The texts of an array. With one member of another type it lists nothing.
    fn add_all(&mut self, members: &'r [Value]) {
        let texts = members.iter().map(Value::as_str);
        match texts.collect::<Option<Vec<_>>>() {
            Some(texts) => texts.into_iter().for_each(|role| self.add(role)),
            None => self.incomplete = true,
        }
    }

    /// The names of an object's members. A member counts when its value is `true` or an object with
    /// members; `null`, `false` and an empty object say that the role is not there.
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
