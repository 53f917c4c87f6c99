use std::time::Instant;

use aad_auth::{DownstreamError, Graph, User};
use actix_web::HttpResponse;

use super::Desk;
use crate::pages::{
    graph::{Call, GraphPage},
    layout::Section,
};

const ME: &str = "/v1.0/me";

/// Calls Graph on the user's behalf and shows the call. Whatever happens there, it is a page;
/// only where signing in helps the browser is led there, and where no call was made there is none
/// to show (503).
pub async fn call_ms_graph(
    desk: Desk,
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
    Ok(desk.page("graph.html", "Graph", section, Some(&user), &page))
}
