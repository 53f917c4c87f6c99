//! Routes without side effects.

use actix_web::{Route, guard, web};

/// A route for GET and HEAD, which all servers must support (RFC 9110 section 9.1).
///
/// Actix omits the body of an answer to HEAD.
pub(crate) fn read() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}
