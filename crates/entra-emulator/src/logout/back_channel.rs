//! OpenID back-channel logout, by switch only: the platform has none (`entra.md` 6.4).

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::thread;
use std::time::Duration;

use serde_json::json;
use url::Url;

use crate::authority::issuer;
use crate::directory::{Application, Tenant, User};
use crate::http::Origin;
use crate::jwt::Mutation;
use crate::members::Members;
use crate::state::State;
use crate::token::{Sealing, pairwise_subject, sign};

/// Posts a logout token to the application's `backchannelLogoutUrl`, without waiting for the answer.
pub(super) fn tell(
    state: &State,
    origin: &Origin,
    application: &Application,
    user: &User,
    tenant: &Tenant,
    sid: &str,
) {
    let Some(url) = application
        .backchannel_logout_url
        .as_deref()
        .and_then(|url| Url::parse(url).ok())
    else {
        return;
    };
    let mutation = Mutation::typ("logout+jwt").and(state.faults.logout_token());
    let claims = claims(state, origin, application, user, tenant, sid);
    let Ok(token) = sign(state, &Sealing::For(application), claims, &mutation, false) else {
        return;
    };
    let spawned = thread::Builder::new().name("back-channel logout".to_owned()).spawn(move || {
        if let Err(error) = post(&url, &token) {
            tracing::warn!(%error, host = url.host_str(), "an application could not be told that its user signed out");
        }
    });
    if let Err(error) = spawned {
        tracing::warn!(%error, "an application could not be told that its user signed out");
    }
}

/// OIDC Back-Channel Logout 2.4.
fn claims(
    state: &State,
    origin: &Origin,
    application: &Application,
    user: &User,
    tenant: &Tenant,
    sid: &str,
) -> Members {
    let now = state.clock.now();
    let mut claims = Members::default();
    claims.set("iss", issuer(origin, tenant));
    claims.set("aud", &application.app_id);
    claims.set("sub", pairwise_subject(&application.app_id, &user.id));
    claims.set("tid", &tenant.id);
    claims.set("sid", sid);
    claims.set("iat", now);
    claims.set("exp", now.saturating_add(120));
    claims.set("jti", state.random.guid());
    claims.set(
        "events",
        json!({ "http://schemas.openid.net/event/backchannel-logout": {} }),
    );
    claims
}

const TIMEOUT: Duration = Duration::from_secs(5);

/// A plain POST to this machine: the emulator never speaks to another one.
fn post(url: &Url, token: &str) -> std::io::Result<()> {
    let refused = |why: &str| std::io::Error::other(why.to_owned());
    let host = url
        .host_str()
        .filter(|_| url.scheme() == "http")
        .ok_or_else(|| refused("only http is supported"))?;
    let port = url.port_or_known_default().unwrap_or(80);
    let addresses: Vec<SocketAddr> = (host.trim_matches(['[', ']']), port)
        .to_socket_addrs()?
        .collect();
    let mut local = addresses
        .iter()
        .filter(|address| address.ip().is_loopback());
    let connect = local.find_map(|address| TcpStream::connect_timeout(address, TIMEOUT).ok());
    let mut stream = connect.ok_or_else(|| refused("nobody listens on this machine"))?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    let body = format!("logout_token={token}");
    let path = url.path();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    let mut first = [0; 1];
    stream.read_exact(&mut first)
}
