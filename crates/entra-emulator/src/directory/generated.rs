//! Invented groups and roles for users whose tokens must be large.

use crate::encoding::sha256;
use crate::random::guid_of;

use super::{Directory, Group, User};

impl Directory {
    /// Every group the user is in: direct, nested, and invented ones, each once, in a stable order.
    pub(crate) fn transitive_groups(&self, user: &User) -> Vec<Group> {
        let mut found: Vec<Group> = Vec::new();
        let mut open: Vec<&str> = user.member_of.iter().map(String::as_str).collect();
        while let Some(id) = open.pop() {
            if found.iter().any(|group| group.id == id) {
                continue;
            }
            if let Some(group) = self
                .groups
                .iter()
                .find(|group| group.id == id && group.tenant == user.tenant)
            {
                open.extend(group.member_of.iter().map(String::as_str));
                found.push(group.clone());
            }
        }
        found.extend(generated_groups(user));
        found
    }

    /// The groups the user is a direct member of, invented ones among them.
    pub(crate) fn direct_groups(&self, user: &User) -> Vec<Group> {
        let named = self
            .groups
            .iter()
            .filter(|group| group.tenant == user.tenant && user.member_of.contains(&group.id));
        named.cloned().chain(generated_groups(user)).collect()
    }
}

/// The values of the user's app roles in an application.
pub(crate) fn app_roles(user: &User, app_id: &str) -> Vec<String> {
    let assigned = user
        .app_role_assignments
        .iter()
        .filter(|assignment| assignment.app_id == app_id);
    let assigned = assigned
        .map(|assignment| assignment.role.clone())
        .filter(|role| !role.is_empty());
    assigned
        .chain((1..=user.generated_roles).map(|number| format!("Generated.{number:02}")))
        .collect()
}

fn generated_groups(user: &User) -> impl Iterator<Item = Group> {
    (1..=user.generated_groups).map(|number| Group {
        id: generated_id(&user.tenant, number),
        tenant: user.tenant.clone(),
        display_name: format!("Generated group {number:03}"),
        member_of: Vec::new(),
        security_enabled: true,
        role_template_id: None,
    })
}

fn generated_id(tenant: &str, number: u32) -> String {
    let mut bytes = [0_u8; 16];
    for (target, source) in bytes
        .iter_mut()
        .zip(sha256(format!("group {tenant} {number}")))
    {
        *target = source;
    }
    guid_of(bytes)
}
