//! Front-channel logout: the frames that notify applications.

use std::collections::BTreeSet;

use url::Url;

use crate::authority::issuer;
use crate::directory::{Directory, User};
use crate::http::Origin;
use crate::state::State;
use crate::sync::read;

/// Builds the addresses of the frames: with `sid`, as on the platform, and with `iss` when the switch is on.
pub(super) fn frames(
    state: &State,
    origin: &Origin,
    directory: &Directory,
    sid: &str,
    user: Option<&User>,
    applications: &BTreeSet<String>,
) -> Vec<String> {
    let tenant = user
        .filter(|_| read(&state.switches).front_channel_issuer)
        .and_then(|user| directory.tenant(&user.tenant));
    let urls = applications
        .iter()
        .filter_map(|id| directory.application(id)?.web.logout_url.clone());
    urls.filter_map(|url| {
        let mut url = Url::parse(&url).ok()?;
        if let Some(tenant) = tenant {
            url.query_pairs_mut()
                .append_pair("iss", &issuer(origin, tenant));
        }
        url.query_pairs_mut().append_pair("sid", sid);
        Some(url.into())
    })
    .collect()
}

/// Returns the origins of the frames, for the page's content security policy.
pub(super) fn origins(frames: &[String]) -> Vec<String> {
    let urls = frames.iter().filter_map(|frame| Url::parse(frame).ok());
    urls.map(|url| url.origin().ascii_serialization()).collect()
}
