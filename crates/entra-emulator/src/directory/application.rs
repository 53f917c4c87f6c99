use serde::{Deserialize, Serialize};

use super::manifest::{
    ApiSettings, AppRole, KeyCredential, OptionalClaims, PasswordCredential, PlatformUris,
    WebSettings,
};

/// An application registration: the Microsoft Graph application manifest, plus what only the emulator knows.
///
/// Members of a manifest that have no effect here are ignored, so that one file feeds both.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Application {
    /// The application (client) id.
    pub app_id: String,
    /// The name on the pages.
    pub display_name: String,
    /// The tenant of the registration (emulator only).
    pub tenant: String,
    /// `AzureADMyOrg` (default), `AzureADMultipleOrgs`, `AzureADandPersonalMicrosoftAccount`, `PersonalMicrosoftAccount`.
    pub sign_in_audience: String,
    /// App ID URIs.
    pub identifier_uris: Vec<String>,
    /// The platform "Web".
    pub web: WebSettings,
    /// The platform "Single-page application".
    pub spa: PlatformUris,
    /// The platform "Mobile and desktop".
    pub public_client: PlatformUris,
    /// Whether the registration counts as a public client.
    pub is_fallback_public_client: bool,
    /// What it exposes as an API.
    pub api: ApiSettings,
    /// Its app roles.
    pub app_roles: Vec<AppRole>,
    /// Which groups the tokens carry: `None`, `SecurityGroup`, `ApplicationGroup`, `DirectoryRole`, `All`.
    pub group_membership_claims: Option<String>,
    /// Optional claims.
    pub optional_claims: OptionalClaims,
    /// Client secrets.
    pub password_credentials: Vec<PasswordCredential>,
    /// Client certificates.
    pub key_credentials: Vec<KeyCredential>,
    /// Enterprise application: only assigned users may sign in.
    pub app_role_assignment_required: bool,
    /// Application permissions (app roles of other applications) granted to this one: `{api app id}/{role}` (emulator only).
    pub granted_application_permissions: Vec<String>,
    /// Whether tokens for this application are signed by a key of its own, published with `?appid=` only (emulator only).
    pub custom_signing_key: bool,
    /// The URL to which back-channel logout tokens go when that switch is on (emulator only: the platform has none).
    pub backchannel_logout_url: Option<String>,
}

impl Application {
    /// The name of the platform "Mobile and desktop" on pages.
    pub(crate) const PUBLIC_CLIENT: &str = "Public client";

    /// Whether accounts of any work tenant may sign in.
    #[must_use]
    pub fn is_multi_tenant(&self) -> bool {
        matches!(
            self.sign_in_audience.as_str(),
            "AzureADMultipleOrgs" | "AzureADandPersonalMicrosoftAccount"
        )
    }

    /// Whether personal accounts may sign in.
    #[must_use]
    pub fn allows_personal_accounts(&self) -> bool {
        matches!(
            self.sign_in_audience.as_str(),
            "AzureADandPersonalMicrosoftAccount" | "PersonalMicrosoftAccount"
        )
    }

    /// Whether work accounts may sign in.
    #[must_use]
    pub fn allows_work_accounts(&self) -> bool {
        self.sign_in_audience != "PersonalMicrosoftAccount"
    }

    /// Whether it has any credential, so that it must prove itself.
    #[must_use]
    pub fn has_credential(&self) -> bool {
        !self.password_credentials.is_empty() || !self.key_credentials.is_empty()
    }

    /// Whether this registration answers to the resource name of a scope (App ID URI or client id).
    #[must_use]
    pub fn is_resource(&self, name: &str) -> bool {
        self.app_id == name
            || name.strip_prefix("api://") == Some(self.app_id.as_str())
            || self
                .identifier_uris
                .iter()
                .any(|uri| uri.trim_end_matches('/') == name.trim_end_matches('/'))
    }

    /// The client secret that has not been left out, for a ready-made `.env`.
    #[must_use]
    pub fn first_secret(&self) -> Option<&str> {
        self.password_credentials
            .iter()
            .find_map(|credential| credential.secret_text.as_deref())
    }

    /// Every registered redirect URI with the name of its platform.
    pub fn redirect_uris(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let web = self
            .web
            .redirect_uris
            .iter()
            .map(|uri| ("Web", uri.as_str()));
        let spa = self
            .spa
            .redirect_uris
            .iter()
            .map(|uri| ("SPA", uri.as_str()));
        let public = self
            .public_client
            .redirect_uris
            .iter()
            .map(|uri| (Self::PUBLIC_CLIENT, uri.as_str()));
        web.chain(spa).chain(public)
    }
}
