//! The user flow for editing a profile, at a B2C-like authority.

use actix_web::HttpResponse;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::directory::User;
use crate::http::Params;
use crate::seal::Purpose;
use crate::sync::write;

use super::consent::PAGE_LIFETIME;
use super::respond::origin_of;
use super::sign_in::Step;

/// The page's state: the request, and whose profile it is.
#[derive(Deserialize, Serialize)]
pub(super) struct PendingProfile {
    pub(super) path: String,
    pub(super) params: Params,
    pub(super) user: String,
    pub(super) until: i64,
}

/// Whether the request is for the tenant's second user flow, in which users edit their profile.
pub(super) fn is_asked(step: &Step<'_>) -> bool {
    let authority = &step.request.authority;
    let flow = authority
        .tenant()
        .and_then(|tenant| tenant.policies.get(EDIT_PROFILE));
    flow.is_some() && flow == authority.policy.as_ref()
}

/// The place of the flow among the tenant's policies.
const EDIT_PROFILE: usize = 1;

/// Shows the page.
pub(super) fn ask(step: &Step<'_>, user: &User) -> HttpResponse {
    let segment = &step.request.authority.segment;
    let pending = PendingProfile {
        path: segment.clone(),
        params: step.request.params.clone(),
        user: user.id.clone(),
        until: step.trace.now.saturating_add(PAGE_LIFETIME),
    };
    let context = json!({
        "title": "Edit your profile",
        "action": format!("/{segment}/profile"),
        "request": step.state.sealer.seal(Purpose::PageState, &pending, 0),
        "name": user.display_name,
        "longest": LONGEST_NAME,
    });
    let target = origin_of(&step.request.redirect_uri);
    let pages = &step.state.pages;
    let mut response = pages.with_form_target("profile.html", &context, &target);
    let cookie = step.cookie.cookie(step.state, &step.origin);
    if let Err(error) = response.add_cookie(&cookie) {
        tracing::warn!(%error, "the sign-in cookie cannot be set");
    }
    response
}

/// Changes the name, where it is one.
pub(super) fn change(step: &Step<'_>, user: &str, name: &str) {
    let name = name.trim();
    let fits = (1..=LONGEST_NAME).contains(&name.chars().count());
    if !fits || name.chars().any(char::is_control) {
        return;
    }
    let mut directory = write(&step.state.directory);
    let found = directory.users.iter_mut().find(|known| known.id == user);
    if let Some(user) = found {
        name.clone_into(&mut user.display_name);
    }
}

const LONGEST_NAME: usize = 256;
