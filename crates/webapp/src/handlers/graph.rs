//! The page that calls Graph.

use std::time::Instant;

use aad_auth::{DownstreamError, Graph, User};
use actix_web::HttpResponse;

use super::PageContext;
use crate::pages::{
    graph::{Call, GraphPage},
    layout::Section,
};

const ME: &str = "/v1.0/me";

/// Calls Graph on the user's behalf and shows the request with its outcome, also a failed one.
///
/// # Errors
/// Without a page: the user has to sign in again, or too many calls are in flight (503).
pub async fn call_ms_graph(
    context: PageContext,
    user: User,
    graph: Graph,
) -> Result<HttpResponse, DownstreamError> {
    let started = Instant::now();
    let outcome = match graph.send(ME).await {
        Err(error) if error.needs_sign_in() || error.is_busy() => return Err(error),
        outcome => outcome,
    };
    let page = GraphPage {
        calls: vec![Call::new(
            ME,
            &user,
            &outcome,
            started.elapsed().as_millis(),
        )],
    };
    let section = Some(Section::Graph);
    Ok(context.page("graph.html", "Graph", section, Some(&user), &page))
}
