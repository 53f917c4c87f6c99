//! Lookups in the directory by the names that requests use.

use super::{Application, Directory, Tenant, TenantKind, User};

/// The tenant id of personal accounts.
pub(crate) const CONSUMER_TENANT: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

impl Directory {
    /// Finds a tenant by id or verified domain.
    pub(crate) fn tenant(&self, name: &str) -> Option<&Tenant> {
        let same = |known: &str| known.eq_ignore_ascii_case(name);
        self.tenants
            .iter()
            .find(|tenant| same(&tenant.id) || tenant.domains.iter().any(|domain| same(domain)))
    }

    /// Finds an application by client id.
    pub(crate) fn application(&self, app_id: &str) -> Option<&Application> {
        self.applications
            .iter()
            .find(|application| application.app_id.eq_ignore_ascii_case(app_id))
    }

    /// Finds an API by the resource name of a scope (App ID URI or client id).
    pub(crate) fn resource(&self, name: &str) -> Option<&Application> {
        self.applications
            .iter()
            .find(|application| application.is_resource(name))
    }

    /// Finds a user by object id.
    pub(crate) fn user(&self, id: &str) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    /// Finds a user by object id, sign-in name or e-mail address; `None` searches all tenants.
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

    /// Tells whether the user is a personal account.
    pub(crate) fn is_personal(&self, user: &User) -> bool {
        self.tenant(&user.tenant)
            .is_some_and(|tenant| tenant.kind == TenantKind::Consumers)
    }
}
