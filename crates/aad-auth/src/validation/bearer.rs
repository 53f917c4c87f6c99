//! Verification of bearer tokens: from the cache, without a future, or with one.

use std::sync::Arc;

use super::{
    AccessToken, AccessTokenRules, TokenRules, Verifier, VerifyError,
    verified_cache::{Digest, VerifiedCache},
    verifier::Verified,
};
use crate::provider::TokenSource;

/// The result of looking an access token up in the cache of verified tokens.
pub(crate) enum CacheLookup {
    /// The token was verified before, and is still valid.
    Hit(Arc<AccessToken>),
    /// The token has to be verified.
    Miss(CacheMiss),
}

/// The start of a verification after [`CacheLookup::Miss`].
#[derive(Default)]
pub(crate) struct CacheMiss {
    /// The token's digest. `None` where it is not to be cached.
    digest: Option<Digest>,
    /// The token, verified before. Only the application's tenant resolver has to be called again.
    known: Option<Arc<AccessToken>>,
}

impl Verifier {
    /// Looks a token up in the cache of verified tokens.
    pub(crate) fn look_up(&self, token: &str) -> CacheLookup {
        let inner = &*self.0;
        let fits = token.len() <= inner.settings.max_token;
        let Some(cache) = inner.cache.as_ref().filter(|_| fits) else {
            return CacheLookup::Miss(CacheMiss::default());
        };
        let digest = VerifiedCache::digest(token);
        match cache.get(&digest, &inner.provider, inner.clock.now()) {
            Some(known) if !self.calls_resolver() => CacheLookup::Hit(known),
            known => CacheLookup::Miss(CacheMiss {
                digest: Some(digest),
                known,
            }),
        }
    }

    /// Synchronous fast path of [`Self::verify_access_token`]: metadata and key are already held.
    /// Allocates no future. `None`, without an effect, where something has to be loaded or the tenant
    /// resolver has to be called.
    pub(crate) fn verify_access_token_at_once(
        &self,
        token: &str,
        miss: &CacheMiss,
    ) -> Option<Result<Arc<AccessToken>, VerifyError>> {
        if self.calls_resolver() {
            return None;
        }
        let verified = self
            .verify_at_once(token, self.access_rules())
            .transpose()?;
        Some(verified.map(|verified| self.accept(verified, miss)))
    }

    /// Verifies an access token after [`CacheLookup::Miss`].
    ///
    /// # Errors
    /// When the token is not acceptable, or the keys cannot be loaded.
    pub(crate) async fn verify_access_token(
        &self,
        token: &str,
        miss: &CacheMiss,
    ) -> Result<Arc<AccessToken>, VerifyError> {
        if let Some(known) = &miss.known {
            self.call_resolver(known.verified()).await?;
            return Ok(Arc::clone(known));
        }
        let rules = self.access_rules();
        let verified = self.verify(token, rules, TokenSource::Caller).await?;
        self.call_resolver(&verified.claims).await?;
        Ok(self.accept(verified, miss))
    }

    /// Verifies a bearer token for the application's API.
    ///
    /// # Errors
    /// When the token is not acceptable, or the keys cannot be loaded.
    #[cfg(any(test, feature = "unstable-internals"))]
    pub async fn access_token(&self, token: &str) -> Result<Arc<AccessToken>, VerifyError> {
        match self.look_up(token) {
            CacheLookup::Hit(token) => Ok(token),
            CacheLookup::Miss(miss) => self.verify_access_token(token, &miss).await,
        }
    }

    fn access_rules(&self) -> TokenRules<'_> {
        TokenRules::Access(AccessTokenRules {
            audiences: &self.0.audiences,
            v1_issuer: self.0.v1_issuer.as_ref(),
            typed_as_access_token: false,
        })
    }

    /// Caches a verified token for the next request with it.
    fn accept(&self, verified: Verified, miss: &CacheMiss) -> Arc<AccessToken> {
        let Verified {
            claims,
            key,
            metadata,
        } = verified;
        let token = Arc::new(AccessToken::new(claims));
        if let (Some(cache), Some(digest)) = (&self.0.cache, miss.digest) {
            let usable_until = token.expires_at() + self.0.settings.leeway;
            cache.insert(digest, Arc::clone(&token), key, metadata, usable_until);
        }
        token
    }
}

#[cfg(test)]
#[path = "bearer_tests.rs"]
mod tests;
