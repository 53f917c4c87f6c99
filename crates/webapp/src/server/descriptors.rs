//! How many files and sockets the process may have open, and how many of them are for clients.

/// Raises the soft limit of open descriptors to the hard one, and returns what holds then. `None`:
/// there is no limit, or the system has none of the kind.
#[cfg(unix)]
pub fn raise_limit() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    // Some systems refuse what they call their own maximum: then the soft limit stays.
    if limit.current == limit.maximum || setrlimit(Resource::Nofile, raised).is_ok() {
        limit.maximum
    } else {
        limit.current
    }
}

/// There is nothing to raise.
#[cfg(not(unix))]
pub const fn raise_limit() -> Option<u64> {
    None
}

/// The most connections where `descriptors` may be open: without those for files, the store and each
/// of the worker threads, and without an eighth for calls to the provider; at most `wanted`.
pub fn connections(descriptors: Option<u64>, workers: usize, wanted: usize) -> usize {
    let reserved = RESERVED.saturating_add(workers.saturating_mul(OF_A_WORKER));
    let limit = descriptors.map_or(usize::MAX, |limit| {
        usize::try_from(limit).unwrap_or(usize::MAX)
    });
    let for_clients = (limit - limit / 8).saturating_sub(reserved);
    for_clients.max(FEWEST).min(wanted)
}

/// Standard streams, listeners, files and the store.
const RESERVED: usize = 48;
/// The event queue of a worker's thread, its connections to Redis (one to each primary) and one to spare.
const OF_A_WORKER: usize = 8;
/// Fewer would keep browsers out; a limit that is that low is told by errors of its own.
const FEWEST: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_get_what_the_process_itself_does_not_need() {
        assert_eq!(connections(Some(128), 2, 4096), 48);
        assert_eq!(connections(Some(1024), 2, 4096), 832);
        assert_eq!(connections(Some(1 << 20), 2, 4096), 4096);
        assert_eq!(connections(None, 2, 4096), 4096);
        assert_eq!(connections(Some(32), 64, 4096), FEWEST);
        assert_eq!(connections(Some(1024), 2, 100), 100);
    }
}
