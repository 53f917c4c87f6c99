//! Authorization codes, from issue to redemption.

use std::collections::HashMap;

use crate::encoding::{base64url, sha256};
use crate::pkce::Challenge;
use crate::scope::Scopes;

/// The request and the sign-in for which an authorization code was issued.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) app_id: String,
    pub(crate) redirect_uri: String,
    /// The authority of the authorization request (`common`, a tenant id …).
    pub(crate) authority: String,
    /// The user's object id.
    pub(crate) user: String,
    pub(crate) tid: String,
    pub(crate) scopes: Scopes,
    pub(crate) nonce: Option<String>,
    pub(crate) challenge: Option<Challenge>,
    pub(crate) sid: String,
    pub(crate) auth_time: i64,
    pub(crate) show_auth_time: bool,
    pub(crate) acrs: Vec<String>,
    pub(crate) issued_at: i64,
}

/// The state of a code that a client presents.
pub(crate) enum CodeState {
    /// Never issued, or expired long ago.
    Unknown,
    /// Redeemed before.
    Redeemed,
    /// Older than ten minutes.
    Expired,
    /// Can be redeemed.
    Fresh(Box<Code>),
}

/// The codes of the last 20 minutes.
#[derive(Default)]
pub(crate) struct CodeStore {
    codes: HashMap<String, Stored>,
    replays: u64,
}

struct Stored {
    code: Code,
    redeemed: bool,
}

/// The lifetime of a code, seconds.
const LIFETIME: i64 = 600;
/// The time for which an expired code is answered by 70008 rather than as unknown, seconds since its issue.
const REMEMBERED: i64 = 2 * LIFETIME;
const MAX_CODES: usize = 50_000;

impl CodeStore {
    pub(crate) fn insert(&mut self, text: &str, code: Code) {
        if self.codes.len() >= MAX_CODES {
            let now = code.issued_at;
            self.codes
                .retain(|_, stored| !stored.redeemed && stored.code.issued_at > now - LIFETIME);
        }
        if self.codes.len() < MAX_CODES {
            self.codes.insert(
                key(text),
                Stored {
                    code,
                    redeemed: false,
                },
            );
        }
    }

    /// Looks up a code without redeeming it.
    pub(crate) fn peek(&self, text: &str, now: i64) -> CodeState {
        match self.codes.get(&key(text)) {
            None => CodeState::Unknown,
            Some(stored) if stored.code.issued_at < now.saturating_sub(REMEMBERED) => {
                CodeState::Unknown
            }
            Some(stored) if stored.redeemed => CodeState::Redeemed,
            Some(stored) if stored.code.issued_at < now.saturating_sub(LIFETIME) => {
                CodeState::Expired
            }
            Some(stored) => CodeState::Fresh(Box::new(stored.code.clone())),
        }
    }

    /// Redeems a code; `false` when it was redeemed before.
    pub(crate) fn redeem(&mut self, text: &str) -> bool {
        self.codes
            .get_mut(&key(text))
            .is_some_and(|stored| !std::mem::replace(&mut stored.redeemed, true))
    }

    pub(crate) fn count_replay(&mut self) {
        self.replays = self.replays.saturating_add(1);
    }

    pub(crate) fn replays(&self) -> u64 {
        self.replays
    }

    /// Counts the codes that can still be redeemed.
    pub(crate) fn pending(&self, now: i64) -> usize {
        let fresh = |stored: &&Stored| {
            !stored.redeemed && stored.code.issued_at >= now.saturating_sub(LIFETIME)
        };
        self.codes.values().filter(fresh).count()
    }
}

fn key(text: &str) -> String {
    base64url(sha256(text))
}
