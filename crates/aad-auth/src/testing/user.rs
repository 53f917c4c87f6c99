//! Users for tests.

use std::time::Duration;

use actix_web::cookie::Cookie;
use aws_lc_rs::digest;

use super::instance::TENANT;
use crate::{
    secret::{Pii, Secret},
    session::{Memberships, NewSession, TokenSet, UserSnapshot},
    validation::{Oid, Tid, UserKey},
    web::Auth,
};

/// A user who signs in without a provider. One name is one user, in all tests.
///
/// ```
/// use aad_auth::testing::{self, TestUser};
///
/// # actix_web::rt::System::new().block_on(async {
/// let auth = testing::auth();
/// let cookie = TestUser::new("Ada").role("Admin").sign_in(&auth).await;
/// assert_eq!(cookie.name(), auth.config().cookies.session);
/// # });
/// ```
#[derive(Clone)]
pub struct TestUser(UserSnapshot);

impl TestUser {
    /// A user with a display name and nothing else: no role, no group.
    ///
    /// # Panics
    /// Only if the crate has a bug.
    pub fn new(name: &str) -> Self {
        let id = object_id(name);
        let (tid, oid) = (Tid::parse(TENANT), Oid::parse(&id));
        #[expect(clippy::unwrap_used, reason = "both are in the right form")]
        let key = UserKey::Directory {
            tid: tid.unwrap(),
            oid: oid.unwrap(),
        };
        Self(UserSnapshot {
            key,
            iss: format!("https://login.microsoftonline.com/{TENANT}/v2.0"),
            sub: id,
            name: Some(Pii::new(name)),
            preferred_username: None,
            email: None,
            roles: Vec::new(),
            roles_incomplete: false,
            roles_of_userinfo: Vec::new(),
            groups_of_userinfo: false,
            groups: Memberships::default(),
            scopes: Vec::new(),
            sid: None,
            login_hint: None,
            acrs: Vec::new(),
            auth_time: None,
        })
    }

    /// Adds an app role.
    #[must_use]
    pub fn role(mut self, value: &str) -> Self {
        self.0.roles.push(value.into());
        self
    }

    /// States that the token does not list all roles. Guards know nothing about other roles then.
    #[must_use]
    pub const fn roles_incomplete(mut self) -> Self {
        self.0.roles_incomplete = true;
        self
    }

    /// Adds a group, by its object id.
    #[must_use]
    pub fn group(mut self, id: &str) -> Self {
        self.0.groups.ids.push(id.into());
        self
    }

    /// States that the user is in more groups than a token lists (group overage). Guards know nothing about
    /// any group then.
    #[must_use]
    pub fn groups_overage(mut self) -> Self {
        self.0.groups = Memberships {
            ids: Vec::new(),
            overage: true,
        };
        self
    }

    /// Sets the user name (`preferred_username`).
    #[must_use]
    pub fn user_name(mut self, name: &str) -> Self {
        self.0.preferred_username = Some(Pii::new(name));
        self
    }

    /// Sets the e-mail address.
    #[must_use]
    pub fn email(mut self, address: &str) -> Self {
        self.0.email = Some(Pii::new(address));
        self
    }

    /// Changes any other value of the session's snapshot of the user.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut UserSnapshot)) -> Self {
        change(&mut self.0);
        self
    }

    /// Begins a session at an instance, and returns its cookie.
    ///
    /// The tokens of the session are not valid at any provider. The sign-in hook is not called.
    ///
    /// # Panics
    /// If the store cannot be written.
    #[expect(clippy::panic, reason = "a test cannot go on without its user")]
    pub async fn sign_in(&self, auth: &Auth) -> Cookie<'static> {
        let engine = auth.engine();
        let now = engine.clock().now();
        let new = NewSession {
            user: self.0.clone(),
            tokens: TokenSet {
                access_token: Some(Secret::from("no access token: a test user")),
                expires_at: now + Duration::from_secs(60 * 60),
                scopes: self.0.scopes.iter().map(ToString::to_string).collect(),
                refresh_token: None,
                id_token: None,
            },
            // Later than an end of all sessions in the same millisecond, which must not apply to it.
            attempt_started: now + Duration::from_millis(1),
            device: None,
            previous: None,
        };
        let session = match engine.sessions().create(new).await {
            Ok(Some(session)) => session,
            Ok(None) => panic!("the sessions of this user were ended at the same time"),
            Err(error) => panic!("the store cannot be written: {error}"),
        };
        let name = auth.config().cookies.session.clone();
        Cookie::new(name, session.id().to_cookie().to_string())
    }
}

/// An object id in the form of a GUID, derived from the name.
fn object_id(name: &str) -> String {
    let digest = digest::digest(&digest::SHA256, name.as_bytes());
    let hex: String = digest.as_ref()[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    parts.join("-")
}
