//! The one verifier, for ID tokens, bearer tokens and logout tokens.

use std::sync::Arc;

use super::{
    AccessToken, Candidate, Checked, ExpectedIdToken, IdToken, LogoutToken, ProviderKind, Reading,
    Rejection, Rules, TokenKind, TokenRules, VerifiedClaims, VerifierSettings,
    recall::Recall,
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
    /// It is not acceptable: 401, or at sign-in a 4xx page.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// Nobody can tell now: 503.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// A token that has passed everything but the application's own answer, and by what.
pub(super) struct Verified {
    pub(super) claims: VerifiedClaims,
    pub(super) key: Arc<VerificationKey>,
    pub(super) metadata: Arc<Metadata>,
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
    /// When it is not acceptable, or the keys cannot be had.
    pub async fn id_token(
        &self,
        token: &str,
        expected: ExpectedIdToken<'_>,
    ) -> Result<IdToken, VerifyError> {
        let rules = TokenRules::Id(expected);
        let verified = self.verify(token, rules, TokenSource::Redeemed).await?;
        self.ask_resolver(&verified.claims).await?;
        Ok(IdToken::new(verified.claims))
    }

    /// Verifies a bearer token for our API.
    ///
    /// # Errors
    /// When it is not acceptable, or the keys cannot be had.
    #[cfg_attr(
        not(feature = "unstable-internals"),
        expect(dead_code, reason = "the gate recalls and verifies in two steps")
    )]
    pub async fn access_token(&self, token: &str) -> Result<Arc<AccessToken>, VerifyError> {
        match self.recall(token) {
            Recall::Known(token) => Ok(token),
            Recall::Unknown(unverified) => self.verify_access_token(token, &unverified).await,
        }
    }

    /// Verifies a back-channel logout token.
    ///
    /// # Errors
    /// When it is not acceptable, or the keys cannot be had.
    pub async fn logout_token(&self, token: &str) -> Result<LogoutToken, VerifyError> {
        let verified = self
            .verify(token, TokenRules::Logout, TokenSource::Caller)
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

    pub(super) async fn verify(
        &self,
        token: &str,
        token_rules: TokenRules<'_>,
        origin: TokenSource,
    ) -> Result<Verified, VerifyError> {
        let candidate = self.read(token, token_rules.kind())?;
        let metadata = self.0.provider.metadata().await?;
        let (checked, rules) = self.check(candidate, token_rules, &metadata)?;
        let kid = checked.header().kid.as_deref();
        let key = self.0.provider.key(kid, origin).await.map_err(no_key)?;
        conclude(checked, &rules, key, &metadata)
    }

    /// The same for a stranger's token, where metadata and key are at hand.
    pub(super) fn verify_now(
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
        let provider = self.0.provider.settings();
        let reading = Reading {
            kind,
            provider: ProviderKind::from(provider.authority.kind()),
            roles: &self.0.settings.roles_claim,
        };
        Candidate::read(
            token,
            reading,
            provider.algorithms,
            self.0.settings.max_token,
        )
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
            trusted_audiences: &self.0.trusted_audiences,
            tenants: &self.0.settings.tenants,
            leeway: self.0.settings.leeway,
            token,
        }
    }

    pub(super) fn asks_the_application(&self) -> bool {
        matches!(self.0.settings.tenants, AllowedTenants::Resolver(_))
    }

    /// The application's own answer, for genuine tokens only.
    pub(super) async fn ask_resolver(&self, claims: &VerifiedClaims) -> Result<(), VerifyError> {
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
