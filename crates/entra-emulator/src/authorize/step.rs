//! One request of a sign-in: the authorization request itself, or a form of its pages.

use actix_web::{HttpRequest, HttpResponse};

use crate::aadsts::Refusal;
use crate::authority::Authority;
use crate::directory::User;
use crate::http::{Origin, Params, Trace};
use crate::pages::form_target;
use crate::state::State;
use crate::sync::read;

use super::SignInCookie;
use super::checked::CheckedParameters;
use super::page_state::PageState;
use super::request::AuthorizeRequest;
use super::respond::{refuse, set_cookie};

/// One request of a sign-in, with its checked authorization request and the browser's cookie.
pub(super) struct Step<'a> {
    pub(super) state: &'a State,
    pub(super) origin: Origin,
    pub(super) trace: Trace,
    pub(super) request: AuthorizeRequest,
    pub(super) checked: CheckedParameters,
    pub(super) cookie: SignInCookie,
}

impl<'a> Step<'a> {
    /// Checks an authorization request. The error is the answer: a page, or a response to the client.
    pub(super) fn new(
        state: &'a State,
        request: &HttpRequest,
        authority: Result<Authority, Refusal>,
        params: Params,
    ) -> Result<Self, Box<HttpResponse>> {
        let (origin, trace) = (state.origin_for(request), state.trace(request));
        let directory = read(&state.directory);
        let asked =
            authority.and_then(|authority| AuthorizeRequest::new(authority, params, &directory));
        let asked = asked.map_err(|refusal| Box::new(state.pages.error(&trace, &refusal)))?;
        let checked = CheckedParameters::check(&asked, &directory);
        // The answer may read the directory again, which would deadlock with a waiting writer.
        drop(directory);
        let checked = checked
            .map_err(|refusal| Box::new(refuse(state, &origin, &trace, &asked, &refusal)))?;
        Ok(Self {
            cookie: SignInCookie::of(state, request),
            state,
            origin,
            trace,
            request: asked,
            checked,
        })
    }

    /// Continues the authorization request that a page's form carries; returns also the user whom the page asked.
    pub(super) fn resume(
        state: &'a State,
        request: &HttpRequest,
        form: &Params,
    ) -> Result<(Self, Option<String>), Box<HttpResponse>> {
        let trace = state.trace(request);
        let cross_site = request
            .headers()
            .get("sec-fetch-site")
            .is_some_and(|site| site == "cross-site");
        let page = PageState::open(&state.sealer, form, trace.now).filter(|_| !cross_site);
        let Some(page) = page else {
            return Err(Box::new(state.pages.error(&trace, &stale_page())));
        };
        let (name, policy) = match page.segment.split_once('/') {
            Some((name, policy)) => (name, Some(policy)),
            None => (page.segment.as_str(), None),
        };
        let authority = Authority::named(name, policy, &read(&state.directory));
        let step = Self::new(state, request, authority, page.params)?;
        Ok((step, page.user))
    }

    /// As [`Step::resume`], for a page that asked a user.
    pub(super) fn resume_for_user(
        state: &'a State,
        request: &HttpRequest,
        form: &Params,
    ) -> Result<(Self, String), Box<HttpResponse>> {
        match Self::resume(state, request, form)? {
            (step, Some(user)) => Ok((step, user)),
            (step, None) => Err(Box::new(step.page(&stale_page()))),
        }
    }

    /// Refuses a page of a user who is not signed in in this browser.
    ///
    /// The state of a page does not show that its form comes from the user's browser, so the cookie must hold the account.
    pub(super) fn require_account(&self, user: &str) -> Result<(), Box<HttpResponse>> {
        match self.cookie.account(user) {
            Some(_) => Ok(()),
            None => Err(Box::new(self.page(&stale_page()))),
        }
    }

    /// Seals the request for the form of a page.
    pub(super) fn page_state(&self, user: Option<&User>) -> Option<String> {
        let segment = &self.request.authority.segment;
        PageState::new(segment, &self.request.params, user, self.trace.now).seal(&self.state.sealer)
    }

    /// Shows a page whose form may lead to the client.
    pub(super) fn show(&self, template: &str, context: &serde_json::Value) -> HttpResponse {
        let target = form_target(&self.request.redirect_uri);
        self.state
            .pages
            .with_form_target(template, context, &target)
    }

    /// Shows a page to a user who is signed in, and keeps the sign-in in the cookie.
    pub(super) fn show_signed_in(
        &self,
        template: &str,
        context: &serde_json::Value,
    ) -> HttpResponse {
        let mut response = self.show(template, context);
        set_cookie(&mut response, &self.cookie.cookie(self.state, &self.origin));
        response
    }

    /// Shows a refusal as a page.
    pub(super) fn page(&self, refusal: &Refusal) -> HttpResponse {
        self.state.pages.error(&self.trace, refusal)
    }

    /// Sends a refusal to the client.
    pub(super) fn refuse(&self, refusal: &Refusal) -> HttpResponse {
        refuse(
            self.state,
            &self.origin,
            &self.trace,
            &self.request,
            refusal,
        )
    }
}

fn stale_page() -> Refusal {
    Refusal::invalid_request(
        165_000,
        "The page was open for too long, or does not belong to this browser.",
    )
    .advise("Go back to the application and start again.")
}
