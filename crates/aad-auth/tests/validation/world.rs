//! A verifier and its provider, ready to be told something wrong.

use std::{sync::Arc, time::Duration};

use aad_auth::{
    AccessToken,
    config::{AllowedTenants, Authority},
    internals::{
        provider::Provider,
        validation::{
            ExpectedIdToken, ExpectedNonce, IdToken, LogoutToken, Rejection, Verifier,
            VerifierSettings, VerifyError,
        },
    },
};
use serde_json::Value;

use crate::tokens::{
    CLIENT, FakeProvider, ManualTime, NONCE, NOW, TestKey, V2T, metadata, provider,
};

pub struct World {
    pub fake: Arc<FakeProvider>,
    pub time: Arc<ManualTime>,
    pub provider: Provider,
    pub verifier: Verifier,
}

impl World {
    /// `common`, every tenant allowed, one key `k1` of the multi-tenant kind.
    pub fn common() -> Self {
        let mut key = TestKey::number(0).jwk("k1");
        key["issuer"] = V2T.into();
        Self::new(
            crate::tokens::common(),
            &metadata("https://login.microsoftonline.com/common", V2T),
            &[key],
            |_| {},
        )
    }

    /// [`common`](Self::common) with further audiences.
    pub fn trusting(audiences: &[&str]) -> Self {
        let mut key = TestKey::number(0).jwk("k1");
        key["issuer"] = V2T.into();
        let metadata = metadata("https://login.microsoftonline.com/common", V2T);
        Self::new(crate::tokens::common(), &metadata, &[key], |settings| {
            settings.trusted_audiences = audiences.iter().map(|one| (*one).to_owned()).collect();
        })
    }

    pub fn new(
        authority: Authority,
        metadata: &Value,
        keys: &[Value],
        change: impl FnOnce(&mut VerifierSettings),
    ) -> Self {
        let fake = FakeProvider::new(metadata, keys);
        let time = ManualTime::at(NOW);
        let provider = provider(authority, &fake, &time);
        let mut settings = VerifierSettings::new(CLIENT, AllowedTenants::Any);
        change(&mut settings);
        let clock = Arc::new(time.clock.clone());
        let verifier = Verifier::new(provider.clone(), clock, settings).unwrap();
        Self {
            fake,
            time,
            provider,
            verifier,
        }
    }

    pub async fn id(&self, token: &str) -> Result<IdToken, VerifyError> {
        self.verifier.id_token(token, expected()).await
    }

    pub async fn access(&self, token: &str) -> Result<Arc<AccessToken>, VerifyError> {
        self.verifier.access_token(token).await
    }

    pub async fn logout(&self, token: &str) -> Result<LogoutToken, VerifyError> {
        self.verifier.logout_token(token).await
    }
}

pub fn expected() -> ExpectedIdToken<'static> {
    ExpectedIdToken {
        nonce: ExpectedNonce::Exactly(NONCE),
        access_token: None,
        code: None,
        max_age: None,
    }
}

/// The rejection's code and reason in one text, or what happened instead.
pub fn outcome<T>(result: Result<T, VerifyError>) -> String {
    match result {
        Ok(_) => "accepted".to_owned(),
        Err(VerifyError::Rejected(Rejection { code, reason })) => {
            format!("{} {}", code.as_str(), reason.as_str())
        }
        Err(VerifyError::Unavailable(_)) => "unavailable".to_owned(),
    }
}

pub const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The claims with one of them set, or removed by `Value::Null` (a real null is written `raw`).
pub fn with(mut claims: Value, name: &str, value: impl Into<Value>) -> Value {
    claims
        .as_object_mut()
        .unwrap()
        .insert(name.to_owned(), value.into());
    claims
}

pub fn without(mut claims: Value, name: &str) -> Value {
    claims.as_object_mut().unwrap().remove(name);
    claims
}
