//! The HTTP server: routes, and the middleware that refuses, records and disturbs requests.

mod connection;
mod date;
mod guard;
mod record;
mod routes;
mod run;
mod transport_fault;

pub(crate) use run::{RunningServer, run};
