use std::collections::BTreeSet;

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite};
use serde::{Deserialize, Serialize};

use crate::http::Origin;
use crate::seal::Purpose;
use crate::state::State;

/// Who is signed in in this browser: the emulator's single sign-on.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct SignInCookie {
    /// The browser session, in the claim `sid`.
    pub(crate) sid: String,
    pub(crate) accounts: Vec<Account>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Account {
    /// The user's object id.
    pub(crate) user: String,
    /// When the account was last picked.
    pub(crate) auth_time: i64,
    /// The user's revocation epoch then.
    pub(crate) epoch: u64,
    /// The applications signed in to since: who is told when the account signs out.
    #[serde(default)]
    pub(crate) applications: BTreeSet<String>,
}

const NAME: &str = "local_emulator_sign_in";
/// A non-persistent session lasts until the browser is closed, at most 24 hours (`entra.md` 3.3).
const LIFETIME: i64 = 24 * 3600;
const MAX_ACCOUNTS: usize = 8;
/// Eight accounts with as many applications still fit into one cookie.
const MAX_APPLICATIONS: usize = 5;

impl SignInCookie {
    /// What the request brings: accounts that still exist, are enabled, and have not been revoked.
    pub(crate) fn of(state: &State, request: &HttpRequest) -> Self {
        let cookie = request.cookie(NAME);
        let opened = cookie.and_then(|cookie| {
            state
                .sealer
                .open::<Self>(Purpose::SignInCookie, cookie.value())
        });
        let mut session = opened.unwrap_or_default();
        let now = state.clock.now();
        session.accounts.retain(|account| {
            account.auth_time > now.saturating_sub(LIFETIME)
                && state.is_current(&account.user, account.epoch)
        });
        if session.accounts.is_empty() {
            session.sid.clear();
        }
        session
    }

    /// Adds an account, or renews it; a new browser session gets its id here.
    pub(crate) fn sign_in(&mut self, state: &State, user: &str) {
        if self.sid.is_empty() {
            self.sid = state.random.guid();
        }
        let before = self
            .account(user)
            .map(|account| account.applications.clone());
        self.accounts.retain(|account| account.user != user);
        let epoch = state.epoch(user);
        self.accounts.insert(
            0,
            Account {
                user: user.to_owned(),
                auth_time: state.clock.now(),
                epoch,
                applications: before.unwrap_or_default(),
            },
        );
        self.accounts.truncate(MAX_ACCOUNTS);
    }

    /// Notes that the account has signed in to an application.
    pub(crate) fn remember(&mut self, user: &str, app_id: &str) {
        let account = self
            .accounts
            .iter_mut()
            .find(|account| account.user == user);
        if let Some(account) = account.filter(|known| known.applications.len() < MAX_APPLICATIONS) {
            account.applications.insert(app_id.to_owned());
        }
    }

    pub(crate) fn account(&self, user: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.user == user)
    }

    /// The cookie to set.
    pub(crate) fn cookie(&self, state: &State, origin: &Origin) -> Cookie<'static> {
        let value = state
            .sealer
            .seal(Purpose::SignInCookie, self, 0)
            .unwrap_or_default();
        attributes(value, origin)
    }
}

/// The cookie that removes the other.
pub(crate) fn expired_cookie(origin: &Origin) -> Cookie<'static> {
    let mut cookie = attributes(String::new(), origin);
    cookie.make_removal();
    cookie
}

fn attributes(value: String, origin: &Origin) -> Cookie<'static> {
    // The platform's cookies are sent in frames too; without https browsers refuse that, and Lax is what remains.
    let same_site = if origin.is_tls() {
        SameSite::None
    } else {
        SameSite::Lax
    };
    Cookie::build(NAME, value)
        .path("/")
        .http_only(true)
        .secure(origin.is_tls())
        .same_site(same_site)
        .finish()
}
