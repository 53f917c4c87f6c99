//! The change of a response on its way out.

use actix_web::{body::BoxBody, dev::ServiceResponse};

/// A change of an answer on its way out. Actix has boxed the body of a handler already, and such a
/// body is passed on as it is.
pub(in crate::web) type Outward<B> = fn(ServiceResponse<B>) -> ServiceResponse<BoxBody>;
