//! Parts of an application manifest, under the names of the Microsoft Graph application resource.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The platform "Web".
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WebSettings {
    /// Redirect URIs a server redeems at.
    pub redirect_uris: Vec<String>,
    /// The front-channel logout URL.
    pub logout_url: Option<String>,
    /// The home page.
    pub home_page_url: Option<String>,
    /// Whether the authorization endpoint hands out tokens itself.
    pub implicit_grant_settings: ImplicitGrantSettings,
}

/// The implicit and hybrid switches.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ImplicitGrantSettings {
    /// ID tokens from the authorization endpoint.
    pub enable_id_token_issuance: bool,
    /// Access tokens from the authorization endpoint.
    pub enable_access_token_issuance: bool,
}

/// The platforms "Single-page application" and "Mobile and desktop".
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PlatformUris {
    /// The platform's redirect URIs.
    pub redirect_uris: Vec<String>,
}

/// What the application exposes as an API.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ApiSettings {
    /// The version of access tokens for this API: null or 1 is v1, 2 is v2.
    pub requested_access_token_version: Option<u8>,
    /// The delegated permissions.
    pub oauth2_permission_scopes: Vec<PermissionScope>,
}

/// A delegated permission of an API.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PermissionScope {
    /// The permission's id.
    pub id: String,
    /// The name in `scp`.
    pub value: String,
    /// `User` or `Admin`: who may consent.
    #[serde(rename = "type")]
    pub kind: String,
    /// The line on the consent page.
    pub user_consent_display_name: Option<String>,
    /// The text behind that line.
    pub user_consent_description: Option<String>,
    /// The line for administrators.
    pub admin_consent_display_name: Option<String>,
}

/// An app role.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AppRole {
    /// The role's id.
    pub id: String,
    /// The value in the claim `roles`.
    pub value: String,
    /// `User`, `Application` or both.
    pub allowed_member_types: Vec<String>,
    /// The name shown.
    pub display_name: String,
    /// What it allows.
    pub description: String,
}

/// A client secret. `secretText` is the emulator's own: a real manifest never holds it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PasswordCredential {
    /// The secret.
    pub secret_text: Option<String>,
    /// When it expires, ISO 8601.
    pub end_date_time: Option<String>,
}

/// A certificate. `key` is base64 of the DER (with or without PEM lines).
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct KeyCredential {
    /// The certificate.
    pub key: Option<String>,
}

/// Optional claims of the token kinds.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OptionalClaims {
    /// In ID tokens.
    pub id_token: ClaimList,
    /// In access tokens for this API.
    pub access_token: ClaimList,
}

/// A list of optional claims.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(transparent)]
pub struct ClaimList(pub Vec<OptionalClaim>);

/// One optional claim.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OptionalClaim {
    /// The claim's name.
    pub name: String,
    /// Further settings of the claim, kept as they are.
    pub additional_properties: Value,
}

impl ClaimList {
    /// Whether the claim is configured.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|claim| claim.name == name)
    }
}
