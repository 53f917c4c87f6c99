//! The one verifier, for ID tokens, bearer tokens and logout tokens.

use std::sync::Arc;

use super::{
    AccessToken, AccessTokenRules, Candidate, Checked, ExpectedIdToken, IdToken, LogoutToken,
    Rejection, Rules, TokenKind, TokenRules, VerifiedClaims, VerifierSettings,
    rejection::{Code, Reason},
    verified_cache::{Digest, VerifiedCache},
};
use crate::{
    clock::Clock,
    config::{AllowedTenants, Problem},
    provider::{Issuer, KeyFailure, Metadata, Origin, Provider, Unavailable, VerificationKey},
};

/// Verifies tokens. Cheap to clone.
#[derive(Clone)]
pub struct Verifier(Arc<Inner>);

struct Inner {
    provider: Provider,
    clock: Arc<dyn Clock>,
    settings: VerifierSettings,
    audiences: Vec<Box<str>>,
    v1_issuer: Option<Issuer>,
    cache: Option<VerifiedCache>,
}

/// Why a token is not accepted.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum VerifyError {
    /// It is not acceptable: 401, or at sign-in a 4xx page.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// Nobody can tell now: 503.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

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

struct Verified {
    claims: VerifiedClaims,
    key: Arc<VerificationKey>,
    metadata: Arc<Metadata>,
}

impl Verifier {
    /// A verifier of tokens of `provider`.
    ///
    /// # Errors
    /// When a setting would make it accept too much.
    pub fn new(
        provider: Provider,
        clock: Arc<dyn Clock>,
        settings: VerifierSettings,
    ) -> Result<Self, Problem> {
        if let Some(problem) = settings.problem() {
            return Err(problem);
        }
        let v1_issuer = settings
            .v1_access_tokens
            .then(|| provider.settings().authority.v1_issuer())
            .flatten();
        Ok(Self(Arc::new(Inner {
            audiences: settings
                .api_audiences
                .iter()
                .map(|one| one.as_str().into())
                .collect(),
            v1_issuer: v1_issuer.and_then(|issuer| Issuer::parse(&issuer)),
            cache: VerifiedCache::new(settings.cache_bytes),
            provider,
            clock,
            settings,
        })))
    }

    /// Verifies an ID token that came from the token endpoint.
    ///
    /// # Errors
    /// When it is not acceptable, or the keys cannot be had.
    pub async fn id_token(
        &self,
        token: &str,
        expected: ExpectedIdToken<'_>,
    ) -> Result<IdToken, VerifyError> {
        let rules = TokenRules::Id(expected);
        let verified = self.verify(token, rules, Origin::Redeemed).await?;
        self.ask_resolver(&verified.claims).await?;
        Ok(IdToken::new(verified.claims))
    }

