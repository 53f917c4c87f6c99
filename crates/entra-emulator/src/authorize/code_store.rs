use std::collections::HashMap;

use crate::encoding::{base64url, sha256};
use crate::scope::Scopes;

use super::request::Challenge;

/// What an authorization code stands for.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) app_id: String,
    pub(crate) redirect_uri: String,
    /// The authority at which it was asked for (`common`, a tenant id …).
    pub(crate) authority: String,
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

/// What became of a code that was presented.
pub(crate) enum Redeemed {
    /// Never issued, or forgotten.
    Unknown,
    /// Redeemed before.
    Again,
    /// Older than ten minutes.
    Expired,
    /// Good.
    Fresh(Box<Code>),
}

/// The codes of the last minutes.
#[derive(Default)]
pub(crate) struct CodeStore {
    codes: HashMap<String, Stored>,
    replays: u64,
}

struct Stored {
    code: Code,
    redeemed: bool,
}

/// The life of a code, seconds (`entra.md` 3.3).
const LIFETIME: i64 = 600;
/// Expired codes are remembered a little longer, to say 70008 and not "unknown".
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

    /// Looks a code up without using it.
    pub(crate) fn peek(&self, text: &str, now: i64) -> Redeemed {
        match self.codes.get(&key(text)) {
            None => Redeemed::Unknown,
            Some(stored) if stored.code.issued_at < now.saturating_sub(REMEMBERED) => {
                Redeemed::Unknown
            }
            Some(stored) if stored.redeemed => Redeemed::Again,
            Some(stored) if stored.code.issued_at < now.saturating_sub(LIFETIME) => {
                Redeemed::Expired
            }
            Some(stored) => Redeemed::Fresh(Box::new(stored.code.clone())),
        }
    }

    /// Uses a code up; `false` when it was used already.
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
