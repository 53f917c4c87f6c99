//! The ids of used client assertions.

use std::collections::HashMap;

/// The ids (`jti`) of client assertions that were used and have not expired.
#[derive(Default)]
pub(crate) struct Assertions {
    /// The `exp` of each id.
    used: HashMap<String, i64>,
}

const MAX_REMEMBERED: usize = 20_000;

impl Assertions {
    /// Marks an id as used; `false` when it was used before, or when too many are remembered.
    ///
    /// Forgets ids whose `expires_at` is before `oldest`.
    pub(crate) fn use_once(&mut self, id: String, expires_at: i64, oldest: i64) -> bool {
        self.used.retain(|_, until| *until > oldest);
        self.used.len() < MAX_REMEMBERED && self.used.insert(id, expires_at).is_none()
    }
}
