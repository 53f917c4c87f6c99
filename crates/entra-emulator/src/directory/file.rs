//! The directory: reading its TOML file and checking its ids.

use std::collections::HashSet;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Application, Group, Tenant, User};
use crate::encoding::is_guid;

/// The tenants, users, groups and applications of an emulator: the content of its configuration file.
///
/// [`Directory::default`] is invented; its text is `directory/default.toml` of this crate.
///
/// ```
/// use entra_emulator::{Directory, Emulator};
///
/// let mut directory = Directory::default();
/// directory.users.retain(|user| user.display_name.starts_with("Ada"));
/// let emulator = Emulator::builder().directory(directory).start()?;
/// assert_eq!(emulator.control().directory().users.len(), 1);
/// # Ok::<(), entra_emulator::StartError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Directory {
    /// At least the tenants that users, groups and applications name.
    pub tenants: Vec<Tenant>,
    /// User objects; a guest is a user object of the resource tenant.
    #[serde(default)]
    pub users: Vec<User>,
    /// The groups, directory roles and administrative units.
    #[serde(default)]
    pub groups: Vec<Group>,
    /// The application registrations.
    #[serde(default)]
    pub applications: Vec<Application>,
}

/// The reason for which a directory is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DirectoryError {
    /// The file cannot be read.
    #[error(
        "the directory file {path} cannot be read: {source}; give --config the path of a readable TOML file"
    )]
    Unreadable {
        /// The path as given.
        path: String,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// The text is not TOML of the expected form. The message quotes no part of it, because it holds secrets.
    #[error("the directory file is not valid: {0}; compare it with the default directory")]
    Syntax(String),
    /// Ids are repeated or malformed, or name an entry that does not exist; one sentence for each problem.
    #[error("the directory is inconsistent: {}", .0.join("; "))]
    Inconsistent(Vec<String>),
}

impl Directory {
    /// Returns the text of the default directory, to be copied and changed.
    #[must_use]
    pub fn default_toml() -> &'static str {
        DEFAULT_DIRECTORY
    }

    /// Reads a directory from TOML text.
    ///
    /// # Errors
    /// [`DirectoryError::Syntax`] or [`DirectoryError::Inconsistent`].
    pub fn from_toml(text: &str) -> Result<Self, DirectoryError> {
        let directory: Self = toml::from_str(text)
            .map_err(|error| DirectoryError::Syntax(describe_syntax_error(text, &error)))?;
        directory.check()?;
        Ok(directory)
    }

    /// Reads a directory from a TOML file.
    ///
    /// # Errors
    /// As [`Directory::from_toml`], and [`DirectoryError::Unreadable`].
    pub fn from_file(path: &Path) -> Result<Self, DirectoryError> {
        let text = std::fs::read_to_string(path).map_err(|source| DirectoryError::Unreadable {
            path: path.display().to_string(),
            source,
        })?;
        Self::from_toml(&text)
    }

    /// Checks that ids are GUIDs and unique, and that tenant references exist. Reports all problems at once.
    pub(crate) fn check(&self) -> Result<(), DirectoryError> {
        let mut problems = Vec::new();
        let mut seen = HashSet::new();
        for (what, id) in self.ids() {
            if !is_guid(id) {
                problems.push(format!("the id {id:?} of a {what} is not a GUID"));
            }
            if !seen.insert(id) {
                problems.push(format!(
                    "the id {id} is repeated (the second one is a {what})"
                ));
            }
        }
        let tenants: HashSet<&str> = self
            .tenants
            .iter()
            .map(|tenant| tenant.id.as_str())
            .collect();
        for (what, name, tenant) in self.tenant_references() {
            if !tenants.contains(tenant) {
                problems.push(format!(
                    "the {what} {name:?} names the tenant {tenant:?}, which is not in the file"
                ));
            }
        }
        if problems.is_empty() {
            Ok(())
        } else {
            Err(DirectoryError::Inconsistent(problems))
        }
    }

    fn ids(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let tenants = self
            .tenants
            .iter()
            .map(|tenant| ("tenant", tenant.id.as_str()));
        let users = self.users.iter().map(|user| ("user", user.id.as_str()));
        let groups = self.groups.iter().map(|group| ("group", group.id.as_str()));
        let applications = self
            .applications
            .iter()
            .map(|application| ("application", application.app_id.as_str()));
        tenants.chain(users).chain(groups).chain(applications)
    }

    fn tenant_references(&self) -> impl Iterator<Item = (&'static str, &str, &str)> {
        let users = self
            .users
            .iter()
            .map(|user| ("user", user.display_name.as_str(), user.tenant.as_str()));
        let groups = self
            .groups
            .iter()
            .map(|group| ("group", group.display_name.as_str(), group.tenant.as_str()));
        let applications = self.applications.iter().map(|application| {
            (
                "application",
                application.display_name.as_str(),
                application.tenant.as_str(),
            )
        });
        users.chain(groups).chain(applications)
    }
}

