//! Sets of the paths that `AAD_ROLES_CLAIM` names.

/// A set of paths of a [`RolesClaim`](crate::config::RolesClaim), by their positions in it. A claim has
/// at most 16.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct RolePaths(pub(super) u16);

impl RolePaths {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const ALL: Self = Self(u16::MAX);

    fn bit(at: usize) -> u16 {
        u32::try_from(at).map_or(0, |at| 1_u16.checked_shl(at).unwrap_or_default())
    }

    pub(super) fn has(self, at: usize) -> bool {
        self.0 & Self::bit(at) != 0
    }

    pub(super) fn add(&mut self, at: usize) {
        self.0 |= Self::bit(at);
    }
}
