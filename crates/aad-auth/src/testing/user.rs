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

/// A user who signs in without a provider. The same name is the same user, also in another test.
#[derive(Clone)]
pub struct TestUser(UserSnapshot);

impl TestUser {
    /// A user with a display name and nothing else: no role, no group.
    ///
    /// # Panics
    /// Never, unless the crate is broken.
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

    /// With an app role more.
    #[must_use]
    pub fn role(mut self, value: &str) -> Self {
        self.0.roles.push(value.into());
        self
    }

    /// With more roles than are listed: guards then know nothing about any other.
    #[must_use]
    pub const fn roles_incomplete(mut self) -> Self {
        self.0.roles_incomplete = true;
        self
    }

    /// In a group more, by its object id.
    #[must_use]
    pub fn group(mut self, id: &str) -> Self {
        self.0.groups.ids.push(id.into());
        self
    }

    /// In more groups than a token lists: guards then know nothing about any of them.
    #[must_use]
    pub fn groups_overage(mut self) -> Self {
        self.0.groups = Memberships {
            ids: Vec::new(),
            overage: true,
        };
        self
    }

    /// With a user name (`preferred_username`).
    #[must_use]
    pub fn user_name(mut self, name: &str) -> Self {
        self.0.preferred_username = Some(Pii::new(name));
        self
    }

    /// With an e-mail address.
    #[must_use]
    pub fn email(mut self, address: &str) -> Self {
        self.0.email = Some(Pii::new(address));
        self
    }

    /// With any other change to what the session remembers.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut UserSnapshot)) -> Self {
        change(&mut self.0);
        self
    }

    /// Begins a session at an instance, and returns its cookie. The session's tokens are no
    /// tokens: whoever asks a provider with them is refused. The sign-in hook is not asked.
    ///
    /// # Panics
    /// When the store cannot be written.
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
            // A moment later, so that an end of all sessions before it does not count for it.
            attempt_started: now + Duration::from_millis(1),
            device: None,
            previous: None,
        };
        let session = match engine.sessions().create(new).await {
            Ok(Some(session)) => session,
            Ok(None) => panic!("the sessions of this user were ended at this very moment"),
            Err(error) => panic!("the store cannot be written: {error}"),
        };
        let name = auth.config().cookies.session.clone();
        Cookie::new(name, session.id().to_cookie().to_string())
    }
}

/// An object id that is made of the name: the form of a GUID.
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
