//! Typed claims.

use super::{Groups, NumericDate, Oid, RolePaths, Roles, Sub, Tid};
use crate::secret::Pii;

/// The claims of a token, typed but not yet checked. It has no `Debug`: claims are personal.
#[derive(Clone)]
#[non_exhaustive]
pub struct Claims {
    /// `iss`, unchanged.
    pub iss: Option<Box<str>>,
    /// `aud`: one or several, none empty or blank.
    pub aud: Vec<Box<str>>,
    /// `sub`. Where it is Azure AD B2C's placeholder, `oid` replaces it.
    pub sub: Option<Sub>,
    /// Whether `sub` is Azure AD B2C's placeholder, which is the same for every user.
    pub placeholder_subject: bool,
    /// `tid`. `None` where tokens have no directory claims and `tid` is no GUID.
    pub tid: Option<Tid>,
    /// `oid`
    pub oid: Option<Oid>,
    /// `exp`
    pub exp: Option<NumericDate>,
    /// `nbf`
    pub nbf: Option<NumericDate>,
    /// `iat`
    pub iat: Option<NumericDate>,
    /// `auth_time`
    pub auth_time: Option<NumericDate>,
    /// `jti`
    pub jti: Option<Box<str>>,
    /// `ver`
    pub ver: Option<Box<str>>,
    /// `nonce`
    pub nonce: Option<Box<str>>,
    /// `azp`
    pub azp: Option<Box<str>>,
    /// `appid`, the `azp` of v1 tokens.
    pub appid: Option<Box<str>>,
    /// `client_id` (RFC 9068)
    pub client_id: Option<Box<str>>,
    /// `azpacr`: the client authentication method.
    #[cfg_attr(
        not(feature = "unstable-internals"),
        expect(dead_code, reason = "only tests read it")
    )]
    pub azpacr: Option<Box<str>>,
    /// `at_hash`
    pub at_hash: Option<Box<str>>,
    /// `c_hash`
    pub c_hash: Option<Box<str>>,
    /// `idtyp`
    pub idtyp: Option<Box<str>>,
    /// `scp`, or `scope` (RFC 9068): delegated permissions, separated by blanks. Written as a text or
    /// as an array of texts.
    pub scopes: Option<Box<str>>,
    /// Whether `cnf` (RFC 7800) is present in any form: the token then needs a proof of possession of a
    /// key. JSON `null` counts as absent.
    pub bound_to_key: bool,
    /// The roles, in the claims that `AAD_ROLES_CLAIM` names.
    pub roles: Roles,
    /// Whether a client was granted roles: [`Roles::are_granted`].
    pub(crate) granted_roles: bool,
    /// The paths of `AAD_ROLES_CLAIM` without a value.
    pub(crate) absent_role_paths: RolePaths,
    /// `wids`: ids of directory roles.
    pub wids: Vec<Box<str>>,
    /// `groups`, or the notice that there are too many.
    pub groups: Groups,
    /// `acr`
    pub acr: Option<Box<str>>,
    /// `acrs`: the satisfied authentication contexts.
    pub acrs: Vec<Box<str>>,
    /// `xms_cc`: the capabilities of the client.
    pub xms_cc: Vec<Box<str>>,
    /// `sid`: the session at the provider.
    pub sid: Option<Box<str>>,
    /// `login_hint`, opaque.
    pub login_hint: Option<Box<str>>,
    /// `tfp`: the user flow. Older user flows have it in `acr`.
    pub tfp: Option<Box<str>>,
    /// `name`: for display only.
    pub name: Option<Pii>,
    /// `preferred_username`: for display only.
    pub preferred_username: Option<Pii>,
    /// `email`: for display only, since any tenant may claim any address.
    pub email: Option<Pii>,
    /// Whether `events` names a back-channel logout (OpenID Connect Back-Channel Logout 1.0
    /// section 2.4), when there is one.
    pub logout_event: Option<bool>,
}

impl Claims {
    /// Whether the subject is the client itself and not a user. `idtyp` decides. Without it, the subject
    /// equals the client (RFC 9068 sections 2.2 and 5), or it equals the object id and there are no
    /// delegated permissions (Entra "access tokens").
    ///
    /// A `scope` does not prove a user: RFC 9068 allows it in a client's own token.
    pub fn is_application(&self) -> bool {
        if let Some(idtyp) = self.idtyp.as_deref() {
            return idtyp == "app";
        }
        let Some(sub) = self.sub.as_ref().map(Sub::as_str) else {
            return false;
        };
        let clients = [&self.client_id, &self.azp, &self.appid];
        let is_client = clients.into_iter().flatten().any(|client| **client == *sub);
        let is_object = self.oid.as_ref().is_some_and(|oid| oid.as_str() == sub);
        is_client || (is_object && self.scopes.is_none())
    }
}
