use std::collections::HashSet;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Application, Group, Tenant, User};
use crate::encoding::is_guid;

/// Everything the emulator serves: the content of its configuration file.
///
/// The default is an invented pair of tenants, described in `directory/default.toml` of this crate.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Directory {
    /// The tenants.
    pub tenants: Vec<Tenant>,
    /// The users.
    #[serde(default)]
    pub users: Vec<User>,
    /// The groups, directory roles and administrative units.
    #[serde(default)]
    pub groups: Vec<Group>,
    /// The application registrations.
    #[serde(default)]
    pub applications: Vec<Application>,
}

/// Why a directory file is refused.
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
        /// What the system said.
        source: std::io::Error,
    },
    /// The text is not TOML of the expected form. No part of it is told: it holds secrets and passwords.
    #[error("the directory file is not valid: {0}; compare it with the default directory")]
    Syntax(String),
    /// Two entries contradict each other, or an id is not one.
    #[error("the directory does not hold together: {}", .0.join("; "))]
    Inconsistent(Vec<String>),
}

impl Directory {
    /// The text of the default directory: a beginning for one's own.
    #[must_use]
    pub fn default_toml() -> &'static str {
        DEFAULT_DIRECTORY
    }

    /// Reads a directory from TOML text.
    ///
    /// # Errors
    /// When the text is not TOML of this form, or when its ids do not hold together.
    pub fn from_toml(text: &str) -> Result<Self, DirectoryError> {
        let directory: Self = toml::from_str(text)
            .map_err(|error| DirectoryError::Syntax(syntax_fault(text, &error)))?;
        directory.check()?;
        Ok(directory)
    }

    /// Reads a directory from a TOML file.
    ///
    /// # Errors
    /// As [`Directory::from_toml`], and when the file cannot be read.
    pub fn from_file(path: &Path) -> Result<Self, DirectoryError> {
        let text = std::fs::read_to_string(path).map_err(|source| DirectoryError::Unreadable {
            path: path.display().to_string(),
            source,
        })?;
        Self::from_toml(&text)
    }

    /// Checks that ids are GUIDs, unique, and refer to something. All problems are reported at once.
    ///
    /// # Errors
    /// With one sentence for each problem.
    pub fn check(&self) -> Result<(), DirectoryError> {
        let mut problems = Vec::new();
        let mut seen = HashSet::new();
        for (what, id) in self.ids() {
            if !is_guid(id) {
                problems.push(format!("the id {id:?} of a {what} is not a GUID"));
            }
            if !seen.insert(id) {
                problems.push(format!(
                    "the id {id} stands twice (second time as a {what})"
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

/// The line, and the name of a member that is missing: the library's own error quotes the line.
fn syntax_fault(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start));
    let line = before.map_or(1, |before| before.matches('\n').count().saturating_add(1));
    match error.message() {
        missing if missing.starts_with("missing field `") => format!("line {line}: {missing}"),
        _ => format!("line {line} cannot be read, or is not expected there"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_directory_holds_together() {
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
            displayName = "Somebody"
            [[users]]
            id = "11111111-0000-4000-8000-000000000001"
            tenant = "not-a-guid"
        "#;
        let error = Directory::from_toml(text).unwrap_err().to_string();
        assert!(
            error.contains("not-a-guid")
                && error.contains("stands twice")
                && error.contains("missing"),
            "{error}"
        );
    }

    #[test]
    fn w57_a_directory_file_that_cannot_be_read_is_told_without_its_content() {
        for (text, told) in [
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
            assert!(said.contains(told), "{text}: {said}");
            assert!(!said.contains("canary"), "{text}: {said}");
        }
    }

    #[test]
    fn an_unknown_member_of_a_user_is_refused() {
        assert!(Directory::from_toml("[[tenants]]\nid = 'x'\ncolour = 'red'").is_err());
    }

    #[test]
    fn a_manifest_with_members_we_do_not_know_is_read() {
        let manifest = r#"{"appId":"a","displayName":"b","tags":["x"],"info":{},"web":{"redirectUris":["u"]},"api":{"knownClientApplications":[]}}"#;
        let application: Application = serde_json::from_str(manifest).unwrap();
        assert_eq!(application.web.redirect_uris, ["u"]);
    }
}
