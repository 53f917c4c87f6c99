//! OpenID Connect Back-Channel Logout, which only a switch enables: the platform has none.

use std::collections::BTreeSet;
use std::io::{Error, Read as _, Result, Write as _};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::thread;
use std::time::Duration;

use serde_json::json;
use url::Url;

use crate::authority::issuer;
use crate::directory::{Application, Directory, Tenant, User};
use crate::http::Origin;
use crate::jwt::Mutation;
use crate::members::Members;
use crate::state::State;
use crate::token::{KeyOwner, pairwise_subject, sign};

/// Posts a logout token to each application that registers a `backchannelLogoutUrl`, without waiting for the answers.
pub(super) fn notify_all(
    state: &State,
    origin: &Origin,
    directory: &Directory,
    user: &User,
    sid: &str,
    applications: &BTreeSet<String>,
) {
    let Some(tenant) = directory.tenant(&user.tenant) else {
        return;
    };
    let sign_out = SignOut {
        issuer: issuer(origin, tenant),
        user,
        tenant,
        sid,
    };
    for application in applications
        .iter()
        .filter_map(|id| directory.application(id))
    {
        sign_out.notify(state, application);
    }
}

/// The sign-out of a user.
struct SignOut<'a> {
    issuer: String,
    user: &'a User,
    tenant: &'a Tenant,
    sid: &'a str,
}

impl SignOut<'_> {
    fn notify(&self, state: &State, application: &Application) {
        let url = application.backchannel_logout_url.as_deref();
        let Some(url) = url.and_then(|url| Url::parse(url).ok()) else {
            return;
        };
        let mutation = Mutation::typ("logout+jwt").and(state.faults.logout_token());
        let claims = self.claims(state, application);
        let Ok(token) = sign(
            state,
            &KeyOwner::Application(application),
            claims,
            &mutation,
        ) else {
            return;
        };
        let thread = thread::Builder::new().name("back-channel logout".to_owned());
        let spawned = thread.spawn(move || {
            if let Err(error) = post(&url, &token) {
                tracing::warn!(%error, host = url.host_str(), "{FAILED}");
            }
        });
        if let Err(error) = spawned {
            tracing::warn!(%error, "{FAILED}");
        }
    }

    /// Builds the claims of a logout token (OpenID Connect Back-Channel Logout 2.4).
    fn claims(&self, state: &State, application: &Application) -> Members {
        let now = state.clock.now();
        let subject = pairwise_subject(&application.app_id, &self.user.id);
        let mut claims = Members::default();
        claims.set("iss", &self.issuer);
        claims.set("aud", &application.app_id);
        claims.set("sub", subject);
        claims.set("tid", &self.tenant.id);
        claims.set("sid", self.sid);
        claims.set("iat", now);
        claims.set("exp", now.saturating_add(120));
        claims.set("jti", state.random.guid());
        claims.set(
            "events",
            json!({ "http://schemas.openid.net/event/backchannel-logout": {} }),
        );
        claims
    }
}

const FAILED: &str = "the logout token could not be sent to an application";

const TIMEOUT: Duration = Duration::from_secs(5);

/// Posts the token by http to this machine; the emulator connects to no other.
fn post(url: &Url, token: &str) -> Result<()> {
    let failed = |why: &str| Error::other(why.to_owned());
    let host = url
        .host_str()
        .filter(|_| url.scheme() == "http")
        .ok_or_else(|| failed("only http is supported"))?;
    let port = url.port_or_known_default().unwrap_or(80);
    let addresses: Vec<SocketAddr> = (host.trim_matches(['[', ']']), port)
        .to_socket_addrs()?
        .collect();
    let mut local = addresses
        .iter()
        .filter(|address| address.ip().is_loopback());
    let connect = local.find_map(|address| TcpStream::connect_timeout(address, TIMEOUT).ok());
    let mut stream =
        connect.ok_or_else(|| failed("no program of this machine accepts the connection"))?;
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
