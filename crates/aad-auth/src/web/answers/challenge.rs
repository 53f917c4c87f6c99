//! The answer to a caller that a policy refuses: a redirect to sign-in, 401 or 403. Always a response,
//! never an error.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, Uri, header},
};

use super::{
    answer::{self, ProblemDetails},
    cors,
    forgotten::missing_routes,
    interstitial,
};
use crate::{
    config::ReturnTo,
    policy::Missing,
    store::StoreError,
    web::{
        instance::{Auth, ChallengeReason},
        pages::{Action, PageKind, PageModel, Support},
        request::{RequestKind, request_kind},
    },
};

impl Auth {
    /// The answer to a caller who is not known: a top-level navigation goes to sign-in and comes
    /// back; everything else gets 401. No cookie is set, and no body is kept.
    pub(in crate::web) fn unauthenticated(
        &self,
        request: &HttpRequest,
        reason: ChallengeReason,
    ) -> HttpResponse {
        if !self.routes_are_mounted() {
            return missing_routes(self.name());
        }
        let kind = request_kind(request.method(), request.headers());
        if kind == RequestKind::Navigation {
            self.watch_way_to_sign_in(request);
            let sign_in = self.sign_in_from(path_and_query(request.uri()));
            return answer::redirect(StatusCode::FOUND, &sign_in).finish();
        }
        self.not_signed_in(request, kind, reason)
    }

    /// Detects a proxy that does not forward the route of the sign-in: browsers are redirected there and
    /// never arrive. Counts browsers only, and only with the store of one process: otherwise they may
    /// arrive at another replica.
    fn watch_way_to_sign_in(&self, request: &HttpRequest) {
        let engine = self.engine();
        let is_browser = request.headers().contains_key("sec-fetch-mode");
        if is_browser && engine.sessions().store().exclusive() {
            let now = engine.clock().now();
            self.address_watch().sent_to_sign_in(self.config(), now);
        }
    }