    /// Verifies a bearer token for our API.
    ///
    /// # Errors
    /// When it is not acceptable, or the keys cannot be had.
    pub async fn access_token(&self, token: &str) -> Result<Arc<AccessToken>, VerifyError> {
        match self.recall(token) {
            Recall::Known(token) => Ok(token),
            Recall::Unknown(unverified) => self.verify_access_token(token, &unverified).await,
        }
    }

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
            self.ask_resolver(known).await?;
            return Ok(Arc::clone(known));
        }
        let rules = self.access_rules();
        let verified = self.verify(token, rules, Origin::Stranger).await?;
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

    /// Verifies a back-channel logout token.
    ///
    /// # Errors
    /// When it is not acceptable, or the keys cannot be had.
    pub async fn logout_token(&self, token: &str) -> Result<LogoutToken, VerifyError> {
        let verified = self
            .verify(token, TokenRules::Logout, Origin::Stranger)
            .await?;
        Ok(LogoutToken::new(verified.claims))
    }

    /// How many verified access tokens are held, and about how many bytes they take.
    pub fn cache_usage(&self) -> (usize, usize) {
        self.0
            .cache
            .as_ref()
            .map(VerifiedCache::usage)
            .unwrap_or_default()
    }

    /// The provider.
    pub fn provider(&self) -> &Provider {
        &self.0.provider
    }

    async fn verify(
        &self,
        token: &str,
        token_rules: TokenRules<'_>,
        origin: Origin,
    ) -> Result<Verified, VerifyError> {
        let candidate = self.read(token, token_rules.kind())?;
        let metadata = self.0.provider.metadata().await?;
        let (checked, rules) = self.check(candidate, token_rules, &metadata)?;
        let kid = checked.header().kid.as_deref();
        let key = self.0.provider.key(kid, origin).await.map_err(no_key)?;
        conclude(checked, &rules, key, &metadata)
    }

    /// The same for a stranger's token, where metadata and key are at hand.
    fn verify_now(
        &self,
        token: &str,
        token_rules: TokenRules<'_>,
    ) -> Result<Option<Verified>, VerifyError> {
        let candidate = self.read(token, token_rules.kind())?;
        let Some(metadata) = self.0.provider.metadata_now() else {
            return Ok(None);
        };
        let (checked, rules) = self.check(candidate, token_rules, &metadata)?;
        let Some(key) = self.0.provider.key_at_once(checked.header().kid.as_deref()) else {
            return Ok(None);
        };
        conclude(checked, &rules, key.map_err(no_key)?, &metadata).map(Some)
    }

    fn read<'a>(&self, token: &'a str, kind: TokenKind) -> Result<Candidate<'a>, Rejection> {
        let algorithms = self.0.provider.settings().algorithms;
        Candidate::read(token, kind, algorithms, self.0.settings.max_token)
    }

    /// The cheap refusals come before the key is looked for: a forged token must break no other rule
    /// before it can cause a fetch.
    fn check<'a>(
        &'a self,
        candidate: Candidate<'a>,
        mut token_rules: TokenRules<'a>,
        metadata: &'a Metadata,
    ) -> Result<(Checked<'a>, Rules<'a>), Rejection> {
        if let TokenRules::Access(access) = &mut token_rules {
            access.typed_as_access_token = candidate.header().typed_as_access_token;
        }
        let rules = self.rules(metadata, token_rules);
        let checked = candidate.check(&rules, self.0.clock.now())?;
        Ok((checked, rules))
    }

    fn rules<'a>(&'a self, metadata: &'a Metadata, token: TokenRules<'a>) -> Rules<'a> {
        let authority = &self.0.provider.settings().authority;
        Rules {
            issuer: &metadata.issuer,
            tenant: metadata.tenant.as_ref(),
            authority: authority.tenant(),
            directory_claims: authority.has_directory_claims(),
            client_id: &self.0.settings.client_id,
            tenants: &self.0.settings.tenants,
            leeway: self.0.settings.leeway,
            token,
        }
    }

    fn asks_the_application(&self) -> bool {
        matches!(self.0.settings.tenants, AllowedTenants::Resolver(_))
    }

    /// The application's own answer, for genuine tokens only.
    async fn ask_resolver(&self, claims: &VerifiedClaims) -> Result<(), VerifyError> {
        let AllowedTenants::Resolver(resolver) = &self.0.settings.tenants else {
            return Ok(());
        };
        let authority = &self.0.provider.settings().authority;
        let Some(tid) = claims.tid().filter(|_| authority.is_multi_tenant()) else {
            return Ok(());
        };
        match resolver.is_allowed(tid.guid()).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Rejection::new(Code::TenantNotAllowed, Reason::NotAllowed).into()),
            Err(_) => Err(Unavailable::soon().into()),
        }
    }
}

fn conclude(
    checked: Checked<'_>,
    rules: &Rules<'_>,
    key: Arc<VerificationKey>,
    metadata: &Arc<Metadata>,
) -> Result<Verified, VerifyError> {
    let cloud = metadata.cloud_instance_name.as_deref();
    Ok(Verified {
        claims: checked.verify(&key, rules, cloud)?,
        key,
        metadata: Arc::clone(metadata),
    })
}

fn no_key(failure: KeyFailure) -> VerifyError {
    match failure {
        KeyFailure::Unknown => Rejection::new(Code::KeyId, Reason::Unknown).into(),
        KeyFailure::Ambiguous => Rejection::new(Code::KeyId, Reason::Missing).into(),
        KeyFailure::Unavailable(unavailable) => unavailable.into(),
    }
}

#[cfg(test)]
#[path = "verifier_tests.rs"]
mod tests;
