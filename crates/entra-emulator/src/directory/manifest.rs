//! Parts of an application manifest, under the names of the Microsoft Graph application resource.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The platform "Web" of an application registration.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WebSettings {
    /// The redirect URIs of codes that a server redeems.
    pub redirect_uris: Vec<String>,
    /// The front-channel logout URL, which is loaded in a frame at sign-out.
    pub logout_url: Option<String>,
    /// The home page; it has no effect.
    pub home_page_url: Option<String>,
    /// Which tokens the authorization endpoint issues itself.
    pub implicit_grant_settings: ImplicitGrantSettings,
}

/// Which tokens the authorization endpoint issues itself (implicit and hybrid flow).
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ImplicitGrantSettings {
    /// Allows `response_type=id_token` and `code id_token`.
    pub enable_id_token_issuance: bool,
    /// Allows `response_type=id_token token`.
    pub enable_access_token_issuance: bool,
}

/// The platform "Single-page application" or "Mobile and desktop" of an application registration.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PlatformUris {
    /// The redirect URIs of codes that a page or a native application redeems.
    pub redirect_uris: Vec<String>,
}

/// The settings of an application as an API.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ApiSettings {
    /// The version of access tokens for this API: `2`, or `None` and `1` for v1.
    pub requested_access_token_version: Option<u8>,
    /// The delegated permissions that clients can request as scopes.
    pub oauth2_permission_scopes: Vec<PermissionScope>,
}

/// A delegated permission of an API.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PermissionScope {
    /// A GUID; it has no effect.
    pub id: String,
    /// The name in scopes and in the claim `scp`.
    pub value: String,
    /// `User` or `Admin`: who may consent. It has no effect.
    #[serde(rename = "type")]
    pub kind: String,
    /// The line that the consent page shows.
    pub user_consent_display_name: Option<String>,
    /// The explanation for users; it has no effect.
    pub user_consent_description: Option<String>,
    /// The line for administrators; it has no effect.
    pub admin_consent_display_name: Option<String>,
}

/// An app role of an API.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AppRole {
    /// A GUID; it has no effect.
    pub id: String,
    /// A value of the claim `roles`.
    pub value: String,
    /// `User`, `Application` or both. It has no effect.
    pub allowed_member_types: Vec<String>,
    /// The name of the role; it has no effect.
    pub display_name: String,
    /// The explanation of the role; it has no effect.
    pub description: String,
}

/// A client secret. `secretText` is a member of the emulator: a real manifest never holds it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PasswordCredential {
    /// The value that clients send; `None` accepts no value.
    pub secret_text: Option<String>,
    /// The end of validity, ISO 8601; `None`: it never expires.
    pub end_date_time: Option<String>,
}

/// A client certificate.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct KeyCredential {
    /// base64 of the DER form, with or without the lines of PEM.
    pub key: Option<String>,
}

/// The optional claims of an application, by kind of token.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OptionalClaims {
    /// Claims of ID tokens for this client.
    pub id_token: ClaimList,
    /// Claims of access tokens for this API.
    pub access_token: ClaimList,
}

/// A list of optional claims.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(transparent)]
pub struct ClaimList(pub Vec<OptionalClaim>);

/// An optional claim.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OptionalClaim {
    /// The name, such as `auth_time`, `email`, `login_hint` or `sid`.
    pub name: String,
    /// Further settings of the claim; they have no effect.
    pub additional_properties: Value,
}

impl ClaimList {
    /// Tells whether the claim is configured.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|claim| claim.name == name)
    }
}
