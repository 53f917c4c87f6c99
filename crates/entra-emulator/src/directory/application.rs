//! An application registration.

use serde::{Deserialize, Serialize};

use super::manifest::{
    ApiSettings, AppRole, KeyCredential, OptionalClaims, PasswordCredential, PlatformUris,
    WebSettings,
};

/// An application registration: a Microsoft Graph application manifest, plus members of the emulator.
///
/// Members of a manifest that have no effect here are ignored, so that a real manifest can be used as it is.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Application {
    /// The application (client) id, a GUID.
    pub app_id: String,
    /// The name that the pages show.
    pub display_name: String,
    /// The id of the tenant that holds the registration (emulator only).
    pub tenant: String,
    /// `AzureADMyOrg` (default), `AzureADMultipleOrgs`, `AzureADandPersonalMicrosoftAccount`, `PersonalMicrosoftAccount`.
    pub sign_in_audience: String,
    /// The App ID URIs: the names of this API in scopes.
    pub identifier_uris: Vec<String>,
    /// The platform "Web".
    pub web: WebSettings,
    /// The platform "Single-page application".
    pub spa: PlatformUris,
    /// The platform "Mobile and desktop".
    pub public_client: PlatformUris,
    /// Treats the application as a public client, which has no credential.
    pub is_fallback_public_client: bool,
    /// The settings of the application as an API.
    pub api: ApiSettings,
    /// The app roles that users and applications can be assigned to.
    pub app_roles: Vec<AppRole>,
    /// The groups that tokens carry: `None`, `SecurityGroup`, `ApplicationGroup`, `DirectoryRole`, `All`.
    pub group_membership_claims: Option<String>,
    /// The optional claims of ID and access tokens.
    pub optional_claims: OptionalClaims,
    /// The client secrets; each of them is accepted until it expires.
    pub password_credentials: Vec<PasswordCredential>,
    /// The client certificates; each of them may sign client assertions.
    pub key_credentials: Vec<KeyCredential>,
    /// Lets only assigned users sign in (a setting of the enterprise application).
    pub app_role_assignment_required: bool,
    /// The app roles of other applications that are granted to this one: `{client id of the API}/{role}` (emulator only).
    pub granted_application_permissions: Vec<String>,
    /// Signs tokens for this application with a key of its own, which only `?appid=` publishes (emulator only).
    pub custom_signing_key: bool,
    /// The URL that receives back-channel logout tokens; see [`Switches::back_channel_logout`](crate::Switches) (emulator only).
    pub backchannel_logout_url: Option<String>,
}

impl Application {
    /// The name that pages show for the platform "Mobile and desktop".
    pub(crate) const PUBLIC_CLIENT: &str = "Public client";

    /// Tells whether accounts of any work tenant may sign in.
    pub(crate) fn is_multi_tenant(&self) -> bool {
        matches!(
            self.sign_in_audience.as_str(),
            "AzureADMultipleOrgs" | "AzureADandPersonalMicrosoftAccount"
        )
    }

    /// Tells whether personal accounts may sign in.
    pub(crate) fn allows_personal_accounts(&self) -> bool {
        matches!(
            self.sign_in_audience.as_str(),
            "AzureADandPersonalMicrosoftAccount" | "PersonalMicrosoftAccount"
        )
    }

    /// Tells whether work accounts may sign in.
    pub(crate) fn allows_work_accounts(&self) -> bool {
        self.sign_in_audience != "PersonalMicrosoftAccount"
    }

    /// Tells whether access tokens for this API are of version 2.
    pub(crate) fn expects_v2_tokens(&self) -> bool {
        self.api.requested_access_token_version == Some(2)
    }

    /// Tells whether the application has a credential, which the token endpoint then requires.
    pub(crate) fn has_credential(&self) -> bool {
        !self.password_credentials.is_empty() || !self.key_credentials.is_empty()
    }

    /// Tells whether the resource name of a scope (App ID URI or client id) means this application.
    pub(crate) fn is_resource(&self, name: &str) -> bool {
        self.app_id == name
            || name.strip_prefix("api://") == Some(self.app_id.as_str())
            || self
                .identifier_uris
                .iter()
                .any(|uri| uri.trim_end_matches('/') == name.trim_end_matches('/'))
    }

    /// Returns the first client secret whose text is known.
    pub(crate) fn first_secret(&self) -> Option<&str> {
        self.password_credentials
            .iter()
            .find_map(|credential| credential.secret_text.as_deref())
    }

    /// Lists every registered redirect URI with the name of its platform.
    pub(crate) fn redirect_uris(&self) -> impl Iterator<Item = (&'static str, &str)> {
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
