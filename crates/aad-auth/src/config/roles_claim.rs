//! The claims that hold roles (`AAD_ROLES_CLAIM`).

use std::{borrow::Cow, fmt};

use super::claim_path::{ClaimPath, split};

/// The claims that hold roles (`AAD_ROLES_CLAIM`): one or more paths, separated by commas. The roles of
/// all paths count, each once.
///
/// A path is the name of a claim (`groups`, `https://example.com/roles`), or names separated by dots
/// that lead into objects (`realm_access.roles`). A claim whose name is the whole path comes first, so
/// that the dots of a URL need no escape. `*` as the last name stands for the names of an object's
/// members. A backslash makes a dot, a comma, `*` or a backslash part of a name.
///
/// ```
/// use aad_auth::config::{ClaimPath, RolesClaim};
///
/// let claims = RolesClaim::parse("roles, realm_access.roles")?;
/// let names: Vec<_> = claims.paths().iter().map(ClaimPath::name).collect();
/// assert_eq!(names, ["roles", "realm_access.roles"]);
/// # Ok::<_, &str>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RolesClaim(Cow<'static, [ClaimPath]>);

/// The most paths.
const MAX_PATHS: usize = 16;

/// The claim of Entra ID's app roles.
static ROLES: [ClaimPath; 1] = [ClaimPath::named("roles")];
static STANDARD: RolesClaim = RolesClaim(Cow::Borrowed(&ROLES));

impl Default for RolesClaim {
    fn default() -> Self {
        STANDARD.clone()
    }
}

impl RolesClaim {
    /// The claim `roles`: the default of `AAD_ROLES_CLAIM`.
    pub const fn standard() -> &'static Self {
        &STANDARD
    }

    /// Parses `AAD_ROLES_CLAIM`.
    ///
    /// # Errors
    /// The broken rule.
    pub fn parse(value: &str) -> Result<Self, &'static str> {
        let mut paths: Vec<ClaimPath> = Vec::new();
        for text in split(value, ',')? {
            let text = text.trim();
            if text.is_empty() {
                continue;
            }
            let path = ClaimPath::parse(text)?;
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
        match paths.len() {
            0 => Err("must name at least one claim"),
            1..=MAX_PATHS => Ok(Self(paths.into())),
            _ => Err("must name at most 16 claims"),
        }
    }

    /// The paths, in the order of the setting.
    pub fn paths(&self) -> &[ClaimPath] {
        &self.0
    }

    /// Whether a path reads the claim of this name.
    pub fn reads(&self, claim: &str) -> bool {
        self.0.iter().any(|path| path.begins_with(claim))
    }
}

impl fmt::Display for RolesClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, path) in self.0.iter().enumerate() {
            f.write_str(if at > 0 { "," } else { "" })?;
            path.fmt(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "roles_claim_tests.rs"]
mod tests;
