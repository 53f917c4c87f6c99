//! For whom and for which client tokens are issued.

use serde_json::json;

use crate::directory::{Application, User};
use crate::encoding::base64url;
use crate::http::Origin;
use crate::scope::Scopes;

use super::ClientAuth;

/// A user's session at a client, for which tokens are issued.
#[derive(Clone, Debug)]
pub(crate) struct UserSession {
    pub(crate) origin: Origin,
    pub(crate) user: User,
    pub(crate) application: Application,
    /// The user flow; `None` unless the authority is a B2C tenant.
    pub(crate) policy: Option<String>,
    pub(crate) scopes: Scopes,
    pub(crate) nonce: Option<String>,
    pub(crate) sid: String,
    /// Seconds since the Unix epoch.
    pub(crate) auth_time: i64,
    /// The request had `max_age`, so that the ID token carries `auth_time` in any case.
    pub(crate) show_auth_time: bool,
    /// The authentication contexts of the `claims` parameter.
    pub(crate) acrs: Vec<String>,
    pub(crate) client_auth: ClientAuth,
    /// `xms_cc` of the `claims` parameter.
    pub(crate) client_capabilities: Vec<String>,
}

/// An application's session for itself, without a user.
pub(super) struct ApplicationSession {
    pub(super) origin: Origin,
    pub(super) application: Application,
    /// The id of the tenant.
    pub(super) tid: String,
    pub(super) client_auth: ClientAuth,
}

/// Builds `client_info`: home object and tenant of the user.
pub(crate) fn client_info(user: &User) -> String {
    base64url(json!({ "uid": user.id, "utid": user.tenant }).to_string())
}
