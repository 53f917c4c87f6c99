//! Implements the ports of the provider for [`Transport`].

use std::time::Duration;

use url::Url;

use super::{Background, BoxFuture, Fetch};
use crate::transport::{CallPurpose, Request, Response, Transport, TransportError};

impl Fetch for Transport {
    fn fetch(
        &self,
        purpose: CallPurpose,
        url: Url,
    ) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(self.send(Request::get(purpose, url)))
    }
}

impl Background for Transport {
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        // A stopped transport drops the task. A waiting request then sees a failed load.
        let _ = Self::spawn(self, task);
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        // Inside the future: a timer can be created within a runtime only.
        Box::pin(async move { tokio::time::sleep(duration).await })
    }
}
