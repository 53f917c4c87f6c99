//! Finding things by the names that requests use.

use super::generated::app_roles;
use super::{Application, Directory, Tenant, TenantKind, User};

/// The tenant id of personal accounts (`entra.md` appendix B).
pub(crate) const CONSUMER_TENANT: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

impl Directory {
    /// The tenant with this id or verified domain.
    #[must_use]
    pub fn tenant(&self, name: &str) -> Option<&Tenant> {
        let same = |known: &str| known.eq_ignore_ascii_case(name);
        self.tenants
            .iter()
            .find(|tenant| same(&tenant.id) || tenant.domains.iter().any(|domain| same(domain)))
    }

    /// The application with this client id.
    #[must_use]
    pub fn application(&self, app_id: &str) -> Option<&Application> {
        self.applications
            .iter()
            .find(|application| application.app_id.eq_ignore_ascii_case(app_id))
    }

    /// The application that answers to this resource name (App ID URI or client id).
    #[must_use]
    pub fn resource(&self, name: &str) -> Option<&Application> {
        self.applications
            .iter()
            .find(|application| application.is_resource(name))
    }

    /// The user with this object id.
    #[must_use]
    pub fn user(&self, id: &str) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    /// The user with this object id, sign-in name or e-mail address; within the tenant when one is given.
    #[must_use]
    pub fn find_user(&self, name: &str, tenant: Option<&str>) -> Option<&User> {
        let inside = |user: &&User| tenant.is_none_or(|tenant| user.tenant == tenant);
        let by = |same: fn(&User, &str) -> bool| {
            self.users
                .iter()
                .filter(inside)
                .find(|user| same(user, name))
        };
        by(|user, name| user.id.eq_ignore_ascii_case(name))
            .or_else(|| by(|user, name| user.user_principal_name.eq_ignore_ascii_case(name)))
            .or_else(|| {
                by(|user, name| {
                    user.mail
                        .as_deref()
                        .is_some_and(|mail| mail.eq_ignore_ascii_case(name))
                })
            })
    }

    /// Whether the user is a personal account.
    pub(crate) fn is_personal(&self, user: &User) -> bool {
        self.tenant(&user.tenant)
            .is_some_and(|tenant| tenant.kind == TenantKind::Consumers)
    }

    /// Whether the user is assigned to the application, with or without a role.
    pub(crate) fn is_assigned(user: &User, app_id: &str) -> bool {
        user.generated_roles > 0
            || user
                .app_role_assignments
                .iter()
                .any(|assignment| assignment.app_id == app_id)
    }

    /// The values of the user's app roles in an application.
    pub(crate) fn app_roles(user: &User, app_id: &str) -> Vec<String> {
        app_roles(user, app_id)
    }
}
