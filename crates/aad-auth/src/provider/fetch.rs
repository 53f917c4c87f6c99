//! Ports of the provider: HTTP requests and background tasks.

use std::{future::Future, pin::Pin, time::Duration};

use url::Url;

use crate::transport::{CallPurpose, Response, TransportError};

/// A boxed future that may move between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Fetches a document with a deadline and a size cap. Does not follow redirects.
pub trait Fetch: Send + Sync + 'static {
    /// Sends a GET request.
    fn fetch(
        &self,
        purpose: CallPurpose,
        url: Url,
    ) -> BoxFuture<'_, Result<Response, TransportError>>;
}

/// Runs tasks that outlive the request that started them.
pub trait Background: Send + Sync + 'static {
    /// Starts a task. It may be dropped unfinished when the process shuts down.
    fn spawn(&self, task: BoxFuture<'static, ()>);

    /// Waits for `duration`.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}
