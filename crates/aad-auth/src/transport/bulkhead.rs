//! Bulkheads: separate resources for each kind of call.

use super::{Bounds, CallPurpose, CallShare};

/// A kind of call with its own permits and connections.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Bulkhead {
    Token,
    Metadata,
    Userinfo,
    Refresh,
    Revocation,
    Api,
}

impl Bulkhead {
    pub(super) const ALL: [Self; 6] = [
        Self::Token,
        Self::Metadata,
        Self::Userinfo,
        Self::Refresh,
        Self::Revocation,
        Self::Api,
    ];

    pub(super) const fn of(purpose: CallPurpose) -> Self {
        match purpose {
            // One call at a time fetches each of them, from the same host.
            CallPurpose::Metadata | CallPurpose::Keys => Self::Metadata,
            CallPurpose::Token => Self::Token,
            CallPurpose::Userinfo => Self::Userinfo,
            CallPurpose::Refresh => Self::Refresh,
            CallPurpose::Revocation => Self::Revocation,
            CallPurpose::Api => Self::Api,
        }
    }

    /// The label in metrics.
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Metadata => "metadata",
            Self::Userinfo => "userinfo",
            Self::Refresh => "refresh",
            Self::Revocation => "revocation",
            Self::Api => "api",
        }
    }

    pub(super) const fn share(self, bounds: &Bounds) -> CallShare {
        match self {
            Self::Token => bounds.token,
            Self::Metadata => bounds.metadata,
            Self::Userinfo => bounds.userinfo,
            Self::Refresh => bounds.refresh,
            Self::Revocation => bounds.revocation,
            Self::Api => CallShare::new(bounds.api, bounds.api),
        }
    }
}

/// One `T` for each bulkhead.
pub(super) struct ByBulkhead<T> {
    token: T,
    metadata: T,
    userinfo: T,
    refresh: T,
    revocation: T,
    api: T,
}

impl<T> ByBulkhead<T> {
    pub(super) fn new(make: impl Fn(Bulkhead) -> T) -> Self {
        Self {
            token: make(Bulkhead::Token),
            metadata: make(Bulkhead::Metadata),
            userinfo: make(Bulkhead::Userinfo),
            refresh: make(Bulkhead::Refresh),
            revocation: make(Bulkhead::Revocation),
            api: make(Bulkhead::Api),
        }
    }

    pub(super) const fn get(&self, bulkhead: Bulkhead) -> &T {
        match bulkhead {
            Bulkhead::Token => &self.token,
            Bulkhead::Metadata => &self.metadata,
            Bulkhead::Userinfo => &self.userinfo,
            Bulkhead::Refresh => &self.refresh,
            Bulkhead::Revocation => &self.revocation,
            Bulkhead::Api => &self.api,
        }
    }
}
