//! The HTTP side: who may ask, what is recorded, how faults act, how answers look.

mod answer;
mod connection;
mod date;
mod form;
mod guard;
mod journal;
mod origin;
mod record;
mod routes;
mod transport_fault;

pub(crate) use answer::{Trace, error_json, json_text, trace_headers, with_cors};
pub(crate) use connection::{LiveConnection, remember_connection};
pub(crate) use date::date;
pub(crate) use form::Params;
pub(crate) use guard::guard;
pub use journal::RecordedCall;
pub(crate) use journal::{Journal, Verdict};
pub(crate) use origin::Origin;
pub(crate) use record::{GrantType, record};
pub(crate) use routes::routes;
pub(crate) use transport_fault::transport_faults;