impl Default for Directory {
    /// The invented directory that comes with the crate.
    fn default() -> Self {
        let parsed = Self::from_toml(DEFAULT_DIRECTORY);
        debug_assert!(parsed.is_ok(), "{:?}", parsed.as_ref().err());
        parsed.unwrap_or(Self {
            tenants: Vec::new(),
            users: Vec::new(),
            groups: Vec::new(),
            applications: Vec::new(),
        })
    }
}

const DEFAULT_DIRECTORY: &str = include_str!("../../directory/default.toml");

/// Names the line, and a missing member; the library's own error would quote the line.
fn describe_syntax_error(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start));
    let line = before.map_or(1, |before| before.matches('\n').count().saturating_add(1));
    match error.message() {
        missing if missing.starts_with("missing field `") => format!("line {line}: {missing}"),
        _ => format!(
            "line {line} is not valid TOML, or holds a member or value that is not allowed there"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_directory_is_consistent() {
        Directory::from_toml(DEFAULT_DIRECTORY).unwrap();
    }

    #[test]
    fn every_problem_is_named_at_once() {
        let text = r#"
            [[tenants]]
            id = "not-a-guid"
            [[users]]
            id = "11111111-0000-4000-8000-000000000001"
            tenant = "missing"
            displayName = "Ada"
            [[users]]
            id = "11111111-0000-4000-8000-000000000001"
            tenant = "not-a-guid"
        "#;
        let error = Directory::from_toml(text).unwrap_err().to_string();
        assert!(
            error.contains("not-a-guid")
                && error.contains("is repeated")
                && error.contains("missing"),
            "{error}"
        );
    }

    #[test]
    fn w57_the_error_of_a_broken_directory_file_does_not_quote_it() {
        for (text, expected) in [
            ("\n[[tenants]]\nid = 'canary", "line 3 "),
            ("tenants = 'canary'", "line 1 "),
            ("[[tenants]]\nid = 'x'\ncanary = 'canary'", "line 3 "),
            ("[[tenants]]\nkind = 'canary'", "line 2 "),
            ("tenants = []\ncanary canary", "line 2 "),
            ("tenants = []\n[[users]]\nid = ['canary']", "line 3 "),
            ("users = []", "missing field `tenants`"),
        ] {
            let error = Directory::from_toml(text).unwrap_err();
            let said = format!("{error} {error:?}");
            assert!(said.contains(expected), "{text}: {said}");
            assert!(!said.contains("canary"), "{text}: {said}");
        }
    }

    #[test]
    fn an_unknown_member_of_a_user_is_refused() {
        assert!(Directory::from_toml("[[tenants]]\nid = 'x'\ncolour = 'red'").is_err());
    }

    #[test]
    fn accepts_a_manifest_with_unknown_members() {
        let manifest = r#"{"appId":"a","displayName":"b","tags":["x"],"info":{},"web":{"redirectUris":["u"]},"api":{"knownClientApplications":[]}}"#;
        let application: Application = serde_json::from_str(manifest).unwrap();
        assert_eq!(application.web.redirect_uris, ["u"]);
    }
}
