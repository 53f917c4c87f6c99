//! The provider, and the application's registration there.

use super::{ConfigBuilder, values::has_no_comma};
use crate::config_room::{ClientAuth, Config};

impl Config {
    /// Begins a configuration for Microsoft Entra ID, External ID or Azure AD B2C.
    ///
    /// `tenant` stands for `AAD_TENANT_ID`: the directory (tenant) id or a verified domain, or one of
    /// `organizations`, `common` and `consumers`. `client_id` stands for `AAD_CLIENT_ID`: the
    /// application (client) id of the registration. Both are required.
    ///
    /// The cloud is the global one, unless
    /// [`authority_host`](ConfigBuilder::authority_host) names another one.
    ///
    /// ```
    /// use aad_auth::Config;
    ///
    /// // Azure AD B2C: the host and the user flow.
    /// let config = Config::entra("contoso.onmicrosoft.com", "00001111-aaaa-2222-bbbb-3333cccc4444")
    ///     .authority_host("https://contoso.b2clogin.com")
    ///     .user_flow("B2C_1_sign_in")
    ///     .client_secret("the secret's Value")
    ///     .base_url("http://localhost:5000")
    ///     .build()?;
    /// # Ok::<_, aad_auth::config::ConfigError>(())
    /// ```
    pub fn entra(tenant: impl AsRef<str>, client_id: impl AsRef<str>) -> ConfigBuilder {
        ConfigBuilder::new()
            .text("AAD_TENANT_ID", tenant.as_ref())
            .text("AAD_CLIENT_ID", client_id.as_ref())
    }

    /// Begins a configuration for any OpenID provider.
    ///
    /// `issuer` stands for `AAD_AUTHORITY`: the issuer, exactly as
    /// `<issuer>/.well-known/openid-configuration` states it. `client_id` stands for `AAD_CLIENT_ID`.
    /// Both are required.
    ///
    /// ```
    /// use aad_auth::Config;
    ///
    /// let config = Config::oidc("https://id.example.com/realms/staff", "my-app")
    ///     .client_secret("a secret of the provider")
    ///     .roles_claim(["realm_access.roles"])
    ///     .base_url("http://localhost:5000")
    ///     .build()?;
    /// # Ok::<_, aad_auth::config::ConfigError>(())
    /// ```
    pub fn oidc(issuer: impl AsRef<str>, client_id: impl AsRef<str>) -> ConfigBuilder {
        ConfigBuilder::new()
            .text("AAD_AUTHORITY", issuer.as_ref())
            .text("AAD_CLIENT_ID", client_id.as_ref())
    }
}

impl ConfigBuilder {
    /// Adds a client secret (`AAD_CLIENT_SECRET`): the Value of the registration's secret, not its
    /// Secret ID. One is required.
    ///
    /// Each further call adds a secret. They are tried in this order, so that a secret can be rotated
    /// without an interruption.
    pub fn client_secret(self, secret: impl AsRef<str>) -> Self {
        self.further_secret("AAD_CLIENT_SECRET", secret.as_ref())
    }

    /// Accepts a client secret that is a GUID (`AAD_CLIENT_SECRET_MAY_BE_GUID`). The default is `false`.
    ///
    /// With Microsoft a GUID is refused by default, since it is usually the Secret ID by mistake.
    pub fn client_secret_may_be_guid(self, may_be: bool) -> Self {
        self.flag("AAD_CLIENT_SECRET_MAY_BE_GUID", may_be)
    }

    /// Sets how the client secret is sent (`AAD_CLIENT_AUTH`). By default the metadata decides: the body
    /// if it is offered, and the other way if the provider refuses it.
    pub fn client_auth(self, method: ClientAuth) -> Self {
        self.text("AAD_CLIENT_AUTH", method.as_str())
    }

    /// Sets the tenants whose users may sign in and call (`AAD_ALLOWED_TENANTS`): tenant ids, with
    /// `consumers` for personal accounts; or `["*"]` for every tenant.
    ///
    /// Required with the tenant `organizations` or `common`. There is no default then, since every
    /// tenant in the world can sign in.
    ///
    /// ```
    /// use aad_auth::Config;
    ///
    /// let config = Config::entra("organizations", "00001111-aaaa-2222-bbbb-3333cccc4444")
    ///     .allowed_tenants(["f645ad92-e38d-4d1a-b510-d1b09a74a8ca", "consumers"])
    ///     # .client_secret("the secret's Value")
    ///     # .base_url("http://localhost:5000")
    ///     .build()?;
    /// # Ok::<_, aad_auth::config::ConfigError>(())
    /// ```
    pub fn allowed_tenants(self, tenants: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.list("AAD_ALLOWED_TENANTS", tenants, has_no_comma)
    }

    /// Sets the host of the authority (`AAD_AUTHORITY_HOST`): a scheme and host, such as
    /// `https://login.microsoftonline.us`. The default is the global cloud.
    ///
    /// It names another cloud, External ID (`https://<name>.ciamlogin.com`), Azure AD B2C
    /// (`https://<name>.b2clogin.com`) or a custom domain. Not with [`Config::oidc`].
    pub fn authority_host(self, host: impl AsRef<str>) -> Self {
        self.text("AAD_AUTHORITY_HOST", host.as_ref())
    }

    /// Sets the user flow of Azure AD B2C for sign-up and sign-in (`AAD_USER_FLOW`), such as
    /// `B2C_1_sign_in`. Required with a `b2clogin.com` host, by default none.
    pub fn user_flow(self, policy: impl AsRef<str>) -> Self {
        self.text("AAD_USER_FLOW", policy.as_ref())
    }

    /// Sets the user flow in which users edit their profile (`AAD_USER_FLOW_EDIT_PROFILE`). By default
    /// there is none, and no route `/auth/edit_profile`.
    pub fn user_flow_edit_profile(self, policy: impl AsRef<str>) -> Self {
        self.text("AAD_USER_FLOW_EDIT_PROFILE", policy.as_ref())
    }

    /// Sets the user flow in which users choose a new password (`AAD_USER_FLOW_PASSWORD_RESET`). By
    /// default there is none, and a page says that the password cannot be reset.
    pub fn user_flow_password_reset(self, policy: impl AsRef<str>) -> Self {
        self.text("AAD_USER_FLOW_PASSWORD_RESET", policy.as_ref())
    }

    /// Sets further hosts at which metadata may name endpoints (`AAD_ENDPOINT_HOSTS`): `host` or
    /// `host:port`. The default is none beside the authority's own and those of its cloud.
    pub fn endpoint_hosts(self, hosts: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.list_or_none("AAD_ENDPOINT_HOSTS", hosts)
    }
}
