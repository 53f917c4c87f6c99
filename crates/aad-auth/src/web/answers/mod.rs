//! The crate's own answers: pages, problem documents, challenges and refusals.

pub(in crate::web) mod advice;
pub(in crate::web) mod answer;
pub(in crate::web) mod bearer_answer;
pub(in crate::web) mod challenge;
pub(in crate::web) mod cors;
pub(in crate::web) mod forgotten;
mod head_too_large;
pub(in crate::web) mod interstitial;
pub(in crate::web) mod refusal_page;

pub(in crate::web) use head_too_large::head_too_large;
