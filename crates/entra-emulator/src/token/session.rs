use serde_json::json;

use crate::directory::{Application, User};
use crate::encoding::base64url;
use crate::http::Origin;
use crate::scope::Scopes;

use super::ClientAuth;

/// For whom, to whom and under what conditions tokens of a user are made.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) origin: Origin,
    pub(crate) user: User,
    pub(crate) application: Application,
    /// The user flow, at a B2C-like authority.
    pub(crate) policy: Option<String>,
    pub(crate) scopes: Scopes,
    pub(crate) nonce: Option<String>,
    pub(crate) sid: String,
    pub(crate) auth_time: i64,
    /// `auth_time` goes into the ID token though it is not configured, because `max_age` was asked for.
    pub(crate) show_auth_time: bool,
    pub(crate) acrs: Vec<String>,
    pub(crate) client_auth: ClientAuth,
    /// `xms_cc` of the `claims` parameter.
    pub(crate) client_capabilities: Vec<String>,
}

/// `client_info`: home object and tenant of the user.
pub(crate) fn client_info(user: &User) -> String {
    base64url(json!({ "uid": user.id, "utid": user.tenant }).to_string())
}
