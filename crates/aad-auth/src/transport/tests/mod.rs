//! The transport against real servers on loopback.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that meets the unexpected has failed"
)]

mod answers;
mod bulkheads;
mod circuit;
mod connections;
mod deadlines;
mod life;
mod tls;

use std::time::Duration;

use http::{HeaderMap, Method};
use url::Url;

use super::{CallPurpose, Request, Transport, TransportSettings};

fn transport(timeout: Duration) -> Transport {
    Transport::new(TransportSettings::default().timeout(timeout)).unwrap()
}

fn quick() -> Transport {
    transport(Duration::from_secs(5))
}

/// A request that may not be repeated and brings a secret.
fn token_request(url: Url) -> Request {
    Request {
        purpose: CallPurpose::Token,
        method: Method::POST,
        url,
        headers: HeaderMap::new(),
        body: b"code=canary".to_vec(),
        caller: None,
    }
}
