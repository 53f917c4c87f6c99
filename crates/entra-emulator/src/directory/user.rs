use serde::{Deserialize, Serialize};

/// A user object of one tenant. A guest is a user object of the resource tenant.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct User {
    /// The object id (a GUID).
    pub id: String,
    /// The tenant of this object.
    pub tenant: String,
    /// The sign-in name.
    pub user_principal_name: String,
    /// The display name.
    pub display_name: String,
    /// The given name, where there is one.
    pub given_name: Option<String>,
    /// The surname, where there is one.
    pub surname: Option<String>,
    /// The e-mail address, where there is one. Its owner may set it to anything: never a key.
    pub mail: Option<String>,
    /// Whether the tenant has verified the domain of `mail` (claim `xms_edov`).
    pub email_domain_verified: bool,
    /// The job title for Graph.
    pub job_title: Option<String>,
    /// The department for Graph.
    pub department: Option<String>,
    /// The office for Graph.
    pub office_location: Option<String>,
    /// The mobile number for Graph.
    pub mobile_phone: Option<String>,
    /// The preferred language for Graph.
    pub preferred_language: Option<String>,
    /// Whether the account may sign in; default: yes.
    pub account_enabled: bool,
    /// Guests only: who authenticated them (claim `idp`).
    pub idp: Option<String>,
    /// Direct memberships, by group id.
    pub member_of: Vec<String>,
    /// So many invented security groups more, for the groups overage.
    pub generated_groups: u32,
    /// App roles, by application and value.
    pub app_role_assignments: Vec<AppRoleAssignment>,
    /// So many invented app roles more (`Generated.01` …), in every application.
    pub generated_roles: u32,
    /// Whether Graph has a photo.
    pub photo: bool,
    /// Whether the first sign-in to each application asks for consent.
    pub needs_consent: bool,
    /// What makes this user interesting, in a few words for the picker.
    pub note: String,
}

/// One app role of a user in one application.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct AppRoleAssignment {
    /// The application (client) id.
    pub app_id: String,
    /// The role's value; empty: assigned without a role.
    pub role: String,
}

impl User {
    /// Whether this object is a guest of its tenant.
    #[must_use]
    pub fn is_guest(&self) -> bool {
        self.user_principal_name.contains("#EXT#")
    }

    /// The initials on the tile: of the first two words that begin with a letter.
    #[must_use]
    pub fn initials(&self) -> String {
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
