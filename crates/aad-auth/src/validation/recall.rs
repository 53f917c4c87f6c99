//! Bearer tokens: those that come again are recalled, and most of the others are verified without
//! waiting for anybody.

use std::sync::Arc;

use super::{
    AccessToken, AccessTokenRules, TokenRules, Verifier, VerifyError,
    verified_cache::{Digest, VerifiedCache},
    verifier::Verified,
};
use crate::provider::TokenSource;

/// What is known of an access token before it is verified.
pub(crate) enum Recall {
    /// It has been verified before.
    Known(Arc<AccessToken>),
    /// It has to be verified now.
    Unknown(Unverified),
}

/// What verifying a token starts from.
#[derive(Default)]
pub(crate) struct Unverified {
    /// Its digest, where verified tokens are kept.
    digest: Option<Digest>,
    /// It has been verified before, and only the application's own answer is asked for again.
    known: Option<Arc<AccessToken>>,
}

impl Verifier {
    /// Looks whether a token has been verified before, and still is what it was.
    pub(crate) fn recall(&self, token: &str) -> Recall {
        let inner = &*self.0;
        let fits = token.len() <= inner.settings.max_token;
        let Some(cache) = inner.cache.as_ref().filter(|_| fits) else {
            return Recall::Unknown(Unverified::default());
        };
        let digest = VerifiedCache::digest(token);
        match cache.get(&digest, &inner.provider, inner.clock.now()) {
            Some(known) if !self.asks_the_application() => Recall::Known(known),
            known => Recall::Unknown(Unverified {
                digest: Some(digest),
                known,
            }),
        }
    }

    /// [`Self::verify_access_token`], where nobody has to be waited for: nearly always, since
    /// metadata and keys are at hand. `None`, and nothing done, where somebody has to be.
    pub(crate) fn verify_at_once(
        &self,
        token: &str,
        unverified: &Unverified,
    ) -> Option<Result<Arc<AccessToken>, VerifyError>> {
        if self.asks_the_application() {
            return None;
        }
        let verified = self.verify_now(token, self.access_rules()).transpose()?;
        Some(verified.map(|verified| self.accept(verified, unverified)))
    }

    /// [`Self::access_token`] for a caller who has recalled already.
    pub(crate) async fn verify_access_token(
        &self,
        token: &str,
        unverified: &Unverified,
    ) -> Result<Arc<AccessToken>, VerifyError> {
        if let Some(known) = &unverified.known {
            self.ask_resolver(known.verified()).await?;
            return Ok(Arc::clone(known));
        }
        let rules = self.access_rules();
        let verified = self.verify(token, rules, TokenSource::Caller).await?;
        self.ask_resolver(&verified.claims).await?;
        Ok(self.accept(verified, unverified))
    }

    fn access_rules(&self) -> TokenRules<'_> {
        TokenRules::Access(AccessTokenRules {
            audiences: &self.0.audiences,
            v1_issuer: self.0.v1_issuer.as_ref(),
            typed_as_access_token: false,
        })
    }

    /// Keeps a token that has passed everything for whoever sends it again.
    fn accept(&self, verified: Verified, unverified: &Unverified) -> Arc<AccessToken> {
        let Verified {
            claims,
            key,
            metadata,
        } = verified;
        let token = Arc::new(AccessToken::new(claims));
        if let (Some(cache), Some(digest)) = (&self.0.cache, unverified.digest) {
            let usable_until = token.expires_at() + self.0.settings.leeway;
            cache.insert(digest, Arc::clone(&token), key, metadata, usable_until);
        }
        token
    }
}

#[cfg(test)]
#[path = "recall_tests.rs"]
mod tests;
