//! Parts of requests and answers: parameters, origin, identifiers, JSON answers, recorded calls.

mod answer;
mod journal;
mod origin;
mod params;
mod trace;

pub(crate) use answer::{error_json, json_text, public_json, with_cors};
pub use journal::RecordedCall;
pub(crate) use journal::{Journal, Verdict};
pub(crate) use origin::Origin;
pub(crate) use params::Params;
pub(crate) use trace::Trace;
