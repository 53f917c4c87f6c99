//! The verifier of ID tokens, bearer tokens and logout tokens.

use std::sync::Arc;

use super::{
    Candidate, Checked, ClaimsContext, ExpectedIdToken, IdToken, LogoutToken, ProviderKind,
    Rejection, Rules, TokenKind, TokenRules, VerifiedClaims, VerifierSettings,
    rejection::{Code, Reason},
    verified_cache::VerifiedCache,
};
use crate::{
    clock::Clock,
    config::{AllowedTenants, Problem},
    provider::{Issuer, KeyFailure, Metadata, Provider, TokenSource, Unavailable, VerificationKey},
};

/// Verifies tokens. Cheap to clone.
#[derive(Clone)]
pub struct Verifier(pub(super) Arc<VerifierInner>);

pub(super) struct VerifierInner {
    pub(super) provider: Provider,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) settings: VerifierSettings,
    pub(super) audiences: Vec<Box<str>>,
    pub(super) trusted_audiences: Vec<Box<str>>,
    pub(super) v1_issuer: Option<Issuer>,
    pub(super) cache: Option<VerifiedCache>,
}

/// Why a token is not accepted.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum VerifyError {
    /// The token is not acceptable: 401, or a 4xx page at sign-in.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The provider or the tenant resolver is not available: 503.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// A verified token, with the key and the metadata that verified it. The tenant resolver is still to be
/// called.
pub(super) struct Verified {
    pub(super) claims: VerifiedClaims,
    pub(super) key: Arc<VerificationKey>,
    pub(super) metadata: Arc<Metadata>,
}

impl Verifier {
    /// Creates a verifier of tokens of `provider`.
    ///
    /// # Errors
    /// When a setting is unsafe, such as an empty audience.
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
        let boxed = |all: &[String]| all.iter().map(|one| one.as_str().into()).collect();
        Ok(Self(Arc::new(VerifierInner {
            audiences: boxed(&settings.api_audiences),
            trusted_audiences: boxed(&settings.trusted_audiences),
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
    /// When the token is not acceptable, or the keys cannot be loaded.
    pub async fn id_token(
        &self,
        token: &str,
        expected: ExpectedIdToken<'_>,
    ) -> Result<IdToken, VerifyError> {
        let rules = TokenRules::Id(expected);
        let verified = self.verify(token, rules, TokenSource::Redeemed).await?;
        self.call_resolver(&verified.claims).await?;
        Ok(IdToken::new(verified.claims))
    }

    /// Verifies a back-channel logout token.
    ///
    /// # Errors
    /// When the token is not acceptable, or the keys cannot be loaded.
    pub async fn logout_token(&self, token: &str) -> Result<LogoutToken, VerifyError> {
        let verified = self
            .verify(token, TokenRules::Logout, TokenSource::Caller)
            .await?;
        Ok(LogoutToken::new(verified.claims))
    }

    /// The number of cached access tokens, and their approximate size in bytes.
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

    pub(super) async fn verify(
        &self,
        token: &str,
        token_rules: TokenRules<'_>,
        source: TokenSource,
    ) -> Result<Verified, VerifyError> {
        let candidate = self.read(token, token_rules.kind())?;
        let metadata = self.0.provider.metadata().await?;
        let (checked, rules) = self.check(candidate, token_rules, &metadata)?;
        let kid = checked.header().kid.as_deref();
        let key = self.0.provider.key(kid, source).await.map_err(no_key)?;
        conclude(checked, &rules, key, &metadata)
    }

    /// Synchronous fast path of [`Self::verify`] for [`TokenSource::Caller`]: metadata and key are already
    /// held. Allocates no future. `None`, without an effect, where something has to be loaded.
    pub(super) fn verify_at_once(
        &self,
        token: &str,
        token_rules: TokenRules<'_>,
    ) -> Result<Option<Verified>, VerifyError> {
        let candidate = self.read(token, token_rules.kind())?;
        let Some(metadata) = self.0.provider.metadata_at_once() else {
            return Ok(None);
        };
        let (checked, rules) = self.check(candidate, token_rules, &metadata)?;
        let Some(key) = self.0.provider.key_at_once(checked.header().kid.as_deref()) else {
            return Ok(None);
        };
        conclude(checked, &rules, key.map_err(no_key)?, &metadata).map(Some)
    }

    fn read<'a>(&self, token: &'a str, kind: TokenKind) -> Result<Candidate<'a>, Rejection> {
        let provider = self.0.provider.settings();
        let context = ClaimsContext {
            kind,
            provider: ProviderKind::from(provider.authority.kind()),
            roles: &self.0.settings.roles_claim,
        };
        Candidate::read(
            token,
            context,
            provider.algorithms,
            self.0.settings.max_token,
        )
    }

    /// Checks the claims before the key lookup: only a token that breaks no other rule can cause a fetch
    /// of keys.
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
            trusted_audiences: &self.0.trusted_audiences,
            tenants: &self.0.settings.tenants,
            leeway: self.0.settings.leeway,
            token,
        }
    }

    /// Whether the application's tenant resolver decides about tokens.
    pub(super) fn calls_resolver(&self) -> bool {
        matches!(self.0.settings.tenants, AllowedTenants::Resolver(_))
    }

    /// Asks the application's tenant resolver whether the tenant is allowed. Genuine tokens only.
    pub(super) async fn call_resolver(&self, claims: &VerifiedClaims) -> Result<(), VerifyError> {
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
