//! Typed claims.

use super::{Groups, NumericDate, Oid, Paths, Roles, Sub, Tid};
use crate::secret::Pii;

/// The claims of a token, typed but not yet checked. It has no `Debug`: claims are personal.
#[derive(Clone)]
#[non_exhaustive]
pub struct Claims {
    /// `iss`, as it is.
    pub iss: Option<Box<str>>,
    /// `aud`: one or several, none empty or blank.
    pub aud: Vec<Box<str>>,
    /// `sub`; where that is Azure AD B2C's text for everybody, `oid`.
    pub sub: Option<Sub>,
    /// Whether `sub` holds Azure AD B2C's text for everybody.
    pub placeholder_subject: bool,
    /// `tid`; always none where tokens carry no directory claims and it is no GUID.
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
    /// `azpacr`: how the client proved itself.
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
    /// `cnf` (RFC 7800) in whatever form: the token is of use only with the proof that its holder has
    /// a key. JSON `null` is absence.
    pub bound_to_key: bool,
    /// The roles, in the claims that `AAD_ROLES_CLAIM` names.
    pub roles: Roles,
    /// Whether an application was granted roles: [`Roles::are_granted`].
    pub(crate) granted_roles: bool,
    /// Those of these claims that are not there.
    pub(crate) unsaid_roles: Paths,
    /// `wids`: ids of directory roles.
    pub wids: Vec<Box<str>>,
    /// `groups`, or the notice that there are too many.
    pub groups: Groups,
    /// `acr`
    pub acr: Option<Box<str>>,
    /// `acrs`: authentication contexts that are satisfied.
    pub acrs: Vec<Box<str>>,
    /// `xms_cc`: what the client can handle.
    pub xms_cc: Vec<Box<str>>,
    /// `sid`: the session at the provider.
    pub sid: Option<Box<str>>,
    /// `login_hint`: opaque.
    pub login_hint: Option<Box<str>>,
    /// `tfp`, or for older user flows `acr`: the policy.
    pub tfp: Option<Box<str>>,
    /// `name`: for display only.
    pub name: Option<Pii>,
    /// `preferred_username`: for display only.
    pub preferred_username: Option<Pii>,
    /// `email`: for display only; any tenant may claim any.
    pub email: Option<Pii>,
    /// Whether `events` names a back-channel logout (OpenID Connect Back-Channel Logout 1.0
    /// section 2.4), when there is one.
    pub logout_event: Option<bool>,
}

impl Claims {
    /// Whether the token speaks of the application itself and not of a user. `idtyp` says so;
    /// without it, the subject does, which is the client (RFC 9068 sections 2.2 and 5), or else
    /// there are no delegated permissions and the object is the subject (Entra "access tokens").
    ///
    /// A `scope` in the token of a client proves no user: RFC 9068 has it there too.
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
