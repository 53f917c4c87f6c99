use std::sync::Arc;

use serde_json::{Value, json};

use super::ControlError;
use crate::authority::issuer;
use crate::directory::Directory;
use crate::jwt::{Draft, Mutation, compact};
use crate::members::Members;
use crate::state::State;
use crate::sync::read;
use crate::token::{Sealing, envelope, pairwise_subject, signers};

/// A token in the making: any header, any claims, signed by the emulator's key or otherwise as its mutation says.
#[must_use]
pub struct Mint {
    state: Arc<State>,
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

    /// Begins with the claims of a right v2 access token of a user for an API (an application of the directory),
    /// with these delegated scopes.
    ///
    /// # Errors
    /// When there is no such user or application.
    pub fn user_token(mut self, user: &str, api: &str, scopes: &str) -> Result<Self, ControlError> {
        let directory = read(&self.state.directory).clone();
        let found = directory
            .find_user(user, None)
            .ok_or_else(|| ControlError::UnknownUser(user.to_owned()))?;
        self.begin(&directory, api, &found.tenant)?;
        self.claims.set("oid", &found.id);
        self.claims.set("sub", pairwise_subject(api, &found.id));
        self.claims.set("name", &found.display_name);
        self.claims
            .set("preferred_username", &found.user_principal_name);
        self.claims.set("scp", scopes);
        let roles = Directory::app_roles(found, api);
        if !roles.is_empty() {
            self.claims.set("roles", roles);
        }
        Ok(self)
    }

    /// Begins with the claims of a right v2 access token of an application for an API, with these application roles.
    ///
    /// # Errors
    /// When there is no such application.
    pub fn application_token(mut self, api: &str, roles: &[&str]) -> Result<Self, ControlError> {
        let directory = read(&self.state.directory).clone();
        let tenant = directory
            .application(api)
            .map(|application| application.tenant.clone())
            .unwrap_or_default();
        self.begin(&directory, api, &tenant)?;
        let principal = "eeeeeeee-0000-4000-8000-000000000001";
        self.claims.set("oid", principal);
        self.claims.set("sub", principal);
        self.claims.set("idtyp", "app");
        self.claims.set("roles", roles);
        Ok(self)
    }

    /// Begins with the claims of a right ID token of a user for a client.
    ///
    /// # Errors
    /// When there is no such user or application.
    pub fn id_token(mut self, user: &str, client: &str, nonce: &str) -> Result<Self, ControlError> {
        self = self.user_token(user, client, "")?;
        self.claims.remove("scp");
        self.claims.remove("azp");
        self.claims.remove("azpacr");
        self.claims.set("nonce", nonce);
        Ok(self)
    }

    /// Begins with the claims of a right logout token (OIDC Back-Channel Logout 2.4) for a client and a session.
    ///
    /// # Errors
    /// When there is no such user or application.
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

    /// The token.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn sign(self) -> Result<String, ControlError> {
        let failed = |error: crate::keys::KeyError| ControlError::Key(error.to_string());
        let directory = read(&self.state.directory).clone();
        let application = self
            .app_id
            .as_deref()
            .and_then(|app_id| directory.application(app_id));
        let signers = signers(
            &self.state,
            &application.map_or(Sealing::Plain, Sealing::For),
        )
        .map_err(failed)?;
        let mut draft = Draft::new(envelope(&signers.signing.kid), self.claims);
        self.mutation.apply(&mut draft);
        compact(&draft, &signers).map_err(failed)
    }

    fn begin(
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
