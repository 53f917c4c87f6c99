//! Builds tokens of any content, for tests of APIs.

use std::sync::Arc;

use serde_json::{Value, json};

use super::ControlError;
use crate::authority::issuer;
use crate::directory::Directory;
use crate::jwt::{Draft, Mutation, compact};
use crate::keys::KeyError;
use crate::members::Members;
use crate::state::State;
use crate::sync::read;
use crate::token::{KeyOwner, jwt_header, pairwise_subject, signers};

/// Builds a token with any header and claims; see [`Control::mint`](super::Control::mint).
///
/// The emulator's key signs it, unless a [`Mutation`] names another.
///
/// ```
/// use entra_emulator::{Emulator, Mutation};
///
/// let emulator = Emulator::builder().start()?;
/// let api = "00001111-aaaa-4222-8333-000000000003";
/// let token = emulator
///     .control()
///     .mint()
///     .user_token("ada@northwind.example.test", api, "Tickets.Read")
///     .and_then(|mint| mint.claim("roles", "Admin").mutate(Mutation::expired()).sign())
///     .unwrap();
/// assert_eq!(token.split('.').count(), 3);
/// # Ok::<(), entra_emulator::StartError>(())
/// ```
#[must_use]
pub struct Mint {
    state: Arc<State>,
    /// The client id of the audience; its own key signs the token when it has one.
    app_id: Option<String>,
    claims: Members,
    mutation: Mutation,
}

impl Mint {
    pub(crate) fn new(state: Arc<State>) -> Self {
        Self {
            state,
            app_id: None,
            claims: Members::default(),
            mutation: Mutation::none(),
        }
    }

    /// Starts with the claims of a v2 access token of a user for an API, with these scopes.
    ///
    /// # Errors
    /// [`ControlError::UnknownUser`] and [`ControlError::UnknownApplication`].
    pub fn user_token(mut self, user: &str, api: &str, scopes: &str) -> Result<Self, ControlError> {
        let directory = read(&self.state.directory).clone();
        let found = directory
            .find_user(user, None)
            .ok_or_else(|| ControlError::UnknownUser(user.to_owned()))?;
        self.start(&directory, api, &found.tenant)?;
        self.claims.set("oid", &found.id);
        self.claims.set("sub", pairwise_subject(api, &found.id));
        self.claims.set("name", &found.display_name);
        self.claims
            .set("preferred_username", &found.user_principal_name);
        self.claims.set("scp", scopes);
        let roles = found.app_roles(api);
        if !roles.is_empty() {
            self.claims.set("roles", roles);
        }
        Ok(self)
    }

    /// Starts with the claims of a v2 access token of an application for an API, with these app roles.
    ///
    /// # Errors
    /// [`ControlError::UnknownApplication`].
    pub fn application_token(mut self, api: &str, roles: &[&str]) -> Result<Self, ControlError> {
        let directory = read(&self.state.directory).clone();
        let tenant = directory
            .application(api)
            .map(|application| application.tenant.clone())
            .unwrap_or_default();
        self.start(&directory, api, &tenant)?;
        let principal = "eeeeeeee-0000-4000-8000-000000000001";
        self.claims.set("oid", principal);
        self.claims.set("sub", principal);
        self.claims.set("idtyp", "app");
        self.claims.set("roles", roles);
        Ok(self)
    }

    /// Starts with the claims of an ID token of a user for a client.
    ///
    /// # Errors
    /// [`ControlError::UnknownUser`] and [`ControlError::UnknownApplication`].
    pub fn id_token(mut self, user: &str, client: &str, nonce: &str) -> Result<Self, ControlError> {
        self = self.user_token(user, client, "")?;
        self.claims.remove("scp");
        self.claims.remove("azp");
        self.claims.remove("azpacr");
        self.claims.set("nonce", nonce);
        Ok(self)
    }

    /// Starts with the claims of a logout token (OpenID Connect Back-Channel Logout 2.4) for a client and a session.
    ///
    /// # Errors
    /// [`ControlError::UnknownUser`] and [`ControlError::UnknownApplication`].
    pub fn logout_token(
        mut self,
        user: &str,
        client: &str,
        sid: &str,
    ) -> Result<Self, ControlError> {
        self = self.user_token(user, client, "")?;
        for name in [
            "scp",
            "azp",
            "azpacr",
            "name",
            "preferred_username",
            "roles",
            "nbf",
            "oid",
            "ver",
        ] {
            self.claims.remove(name);
        }
        self.claims.set("jti", self.state.random.guid());
        self.claims.set("sid", sid);
        self.claims.set(
            "events",
            json!({ "http://schemas.openid.net/event/backchannel-logout": {} }),
        );
        self.mutation = Mutation::typ("logout+jwt");
        Ok(self)
    }

    /// Sets a claim.
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.set(name, value.into());
        self
    }

    /// Removes a claim.
    pub fn without(mut self, name: &str) -> Self {
        self.claims.remove(name);
        self
    }

    /// Changes header, claims, key or signature.
    pub fn mutate(mut self, mutation: Mutation) -> Self {
        self.mutation = self.mutation.and(mutation);
        self
    }

    /// Signs the token.
    ///
    /// # Errors
    /// [`ControlError::Key`].
    pub fn sign(self) -> Result<String, ControlError> {
        let failed = |error: KeyError| ControlError::Key(error.to_string());
        let directory = read(&self.state.directory).clone();
        let application = self
            .app_id
            .as_deref()
            .and_then(|app_id| directory.application(app_id));
        let signers = signers(
            &self.state,
            &application.map_or(KeyOwner::Tenant, KeyOwner::Application),
        )
        .map_err(failed)?;
        let mut draft = Draft::new(jwt_header(&signers.signing.kid), self.claims);
        self.mutation.apply(&mut draft);
        compact(&draft, &signers).map_err(failed)
    }

    /// Sets the claims that all tokens share.
    fn start(
        &mut self,
        directory: &Directory,
        api: &str,
        tenant: &str,
    ) -> Result<(), ControlError> {
        let unknown = || ControlError::UnknownApplication(api.to_owned());
        directory.application(api).ok_or_else(unknown)?;
        let tenant = directory.tenant(tenant).ok_or_else(unknown)?;
        let now = self.state.clock.now();
        self.app_id = Some(api.to_owned());
        self.claims.set("aud", api);
        self.claims.set("iss", issuer(&self.state.origin, tenant));
        self.claims.set("iat", now);
        self.claims.set("nbf", now);
        self.claims.set("exp", now.saturating_add(3_600));
        self.claims.set("azp", api);
        self.claims.set("azpacr", "1");
        self.claims.set("tid", &tenant.id);
        self.claims.set("uti", self.state.random.token(16));
        self.claims.set("ver", "2.0");
        Ok(())
    }
}
