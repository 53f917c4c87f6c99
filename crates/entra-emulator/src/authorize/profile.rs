//! The user flow of a B2C tenant for editing a profile.

use actix_web::HttpResponse;
use serde_json::json;

use crate::directory::User;
use crate::sync::write;

use super::step::Step;

/// Tells whether the request is for the tenant's second user flow, in which users edit their profile.
pub(super) fn is_requested(step: &Step<'_>) -> bool {
    let authority = &step.request.authority;
    let flow = authority
        .tenant()
        .and_then(|tenant| tenant.policies.get(EDIT_PROFILE));
    flow.is_some() && flow == authority.policy.as_ref()
}

/// The index of the flow in the tenant's `policies`.
const EDIT_PROFILE: usize = 1;

/// Shows the page for editing the profile.
pub(super) fn ask(step: &Step<'_>, user: &User) -> HttpResponse {
    let segment = &step.request.authority.segment;
    let context = json!({
        "title": "Edit your profile",
        "action": format!("/{segment}/profile"),
        "request": step.page_state(Some(user)),
        "name": user.display_name,
        "longest": LONGEST_NAME,
    });
    step.show_signed_in("profile.html", &context)
}

/// Changes the display name; an empty, too long or malformed one changes nothing.
pub(super) fn change_name(step: &Step<'_>, user: &str, name: &str) {
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

/// Characters.
const LONGEST_NAME: usize = 256;