    /// The answer to a navigation whose fragment is to be kept: a page that passes it on.
    pub(in crate::web) fn ask_for_fragment(&self, request: &HttpRequest) -> HttpResponse {
        let sign_in = self.sign_in_from(path_and_query(request.uri()));
        let mut response = interstitial::keep_fragment(self, &sign_in);
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, SESSION_CHALLENGE);
        response
    }

    /// The 401 answer: a problem document for scripts, a page for browsers.
    pub(in crate::web) fn not_signed_in(
        &self,
        request: &HttpRequest,
        kind: RequestKind,
        reason: ChallengeReason,
    ) -> HttpResponse {
        let login_url = self.sign_in_path(&self.page_of(request));
        let detail = match reason {
            ChallengeReason::Anonymous => "This needs a signed-in user.",
            ChallengeReason::Expired => "The session has ended.",
            ChallengeReason::ConsentRequired => "The identity provider asks for your consent.",
            ChallengeReason::StepUpRequired => "The identity provider asks you to sign in again.",
        };
        let mut response = if kind == RequestKind::Script {
            let problem = ProblemDetails {
                r#type: "about:blank",
                title: "Not signed in",
                status: 401,
                detail,
                reason: reason.as_str(),
                reference: None,
                login_url: Some(&login_url),
            };
            answer::problem_response(StatusCode::UNAUTHORIZED, &problem)
        } else {
            let message =
                format!("{detail} Nothing that you sent was kept: sign in, then send it again.");
            let page = PageModel::new(
                PageKind::NotSignedIn,
                401,
                "You are not signed in",
                &message,
            )
            .action(Action::link("Sign in", login_url));
            answer::page(self, request, &page)
        };
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, SESSION_CHALLENGE);
        cors::allow_origin(
            &mut response,
            request.headers(),
            &self.config().cors_origins,
        );
        response
    }

    /// The answer to a known caller who lacks something: 403 that says what.
    pub(in crate::web) fn forbidden(
        &self,
        request: &HttpRequest,
        missing: &[Missing],
    ) -> HttpResponse {
        let message = describe(missing);
        let mut page = PageModel::new(PageKind::Forbidden, 403, "You may not open this", &message)
            .action(Action::link("Go to the home page", self.home()))
            .action(Action::link(
                "Use another account",
                format!(
                    "{}&prompt=select_account",
                    self.sign_in_path(&self.page_of(request))
                ),
            ));
        page.support = Some(self.support("AAD-FORBIDDEN"));
        let mut response = answer::page_or_problem(self, request, &page);
        cors::allow_origin(
            &mut response,
            request.headers(),
            &self.config().cors_origins,
        );
        response
    }

    /// The answer while the store cannot be used. No user is signed out by it.
    pub(in crate::web) fn store_down(
        &self,
        request: &HttpRequest,
        error: StoreError,
    ) -> HttpResponse {
        tracing::error!(%error, "guarded requests are answered 503");
        let mut page = PageModel::new(
            PageKind::Unavailable,
            503,
            "Please come back in a moment",
            "The session store does not answer. No user has been signed out.",
        );
        page.support = Some(self.support("AAD-STORE"));
        let mut response = answer::page_or_problem(self, request, &page);
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, header::HeaderValue::from_static("5"));
        response
    }

    /// A refused cross-site request.
    pub(in crate::web) fn cross_site(&self, request: &HttpRequest) -> HttpResponse {
        let mut page = PageModel::new(
            PageKind::CrossSite,
            403,
            "This request came from another site",
            "For your safety it was not carried out. If you meant it, go to the page and do it there.",
        )
        .action(Action::link("Go to the home page", self.home()));
        page.support = Some(self.support("AAD-CROSS-SITE"));
        answer::page_or_problem(self, request, &page)
    }

    pub(in crate::web) fn support(&self, code: &str) -> Support {
        Support {
            reference: self.new_reference(),
            code: code.to_owned(),
            correlation_id: None,
            trace_id: None,
            provider_codes: Vec::new(),
            remedy: None,
            time: self.engine().clock().now().seconds(),
        }
    }

    /// The page a script or form belongs to, where the browser tells: after signing in, the user
    /// goes there and not to an API's address.
    fn page_of(&self, request: &HttpRequest) -> ReturnTo {
        let base = &self.config().base_url;
        let referer = request
            .headers()
            .get(header::REFERER)
            .and_then(|referer| referer.to_str().ok())
            .and_then(|referer| referer.strip_prefix(&base.origin()));
        referer.map_or_else(|| base.home(), |path| base.return_to(path))
    }
}

const SESSION_CHALLENGE: header::HeaderValue =
    header::HeaderValue::from_static("Session realm=\"sign-in\"");

/// Path and query as the application sees them.
pub(in crate::web) fn path_and_query(uri: &Uri) -> &str {
    uri.path_and_query().map_or("/", |both| both.as_str())
}

fn describe(missing: &[Missing]) -> String {
    let mut parts: Vec<String> = missing
        .iter()
        .map(|lack| match lack {
            Missing::Role(role) => format!("the app role \u{201c}{role}\u{201d}"),
            Missing::RoleUnknown(role) => format!(
                "certainty about the app role \u{201c}{role}\u{201d} (your sign-in does not list all of \
                 your roles)"
            ),
            Missing::Group(group) => format!("membership of the group {group}"),
            Missing::GroupUnknown(group) => format!(
                "certainty about the group {group} (your sign-in does not list your groups)"
            ),
            Missing::Scope(scope) => format!("the permission \u{201c}{scope}\u{201d}"),
            Missing::Permission(value) => {
                format!("the application permission \u{201c}{value}\u{201d}")
            }
            Missing::AuthContext(_) => "a stronger sign-in".to_owned(),
            Missing::AnyPermission => "any permission for this API".to_owned(),
            Missing::RuledOut => "an account without a role or group that is ruled out".to_owned(),
            Missing::Credential => "another kind of credential".to_owned(),
        })
        .collect();
    parts.dedup();
    format!(
        "Your account is known, but this needs {}. An administrator of your organisation can \
         assign it.",
        parts.join(" or ")
    )
}
