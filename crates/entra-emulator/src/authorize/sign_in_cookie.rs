//! The emulator's single sign-on: the accounts that are signed in in a browser.

use std::collections::BTreeSet;

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite};
use serde::{Deserialize, Serialize};

use crate::http::Origin;
use crate::seal::Purpose;
use crate::state::State;

/// The accounts that are signed in in a browser, sealed in its cookie.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct SignInCookie {
    /// The id of the browser session: the claim `sid`; empty when no account is signed in.
    pub(crate) sid: String,
    pub(crate) accounts: Vec<Account>,
}

/// An account that is signed in in a browser.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Account {
    /// The user's object id.
    pub(crate) user: String,
    /// The time at which the user last picked the account, seconds since the Unix epoch.
    pub(crate) auth_time: i64,
    /// The number of the user's revocations at that time.
    pub(crate) epoch: u64,
    /// The client ids of applications that the user has signed in to since; a sign-out notifies them.
    #[serde(default)]
    pub(crate) applications: BTreeSet<String>,
}

const NAME: &str = "local_emulator_sign_in";
/// The longest lifetime of an account in the cookie, seconds.
const LIFETIME: i64 = 24 * 3600;
const MAX_ACCOUNTS: usize = 8;
/// Eight accounts with this number of applications fit into one cookie.
const MAX_APPLICATIONS: usize = 5;

impl SignInCookie {
    /// Reads the cookie of a request; keeps only enabled accounts that were not revoked.
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

    /// Adds an account, or renews it; the first account starts the browser session.
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

    /// Adds an application to those that the account has signed in to.
    pub(crate) fn add_application(&mut self, user: &str, app_id: &str) {
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

    /// Builds the cookie that replaces the browser's.
    pub(crate) fn cookie(&self, state: &State, origin: &Origin) -> Cookie<'static> {
        let value = state
            .sealer
            .seal(Purpose::SignInCookie, self, 0)
            .unwrap_or_default();
        attributes(value, origin)
    }
}

/// Builds the cookie that removes the browser's.
pub(crate) fn expired_cookie(origin: &Origin) -> Cookie<'static> {
    let mut cookie = attributes(String::new(), origin);
    cookie.make_removal();
    cookie
}

fn attributes(value: String, origin: &Origin) -> Cookie<'static> {
    // The platform's cookies are also sent in frames (`None`), which browsers refuse without https.
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
