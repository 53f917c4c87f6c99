//! Routes that only read.

use actix_web::{Route, guard, web};

/// A route for GET, and HEAD alike (RFC 9110 section 9.1: both must be supported by all servers).
/// Actix leaves the content of an answer to HEAD away.
pub(crate) fn read() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}
