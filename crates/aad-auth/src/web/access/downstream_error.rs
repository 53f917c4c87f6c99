//! What a handler may return with `?` when it has called a downstream API.

use std::{fmt, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse, ResponseError,
    http::{StatusCode, header},
};

use crate::{
    acquisition::AcquireError,
    graph::GraphError,
    transport::TransportError,
    web::{
        answers::{advice::Told, answer},
        instance::{Auth, ChallengeReason, RequestAuth, request_auth::browser},
        pages::{Action, PageKind, PageModel},
    },
};

/// Why a downstream API could not be called, as a responder: the user is sent to sign in where
/// that helps (302, or 401 for scripts), otherwise a page or problem document says what happened
/// (503 with `Retry-After` where waiting helps, else 502). A session younger than 60 s that would have to
/// sign in again gets 403, which prevents a loop.
///
/// ```
/// use aad_auth::{DownstreamError, Graph};
///
/// /// The user's inbox, or `None` while Graph does not answer.
/// async fn inbox(graph: Graph) -> Result<Option<serde_json::Value>, DownstreamError> {
///     match graph.get("/me/mailFolders/inbox").await {
///         Ok(folder) => Ok(Some(folder)),
///         Err(error) if error.needs_sign_in() => Err(error), // redirects the user to sign in
///         Err(_) => Ok(None),
///     }
/// }
/// ```
pub struct DownstreamError {
    kind: DownstreamErrorKind,
    auth: Auth,
    request: HttpRequest,
}

