//! A thread with a runtime of its own, on which connections live.

use std::{
    io,
    sync::Mutex,
    thread::{self, JoinHandle},
};

use tokio::{
    runtime::{Builder, Handle},
    sync::oneshot,
};

/// Connections belong to the runtime that opened them. On an Actix worker's, a connection would
/// be as slow as that worker's slowest handler, and gone with the worker.
pub(super) struct Host {
    handle: Handle,
    stop: Mutex<Option<(oneshot::Sender<()>, JoinHandle<()>)>>,
}

impl Host {
    pub(super) fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new()
            .name("aad-redis".into())
            .spawn(move || {
                // Ends when the sender is used or dropped.
                let _stopped = runtime.block_on(stopped);
            })?;
        Ok(Self {
            handle,
            stop: Mutex::new(Some((stop, thread))),
        })
    }

    pub(super) const fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let stop = self.stop.get_mut().ok().and_then(Option::take);
        if let Some((stop, thread)) = stop {
            drop(stop);
            if thread::current().id() != thread.thread().id() {
                let _ended = thread.join();
            }
        }
    }
}
