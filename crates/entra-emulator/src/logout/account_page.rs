//! The page on which the user chooses the account to be signed out.

use actix_web::HttpResponse;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::authority::Authority;
use crate::authorize::SignInCookie;
use crate::http::Params;
use crate::seal::Purpose;
use crate::state::State;
use crate::sync::read;

/// The end-session request of the page, sealed in its form.
#[derive(Deserialize, Serialize)]
pub(super) struct SignOutPageState {
    pub(super) params: Params,
    /// Seconds since the Unix epoch.
    expires_at: i64,
}

/// The time for which the page may stay open, seconds.
const LIFETIME: i64 = 3600;

impl SignOutPageState {
    /// Opens the state in the page's form; `None` when the emulator did not seal it, or when it has expired.
    pub(super) fn open(state: &State, form: &Params) -> Option<Self> {
        let sealed = form.get("request").unwrap_or_default();
        let page: Self = state.sealer.open(Purpose::SignOutPage, sealed)?;
        (page.expires_at > state.clock.now()).then_some(page)
    }
}

/// Shows the accounts that are signed in in the browser.
pub(super) fn show(
    state: &State,
    authority: &Authority,
    params: Params,
    session: &SignInCookie,
) -> HttpResponse {
    let directory = read(&state.directory);
    let users = session
        .accounts
        .iter()
        .filter_map(|account| directory.user(&account.user));
    let tiles: Vec<Value> = users
        .map(|user| json!({ "id": user.id, "name": user.display_name, "username": user.user_principal_name, "initials": user.initials() }))
        .collect();
    let page = SignOutPageState {
        params,
        expires_at: state.clock.now().saturating_add(LIFETIME),
    };
    let context = json!({
        "title": "Pick an account",
        "segment": authority.segment,
        "request": state.sealer.seal(Purpose::SignOutPage, &page, 0),
        "tiles": tiles,
    });
    state.pages.page("logout_picker.html", &context)
}
