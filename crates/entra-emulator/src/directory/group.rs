use serde::{Deserialize, Serialize};

/// A group, a directory role or an administrative unit.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Group {
    /// The object id (a GUID).
    pub id: String,
    /// The tenant it belongs to.
    pub tenant: String,
    /// The name Graph answers.
    pub display_name: String,
    /// Groups this one is a member of (nesting).
    pub member_of: Vec<String>,
    /// Whether it is a security group; default: yes.
    #[serde(default = "yes")]
    pub security_enabled: bool,
    /// Set for a directory role: the id of its template, which goes into the claim `wids`.
    pub role_template_id: Option<String>,
}

fn yes() -> bool {
    true
}
