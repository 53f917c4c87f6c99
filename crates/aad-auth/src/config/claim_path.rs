//! Paths to claims, and how they are written.

use std::{borrow::Cow, fmt};

/// A path to a claim: a member of `AAD_ROLES_CLAIM`.
///
/// See [`RolesClaim`](super::RolesClaim) for an example.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ClaimPath {
    /// The whole path without its escapes.
    name: Cow<'static, str>,
    /// The names that lead into objects; none where the path is one name.
    steps: Vec<Box<str>>,
    members: bool,
}

/// The most names in one path.
pub(super) const MAX_STEPS: usize = 8;
/// The longest path, in bytes, without its escapes.
pub(super) const MAX_PATH: usize = 256;

impl ClaimPath {
    /// The path of one name.
    pub(super) const fn named(name: &'static str) -> Self {
        Self {
            name: Cow::Borrowed(name),
            steps: Vec::new(),
            members: false,
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        if text.chars().any(char::is_control) {
            return Err("must not contain control characters");
        }
        let mut names = split(text, '.')?;
        if names.len() > MAX_STEPS {
            return Err("must not have a path of more than 8 names");
        }
        let name = plain(text);
        if name.len() > MAX_PATH {
            return Err("must not have a path of more than 256 bytes");
        }
        if names.iter().any(|name| name.is_empty()) && !name.contains("://") {
            return Err("must not contain an empty name: a dot within a name is written \\.");
        }
        let members = names.len() > 1 && names.last() == Some(&"*");
        if members {
            names.pop();
        }
        if names.contains(&"*") {
            return Err("may have * as the last name of a path only, behind another name");
        }
        let one_name = names.len() == 1 && !members;
        let path = Self {
            steps: match one_name {
                true => Vec::new(),
                false => names.into_iter().map(|name| plain(name).into()).collect(),
            },
            name: name.into(),
            members,
        };
        if NOT_ROLES.iter().any(|claim| path.begins_with(claim)) {
            return Err("must not name a claim of the protocol, or one whose value users choose");
        }
        Ok(path)
    }

    /// The whole path, read as the name of one claim.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The names that lead into objects; none where the path is one name.
    pub(crate) fn steps(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().map(|step| &**step)
    }

    /// Whether the roles are the names of the members of the object at the end of the path.
    pub(crate) const fn counts_members(&self) -> bool {
        self.members
    }

    /// Whether the path reads the claim of this name.
    pub(crate) fn begins_with(&self, claim: &str) -> bool {
        self.name == claim || self.steps.first().is_some_and(|first| **first == *claim)
    }
}

/// The path as it is written in the setting.
impl fmt::Display for ClaimPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.steps.is_empty() {
            return f.write_str(&escaped(&self.name));
        }
        for (at, step) in self.steps.iter().enumerate() {
            f.write_str(if at > 0 { "." } else { "" })?;
            f.write_str(&escaped(step))?;
        }
        f.write_str(if self.members { ".*" } else { "" })
    }
}

/// Splits at a separator that no backslash precedes. The parts keep their escapes.
pub(super) fn split(text: &str, separator: char) -> Result<Vec<&str>, &'static str> {
    let mut parts = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (at, character) in text.char_indices() {
        if escaped {
            if !SPECIAL.contains(&character) {
                return Err("must have a backslash only before a dot, a comma, * or a backslash");
            }
            escaped = false;
        } else if character == '\\' {
            escaped = true;
        } else if character == separator {
            parts.extend(text.get(start..at));
            start = at + separator.len_utf8();
        }
    }
    if escaped {
        return Err("must have a backslash only before a dot, a comma, * or a backslash");
    }
    parts.extend(text.get(start..));
    Ok(parts)
}

/// Removes the escapes.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => plain.extend(characters.next()),
            other => plain.push(other),
        }
    }
    plain
}

/// Adds the escapes.
pub(super) fn escaped(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for character in name.chars() {
        if SPECIAL.contains(&character) {
            text.push('\\');
        }
        text.push(character);
    }
    text
}

const SPECIAL: [char; 4] = ['.', ',', '*', '\\'];

/// Claims that hold no roles: those of the protocol (RFC 7519, OpenID Connect Core 1.0 sections 2 and
/// 3.1.3.6), delegated permissions, and the standard claims of section 5.1, which users choose.
pub(super) const NOT_ROLES: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "nonce",
    "azp",
    "azpacr",
    "appid",
    "client_id",
    "at_hash",
    "c_hash",
    "s_hash",
    "auth_time",
    "cnf",
    "events",
    "sid",
    "tid",
    "oid",
    "ver",
    "idtyp",
    "scp",
    "scope",
    "acr",
    "acrs",
    "amr",
    "xms_cc",
    "_claim_names",
    "_claim_sources",
    "hasgroups",
    "login_hint",
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "email",
    "email_verified",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "phone_number",
    "phone_number_verified",
    "address",
    "updated_at",
    "upn",
    "unique_name",
];
