//! A group, directory role or administrative unit.

use serde::{Deserialize, Serialize};

/// A group, a directory role or an administrative unit.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Group {
    /// The object id, a GUID.
    pub id: String,
    /// The id of the tenant that holds the group.
    pub tenant: String,
    /// The name that Graph answers.
    pub display_name: String,
    /// The ids of the groups of which this group is a member (nesting).
    pub member_of: Vec<String>,
    /// A security group, whose id may appear in tokens; default `true`.
    #[serde(default = "enabled")]
    pub security_enabled: bool,
    /// The template id of a directory role, a value of the claim `wids`; `None` for any other group.
    pub role_template_id: Option<String>,
}

fn enabled() -> bool {
    true
}
