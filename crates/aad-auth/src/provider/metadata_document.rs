//! The members of the discovery document.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;

use super::MetadataError;
use crate::transport::without_bom;

/// The members that the crate reads. Unknown members are ignored. A known member that appears twice
/// refuses the document. A known member of another type counts as absent: an extension of the provider
/// must not stop a sign-in. [`required`] reports a missing required member.
#[derive(Deserialize)]
pub(crate) struct MetadataDocument {
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) issuer: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) authorization_endpoint: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) token_endpoint: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) jwks_uri: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) end_session_endpoint: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) userinfo_endpoint: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) revocation_endpoint: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) response_types_supported: Option<Vec<String>>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) code_challenge_methods_supported: Option<Vec<String>>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) id_token_signing_alg_values_supported: Option<Vec<String>>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) require_pushed_authorization_requests: Option<bool>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) require_signed_request_object: Option<bool>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) response_modes_supported: Option<Vec<String>>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) scopes_supported: Option<Vec<String>>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) prompt_values_supported: Option<Vec<String>>,
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

impl MetadataDocument {
    /// Reads a document.
    pub(super) fn parse(document: &[u8]) -> Result<Self, MetadataError> {
        let document = without_bom(document);
        // serde accepts an array for a struct.
        if !document.trim_ascii_start().starts_with(b"{") {
            return Err(MetadataError::Malformed);
        }
        serde_json::from_slice(document).map_err(|error| malformed(&error))
    }
}

/// Reads the name of a doubled member from serde's message. The message has no text of the document.
fn malformed(error: &serde_json::Error) -> MetadataError {
    let message = error.to_string();
    let doubled = message
        .strip_prefix("duplicate field `")
        .and_then(|rest| rest.split_once('`'));
    match doubled {
        Some((member, _)) => MetadataError::Doubled(member.to_owned()),
        None => MetadataError::Malformed,
    }
}

/// The text of a required member.
pub(super) fn required<'d>(
    member: &'static str,
    value: Option<&'d String>,
) -> Result<&'d str, MetadataError> {
    match value {
        Some(text) if !text.is_empty() => Ok(text),
        _ => Err(MetadataError::Member(member)),
    }
}

fn lenient<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).ok())
}
