//! The userinfo endpoint, called when `AAD_USERINFO` asks for it (OpenID Connect Core 1.0
//! section 5.3).

use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;

use super::{Engine, Refusal};
use crate::{
    grant::TokenResponse,
    provider::Metadata,
    secret::ExposeSecret,
    transport::{Purpose, Request, without_bom},
    validation::IdToken,
};

impl Engine {
    /// Checks that the userinfo endpoint speaks of the same subject as the ID token. Nothing else
    /// of its answer is used: it is not signed.
    pub(super) async fn check_userinfo(
        &self,
        metadata: &Metadata,
        response: &TokenResponse,
        id_token: &IdToken,
    ) -> Result<(), Refusal> {
        let Some(endpoint) = metadata.userinfo_endpoint.clone() else {
            return Err(Refusal::UserinfoMismatch);
        };
        let access_token = response.access_token.as_ref();
        let access_token = access_token.ok_or(Refusal::UserinfoMismatch)?;
        let bearer = format!("Bearer {}", access_token.expose_secret());
        let mut bearer = HeaderValue::try_from(bearer).map_err(|_| {
            Refusal::ProviderBroken("the access token cannot stand in a header".to_owned())
        })?;
        bearer.set_sensitive(true);
        let request =
            Request::get(Purpose::Userinfo, endpoint).header(header::AUTHORIZATION, bearer);
        let answer =
            self.transport
                .send(request)
                .await
                .map_err(|_| Refusal::ProviderUnavailable {
                    retry_after: std::time::Duration::from_secs(5),
                })?;
        if answer.status != StatusCode::OK {
            return Err(Refusal::UserinfoMismatch);
        }
        let info: Userinfo = serde_json::from_slice(without_bom(&answer.body))
            .map_err(|_| Refusal::UserinfoMismatch)?;
        match id_token.sub() {
            Some(sub) if sub.as_str() == info.sub => Ok(()),
            _ => Err(Refusal::UserinfoMismatch),
        }
    }
}

#[derive(Deserialize)]
struct Userinfo {
    sub: String,
}
