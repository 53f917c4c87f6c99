//! A user object and its app-role assignments.

use serde::{Deserialize, Serialize};

use crate::encoding::base64url;

/// A user object of one tenant.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct User {
    /// The object id, a GUID.
    pub id: String,
    /// The id of the tenant that holds this object.
    pub tenant: String,
    /// The sign-in name; that of a guest contains `#EXT#`.
    pub user_principal_name: String,
    /// The full name: the claim `name`.
    pub display_name: String,
    /// The given name; `None`: tokens and Graph have none.
    pub given_name: Option<String>,
    /// The surname; `None`: tokens and Graph have none.
    pub surname: Option<String>,
    /// The e-mail address. Users can set it to any value, so applications must not identify users by it.
    pub mail: Option<String>,
    /// The value of the claim `xms_edov`: the tenant has verified the domain of `mail`.
    pub email_domain_verified: bool,
    /// Only Graph answers it.
    pub job_title: Option<String>,
    /// Only Graph answers it.
    pub department: Option<String>,
    /// Only Graph answers it.
    pub office_location: Option<String>,
    /// Only Graph answers it.
    pub mobile_phone: Option<String>,
    /// Only Graph answers it, such as `en-GB`.
    pub preferred_language: Option<String>,
    /// `false` refuses sign-ins and refreshes; default `true`.
    pub account_enabled: bool,
    /// Guests only: the identity provider that authenticated them (claim `idp`).
    pub idp: Option<String>,
    /// The ids of the groups of which the user is a direct member.
    pub member_of: Vec<String>,
    /// The number of generated security groups beside `member_of`; more than 200 cause the groups overage.
    pub generated_groups: u32,
    /// The assignments to applications and their app roles.
    pub app_role_assignments: Vec<AppRoleAssignment>,
    /// The number of generated app roles (`Generated.01` …) in every application.
    pub generated_roles: u32,
    /// Graph answers a generated photo.
    pub photo: bool,
    /// Asks for consent at the first sign-in to each application.
    pub needs_consent: bool,
    /// What is special about this user, in a few words for the account page.
    pub note: String,
}

/// The assignment of a user to an application, with or without an app role.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct AppRoleAssignment {
    /// The application (client) id.
    pub app_id: String,
    /// The value of the app role; empty: assigned without a role.
    pub role: String,
}

impl User {
    /// Tells whether this object is a guest of its tenant.
    pub(crate) fn is_guest(&self) -> bool {
        self.user_principal_name.contains("#EXT#")
    }

    /// Tells whether the user is assigned to the application, with or without a role.
    pub(crate) fn is_assigned(&self, app_id: &str) -> bool {
        self.generated_roles > 0
            || self
                .app_role_assignments
                .iter()
                .any(|assignment| assignment.app_id == app_id)
    }

    /// Returns the opaque value of the claim `login_hint`.
    pub(crate) fn login_hint(&self) -> String {
        format!("O.{}", base64url(format!("{}.{}", self.id, self.tenant)))
    }

    /// Tells whether a `login_hint` parameter means this user: user name, e-mail address or `login_hint` claim.
    pub(crate) fn is_hinted(&self, hint: &str) -> bool {
        let same = |text: &str| text.eq_ignore_ascii_case(hint);
        same(&self.user_principal_name)
            || self.mail.as_deref().is_some_and(same)
            || hint == self.login_hint()
    }

    /// Returns the initials of the first two words of the display name that contain a letter.
    pub(crate) fn initials(&self) -> String {
        let letters = self
            .display_name
            .split_whitespace()
            .filter_map(|word| word.chars().find(|c| c.is_alphabetic()));
        let initials: String = letters.take(2).flat_map(char::to_uppercase).collect();
        if initials.is_empty() {
            "?".to_owned()
        } else {
            initials
        }
    }
}

impl Default for User {
    fn default() -> Self {
        Self {
            id: String::new(),
            tenant: String::new(),
            user_principal_name: String::new(),
            display_name: String::new(),
            given_name: None,
            surname: None,
            mail: None,
            email_domain_verified: false,
            job_title: None,
            department: None,
            office_location: None,
            mobile_phone: None,
            preferred_language: None,
            account_enabled: true,
            idp: None,
            member_of: Vec::new(),
            generated_groups: 0,
            app_role_assignments: Vec::new(),
            generated_roles: 0,
            photo: false,
            needs_consent: false,
            note: String::new(),
        }
    }
}
