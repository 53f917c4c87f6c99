//! The addresses of an instance: its routes, and the way to sign-in.

use std::iter;

use super::{Auth, peers::Peer};
use crate::config::{Config, MAX_REDIRECT, ReturnTo};

/// The route that takes logout tokens (Back-Channel Logout 1.0 section 2.5).
pub(in crate::web) const BACK_CHANNEL: &str = "/back_channel_sign_out";

/// Says at the start of a sign-in that the return address was shortened. Any link can carry it: then
/// a page says so without need, and nothing else happens.
pub(in crate::web) const SHORTENED: &str = "shortened";

impl Auth {
    /// The address that starts a sign-in and leads back to `return_to`.
    pub fn sign_in_path(&self, return_to: &ReturnTo) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("return_to", return_to.as_str());
        format!("{}?{}", self.path("/sign_in"), query.finish())
    }

    /// The same for the address of a request. What does not fit into a redirect is left out, which
    /// the address then says.
    pub(in crate::web) fn sign_in_from(&self, path_and_query: &str) -> String {
        let base = &self.config().base_url;
        let kept = base.kept(&format!("{}{path_and_query}", base.path()));
        let whole = self.sign_in_path(&kept.address);
        if whole.len() <= MAX_REDIRECT && !kept.shortened {
            return whole;
        }
        let shorter = kept.address.shorter().chain([base.home()]);
        let mut paths = iter::once(whole).chain(shorter.map(|address| self.sign_in_path(&address)));
        let fitting = paths.find(|path| path.len() + SHORTENED.len() + 3 <= MAX_REDIRECT);
        let path = fitting.unwrap_or_else(|| self.sign_in_path(&base.home()));
        format!("{path}&{SHORTENED}=1")
    }

    /// The address, as browsers see it, of one of the crate's routes, such as `/sign_out`.
    pub fn path(&self, route: &str) -> String {
        let config = self.config();
        format!("{}{}", config.base_url.path(), config.route(route))
    }

    pub(in crate::web) fn home(&self) -> String {
        self.config().base_url.home().as_str().to_owned()
    }

    /// The origins that may frame the front-channel route: the authority, under each of its names, and
    /// the host of the end-session endpoint.
    pub(in crate::web) fn frame_ancestors(&self) -> String {
        let authority = &self.config().authority;
        let metadata = self.engine().provider().metadata_at_once();
        let end_session = metadata
            .as_ref()
            .and_then(|metadata| metadata.end_session_endpoint.as_ref());
        let mut origins = vec![authority.origin().origin().ascii_serialization()];
        origins.extend(end_session.map(|url| url.origin().ascii_serialization()));
        if let Some(cloud) = authority.cloud() {
            let hosts = [cloud.login_host]
                .into_iter()
                .chain(cloud.login_aliases.iter().copied());
            origins.extend(hosts.map(|host| format!("https://{host}")));
        }
        origins.sort();
        origins.dedup();
        origins.join(" ")
    }

    /// Whether requests from other sites are expected at a path, by this instance or by one beside
    /// it: the outer middleware sees the inner one's requests too.
    pub(in crate::web) fn accepts_cross_site(&self, path: &str) -> bool {
        self.peers().any(|peer| is_cross_site_route(peer, path))
    }
}

fn is_cross_site_route(peer: &Peer, path: &str) -> bool {
    let config: &Config = peer.config();
    // The start of a sign-in is among them, since a form there reads, changes and sets nothing.
    [config.route("/sign_in"), config.route(BACK_CHANNEL)]
        .iter()
        .any(|own| own == path)
        || path == config.redirect_path
}
