//! Group memberships and app roles of a user, with generated ones for users whose tokens must be large.

use crate::random::derived_guid;

use super::{Directory, Group, User};

impl Directory {
    /// Lists the user's groups, direct, nested and generated ones, each once and in a stable order.
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

    /// Lists the groups of which the user is a direct member, and the generated ones.
    pub(crate) fn direct_groups(&self, user: &User) -> Vec<Group> {
        let named = self
            .groups
            .iter()
            .filter(|group| group.tenant == user.tenant && user.member_of.contains(&group.id));
        named.cloned().chain(generated_groups(user)).collect()
    }
}

impl User {
    /// Lists the values of the user's app roles in an application, with the generated ones.
    pub(crate) fn app_roles(&self, app_id: &str) -> Vec<String> {
        let assigned = self
            .app_role_assignments
            .iter()
            .filter(|assignment| assignment.app_id == app_id);
        let assigned = assigned
            .map(|assignment| assignment.role.clone())
            .filter(|role| !role.is_empty());
        assigned
            .chain((1..=self.generated_roles).map(|number| format!("Generated.{number:02}")))
            .collect()
    }
}

fn generated_groups(user: &User) -> impl Iterator<Item = Group> {
    (1..=user.generated_groups).map(|number| Group {
        id: derived_guid(&format!("group {} {number}", user.tenant)),
        tenant: user.tenant.clone(),
        display_name: format!("Generated group {number:03}"),
        member_of: Vec::new(),
        security_enabled: true,
        role_template_id: None,
    })
}
