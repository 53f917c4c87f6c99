//! Concurrent downstream calls by host, user and session, and the circuit of each host.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use url::Url;

use super::{
    Bounds, CallOwner,
    circuit::{Circuit, CircuitChange, CircuitPass, HostVerdict},
};

/// The maximum number of hosts in memory. The host with the oldest call is removed first.
const MAX_HOSTS: usize = 256;

/// The downstream calls of one transport.
pub(super) struct Downstream {
    by_host: usize,
    by_user: usize,
    by_session: usize,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    hosts: HashMap<String, Host>,
    users: Counts,
    sessions: Counts,
}

struct Host {
    calls: usize,
    circuit: Circuit,
    called: Instant,
}

/// Concurrent calls by digest. A digest without calls takes no memory.
#[derive(Default)]
struct Counts(HashMap<[u8; 32], usize>);

/// Why a downstream call is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum DownstreamRefused {
    Host,
    User,
    Session,
    CircuitOpen { retry_after: Duration },
}

/// A downstream call under way. It counts until it is dropped.
pub(super) struct DownstreamCall {
    downstream: Arc<Downstream>,
    host: String,
    caller: Option<CallOwner>,
    pass: CircuitPass,
}

impl Downstream {
    pub(super) fn new(bounds: &Bounds) -> Arc<Self> {
        Arc::new(Self {
            by_host: bounds.api_by_host,
            by_user: bounds.api_by_user,
            by_session: bounds.api_by_session,
            table: Mutex::default(),
        })
    }

    /// Admits a call to `url` for `caller`. `None` is the application itself.
    pub(super) fn admit(
        self: &Arc<Self>,
        url: &Url,
        caller: Option<CallOwner>,
        now: Instant,
    ) -> Result<DownstreamCall, DownstreamRefused> {
        let host = url.origin().ascii_serialization();
        let mut table = self.table();
        if let Some(caller) = &caller {
            if table.sessions.of(&caller.session) >= self.by_session {
                return Err(DownstreamRefused::Session);
            }
            if table.users.of(&caller.user) >= self.by_user {
                return Err(DownstreamRefused::User);
            }
        }
        let entry = table.host(&host, now).ok_or(DownstreamRefused::Host)?;
        if entry.calls >= self.by_host {
            return Err(DownstreamRefused::Host);
        }
        let user = caller.map(|caller| caller.user);
        let pass = entry.circuit.admit(user, now);
        let pass = pass.map_err(|retry_after| DownstreamRefused::CircuitOpen { retry_after })?;
        entry.calls += 1;
        entry.called = now;
        if let Some(caller) = &caller {
            table.sessions.enter(caller.session);
            table.users.enter(caller.user);
        }
        Ok(DownstreamCall {
            downstream: Arc::clone(self),
            host,
            caller,
            pass,
        })
    }

    /// The number of hosts with an open circuit.
    pub(super) fn open_circuits(&self) -> usize {
        let table = self.table();
        let hosts = table.hosts.values();
        hosts.filter(|host| host.circuit.is_open()).count()
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// The entry of a host. `None` when the table is full and each of its hosts has a call under way.
    fn host(&mut self, name: &str, now: Instant) -> Option<&mut Host> {
        if !self.hosts.contains_key(name) {
            if self.hosts.len() >= MAX_HOSTS {
                let idle = self.hosts.iter().filter(|(_, host)| host.calls == 0);
                let oldest = idle.min_by_key(|(_, host)| host.called)?.0.clone();
                self.hosts.remove(&oldest);
            }
            let host = Host {
                calls: 0,
                circuit: Circuit::default(),
                called: now,
            };
            self.hosts.insert(name.to_owned(), host);
        }
        self.hosts.get_mut(name)
    }
}

impl Counts {
    fn of(&self, digest: &[u8; 32]) -> usize {
        self.0.get(digest).copied().unwrap_or_default()
    }

    fn enter(&mut self, digest: [u8; 32]) {
        *self.0.entry(digest).or_default() += 1;
    }

    fn leave(&mut self, digest: [u8; 32]) {
        if let Entry::Occupied(mut entry) = self.0.entry(digest) {
            *entry.get_mut() = entry.get().saturating_sub(1);
            if *entry.get() == 0 {
                entry.remove();
            }
        }
    }
}

impl DownstreamCall {
    /// Notes the verdict of the call.
    pub(super) fn finish(&self, verdict: HostVerdict, now: Instant) {
        let user = self.caller.map(|caller| caller.user);
        let mut table = self.downstream.table();
        let host = table.hosts.get_mut(&self.host);
        let change = host.and_then(|host| host.circuit.note(self.pass, user, verdict, now));
        drop(table);
        let host = &*self.host;
        match change {
            Some(CircuitChange::Opened) => tracing::warn!(
                host,
                "a downstream API has failed several times in a row: its calls fail with 503 \
                 until a call that probes it succeeds"
            ),
            Some(CircuitChange::Closed) => tracing::info!(host, "a downstream API answers again"),
            None => {}
        }
    }
}

impl Drop for DownstreamCall {
    fn drop(&mut self) {
        let mut table = self.downstream.table();
        if let Some(host) = table.hosts.get_mut(&self.host) {
            host.calls = host.calls.saturating_sub(1);
        }
        if let Some(caller) = self.caller {
            table.sessions.leave(caller.session);
            table.users.leave(caller.user);
        }
    }
}

#[cfg(test)]
#[path = "downstream_tests.rs"]
mod tests;
