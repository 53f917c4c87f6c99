//! From variables to settings: one file for each group of the table.

mod address;
mod calls;
mod identity;
mod session;
mod sign_in;
mod state_dir;
mod tokens;

pub use address::is_local;
pub(crate) use state_dir::no_state_dir;
pub use state_dir::{check_state_dir, default_state_dir};

use self::{
    address::AddressSettings, calls::CallSettings, identity::IdentitySettings,
    session::SessionSettings, sign_in::SignInSettings, tokens::TokenSettings,
};
use super::{
    Config, ConfigError, Source,
    address::{CookieNames, instance_name},
    env,
    settings_reader::SettingsReader,
    unknown_variables::unknown_variables,
};

impl Config {
    /// Reads the environment, and the files of secrets that `<variable>_FILE` names.
    ///
    /// # Errors
    /// Every setting that is missing or cannot be used.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::parse(&env::read())
    }

    /// Parses settings that are given by variable name.
    ///
    /// # Errors
    /// Every setting that is missing or cannot be used, and every `AAD_*` variable that does not exist.
    pub fn parse(source: &Source) -> Result<Self, ConfigError> {
        let mut reader = SettingsReader::new(source);
        let identity = IdentitySettings::read(&mut reader);
        let address = AddressSettings::read(&mut reader);
        let groups = Groups {
            session: SessionSettings::read(&mut reader, address.base_url.as_ref()),
            sign_in: SignInSettings::read(&mut reader, identity.authority()),
            tokens: TokenSettings::read(&mut reader, identity.authority()),
            calls: CallSettings::read(&mut reader),
            identity,
            address,
        };
        let unknown = unknown_variables(source);
        unknown.into_iter().for_each(|problem| reader.add(problem));
        reader.finish(groups.into_config())
    }
}

/// The settings that were read, group by group. A required setting with a problem is `None`.
struct Groups<'a> {
    identity: IdentitySettings,
    address: AddressSettings<'a>,
    session: SessionSettings,
    sign_in: SignInSettings,
    tokens: TokenSettings,
    calls: CallSettings,
}

impl Groups<'_> {
    /// The configuration. `None` where a required setting had a problem.
    fn into_config(self) -> Option<Config> {
        let (authority, endpoint_hosts) = self.identity.authority_and_hosts?;
        let client = self.identity.client?;
        let base_url = self.address.base_url?;
        let instance = instance_name(&self.address.route_prefix);
        Some(Config {
            authority,
            edit_profile: self.identity.edit_profile,
            password_reset: self.identity.password_reset,
            endpoint_hosts,
            client_auth: self.identity.client_auth,
            allowed_tenants: self.identity.allowed_tenants,
            signing_algorithms: self.tokens.signing_algorithms,
            app_signing_keys: self.tokens.app_signing_keys,
            clock_leeway: self.tokens.clock_leeway,
            token_cache: self.tokens.token_cache,
            userinfo: self.sign_in.userinfo,
            response_mode: self.sign_in.response_mode,
            api_audiences: self
                .tokens
                .api_audiences
                .unwrap_or_else(|| client.audiences()),
            trusted_audiences: self.tokens.trusted_audiences,
            roles_claim: self.tokens.roles_claim,
            scopes: self.sign_in.scopes,
            domain_hints: self.sign_in.domain_hints,
            graph_url: self.calls.graph_url,
            ca_file: self.calls.ca_file,
            provider_timeout: self.calls.provider_timeout,
            cookies: CookieNames::new(&base_url, self.address.cookie_stem, instance.as_deref()),
            base_url,
            redirect_path: self.address.redirect_path,
            route_prefix: self.address.route_prefix,
            session_secrets: self.session.secrets,
            session_store: self.session.store,
            state_dir: self.session.state_dir,
            session_idle: self.session.idle,
            session_max: self.session.max,
            max_sessions_per_user: self.session.max_per_user,
            recheck: self.session.recheck,
            cors_origins: self.address.cors_origins,
            client_id: client.id,
            client_secrets: client.secrets,
        })
    }
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
