//! The discovery document as it is on the wire.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;

/// The members that are read. Unknown ones are ignored, a known one that is doubled refuses the
/// document, and an optional one of an unexpected type counts as absent: a provider's extension
/// must not stop a sign-in.
#[derive(Deserialize)]
pub(crate) struct MetadataDocument {
    pub(crate) issuer: String,
    pub(crate) authorization_endpoint: String,
    pub(crate) token_endpoint: String,
    pub(crate) jwks_uri: String,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) end_session_endpoint: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) userinfo_endpoint: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) revocation_endpoint: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) response_modes_supported: Option<Vec<String>>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) scopes_supported: Option<Vec<String>>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) authorization_response_iss_parameter_supported: Option<bool>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) frontchannel_logout_supported: Option<bool>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) frontchannel_logout_session_supported: Option<bool>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) backchannel_logout_supported: Option<bool>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) backchannel_logout_session_supported: Option<bool>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) msgraph_host: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) cloud_instance_name: Option<String>,
}

fn lenient<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).ok())
}