/// Why a downstream API could not be called.
///
/// ```
/// use aad_auth::{DownstreamError, downstream::{DownstreamErrorKind, GraphError}};
///
/// fn is_not_found(error: &DownstreamError) -> bool {
///     let kind = error.kind();
///     matches!(kind, DownstreamErrorKind::Api(GraphError::Status { status: 404, .. }))
/// }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DownstreamErrorKind {
    /// There is no token.
    #[error(transparent)]
    Token(#[from] AcquireError),
    /// The API did not answer, or not usefully.
    #[error(transparent)]
    Api(#[from] GraphError),
}

impl DownstreamError {
    pub(in crate::web) fn new(
        auth: &Auth,
        request: &HttpRequest,
        kind: impl Into<DownstreamErrorKind>,
    ) -> Self {
        Self {
            kind: kind.into(),
            auth: auth.clone(),
            request: request.clone(),
        }
    }

    /// The cause.
    pub const fn kind(&self) -> &DownstreamErrorKind {
        &self.kind
    }

    /// Whether the user has to sign in: then the error is to be returned, since it leads there.
    pub const fn needs_sign_in(&self) -> bool {
        matches!(
            self.kind,
            DownstreamErrorKind::Token(
                AcquireError::InteractionRequired(_) | AcquireError::SessionEnded(_)
            )
        )
    }

    /// Whether the API was not asked: too many calls or refreshes are under way, or it has failed several times in
    /// a row. Trying again makes sense in a moment.
    pub const fn is_busy(&self) -> bool {
        matches!(
            self.kind,
            DownstreamErrorKind::Token(AcquireError::Busy)
                | DownstreamErrorKind::Api(GraphError::Transport(
                    TransportError::Busy | TransportError::CircuitOpen { .. }
                ))
        )
    }

    /// When trying again makes sense, if it does.
    pub fn retry_after(&self) -> Option<Duration> {
        match &self.kind {
            DownstreamErrorKind::Token(AcquireError::Unavailable { retry_after }) => {
                Some(*retry_after)
            }
            DownstreamErrorKind::Token(AcquireError::Busy) => Some(Duration::from_secs(1)),
            DownstreamErrorKind::Token(AcquireError::Store(_)) => Some(Duration::from_secs(5)),
            DownstreamErrorKind::Api(GraphError::Transport(TransportError::CircuitOpen {
                retry_after,
            })) => Some(*retry_after),
            DownstreamErrorKind::Api(GraphError::Transport(error)) => matches!(
                error,
                TransportError::Unreachable
                    | TransportError::Timeout
                    | TransportError::Closed
                    | TransportError::Busy
                    | TransportError::Stopped
            )
            .then_some(Duration::from_secs(5)),
            DownstreamErrorKind::Api(GraphError::Status {
                status: 429 | 500..,
                retry_after,
                ..
            }) => Some(retry_after.unwrap_or(Duration::from_secs(5))),
            _ => None,
        }
    }

    /// Whether the user has been sent to sign in for this already, and it did not help.
    fn goes_round(&self) -> bool {
        let DownstreamErrorKind::Token(AcquireError::InteractionRequired(_)) = self.kind else {
            return false;
        };
        let now = self.auth.engine().clock().now();
        let known = RequestAuth::of_instance(&self.request, &self.auth);
        let session = known.and_then(|state| state.known()).flatten();
        let fresh = session.is_some_and(|session| now.since(session.signed_in_at()) < FRESH);
        fresh
            && browser(&self.auth, self.request.headers())
                .is_some_and(|browser| browser.is_repeating(now))
    }

    fn round_page(&self) -> HttpResponse {
        let mut support = self.auth.support("AAD-DOWNSTREAM-AGAIN");
        tracing::warn!(reference = support.reference, error = %self.kind, "a sign-in did not help");
        let mut page = PageModel::new(
            PageKind::Forbidden,
            StatusCode::FORBIDDEN.as_u16(),
            "Signing in again did not help",
            "A service behind this page asks for a new sign-in, although you have just signed in. \
             Your account may lack a consent, or not meet a rule of your organisation.",
        );
        if let DownstreamErrorKind::Token(AcquireError::InteractionRequired(Some(fault))) =
            &self.kind
        {
            let told = Told::of(fault);
            page.advice = Some(told.user);
            support.remedy = told.remedy;
        }
        let home = self.auth.config().base_url.home();
        let mut page = page
            .action(Action::link("Sign in again", self.auth.sign_in_path(&home)))
            .action(Action::link("Go to the home page", self.auth.home()));
        page.support = Some(support);
        answer::page_or_problem(&self.auth, &self.request, &page)
    }

    fn reason(&self) -> Option<ChallengeReason> {
        match &self.kind {
            DownstreamErrorKind::Token(AcquireError::SessionEnded(_)) => {
                Some(ChallengeReason::Expired)
            }
            DownstreamErrorKind::Token(AcquireError::InteractionRequired(fault)) => {
                Some(match fault {
                    None => ChallengeReason::Expired,
                    Some(fault) if fault.needs_consent() => ChallengeReason::ConsentRequired,
                    Some(_) => ChallengeReason::StepUpRequired,
                })
            }
            _ => None,
        }
    }
}

impl ResponseError for DownstreamError {
    fn status_code(&self) -> StatusCode {
        match (self.reason(), self.retry_after()) {
            (Some(_), _) if self.goes_round() => StatusCode::FORBIDDEN,
            (Some(_), _) => StatusCode::UNAUTHORIZED,
            (None, Some(_)) => StatusCode::SERVICE_UNAVAILABLE,
            (None, None) => StatusCode::BAD_GATEWAY,
        }
    }

    fn error_response(&self) -> HttpResponse {
        if self.goes_round() {
            return self.round_page();
        }
        if let Some(reason) = self.reason() {
            return self.auth.unauthenticated(&self.request, reason);
        }
        let support = self.auth.support("AAD-DOWNSTREAM");
        tracing::warn!(reference = support.reference, error = %self.kind, "a downstream call failed");
        let mut page = PageModel::new(
            PageKind::Unavailable,
            self.status_code().as_u16(),
            "A service behind this page does not answer as it should",
            "You are still signed in, and nothing was changed. Please try again in a moment.",
        )
        .action(Action::link("Go to the home page", self.auth.home()));
        page.support = Some(support);
        let mut response = answer::page_or_problem(&self.auth, &self.request, &page);
        if let Some(wait) = self.retry_after() {
            // Rounded up.
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            let seconds = seconds.max(1);
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// A younger session is the result of the sign-in that should have helped.
const FRESH: Duration = Duration::from_secs(60);

impl fmt::Debug for DownstreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DownstreamError").field(&self.kind).finish()
    }
}

impl fmt::Display for DownstreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}
