use jsonwebtoken::Algorithm;
use serde_json::Value;

use crate::aadsts::Refusal;
use crate::authority::issuer_v1;
use crate::directory::Application;
use crate::encoding::{base64url, from_base64url, sha256};
use crate::jwt::{Draft, edited};
use crate::keys::SigningKey;
use crate::members::Members;
use crate::scope::{GRAPH_APP_ID, Resource};
use crate::state::State;
use crate::sync::read;

use super::common_claims::{
    authorization, envelope, internals, pairwise_subject, server_error, sign, signers, times,
    user_issuer,
};
use super::{Sealing, Session};

/// An access token and the scopes it holds.
pub(super) struct Issued {
    pub(super) token: String,
    pub(super) scope: String,
    pub(super) expires_in: i64,
}

/// The access token of a session for the first resource of its scopes.
pub(super) fn access_token(state: &State, session: &Session) -> Result<Issued, Refusal> {
    let (resource, names) = session.scopes.resource();
    // 60 to 90 minutes, at random (`entra.md` 3.3).
    let expires_in = 3_600 + i64::from(state.random.below(1_800));
    match resource {
        Resource::Graph => graph(state, session, names, expires_in),
        Resource::Api { app_id, name } => {
            let api = read(&state.directory).application(&app_id).cloned();
            let api = api.ok_or_else(|| {
                Refusal::new(
                    "invalid_resource",
                    500_011,
                    "The resource principal was not found.",
                )
            })?;
            own_api(state, session, &api, &name, names, expires_in)
        }
    }
}

fn graph(
    state: &State,
    session: &Session,
    mut granted: Vec<String>,
    expires_in: i64,
) -> Result<Issued, Refusal> {
    if granted.iter().any(|name| name == ".default") {
        granted = vec!["User.Read".to_owned()];
    }
    let mut scopes: Vec<&str> = Vec::new();
    let oidc = [
        ("email", session.scopes.email),
        ("openid", session.scopes.openid),
        ("profile", session.scopes.profile),
    ];
    scopes.extend(
        oidc.iter()
            .filter(|(_, asked)| *asked)
            .map(|(name, _)| *name),
    );
    scopes.extend(granted.iter().map(String::as_str));
    if !scopes.contains(&"User.Read") {
        scopes.push("User.Read");
    }
    let scope = scopes.join(" ");
    let mut claims = v1_claims(state, session, GRAPH_APP_ID, expires_in);
    claims.set("scp", &scope);
    claims.set("xms_epoch", state.epoch(&session.user.id));
    capabilities(&mut claims, session);
    let token = unverifiable(state, claims)?;
    Ok(Issued {
        token,
        scope,
        expires_in,
    })
}

fn own_api(
    state: &State,
    session: &Session,
    api: &Application,
    name: &str,
    names: Vec<String>,
    expires_in: i64,
) -> Result<Issued, Refusal> {
    let all = || {
        api.api
            .oauth2_permission_scopes
            .iter()
            .map(|scope| scope.value.clone())
            .collect()
    };
    let granted: Vec<String> = if session.scopes.is_default() {
        all()
    } else {
        names
    };
    let v2 = api.api.requested_access_token_version == Some(2);
    let mut claims = if v2 {
        v2_claims(state, session, &api.app_id, expires_in)
    } else {
        v1_claims(state, session, name, expires_in)
    };
    claims.set("scp", granted.join(" "));
    authorization(state, &mut claims, &session.user, api);
    if api.optional_claims.access_token.has("idtyp") {
        claims.set("idtyp", "user");
    }
    if api.optional_claims.access_token.has("xms_cc") {
        capabilities(&mut claims, session);
    }
    if !session.acrs.is_empty() {
        claims.set("acrs", &session.acrs);
    }
    let token = sign(
        state,
        &Sealing::For(api),
        claims,
        &state.faults.access_token(),
        !v2,
    )?;
    let scope = granted
        .iter()
        .map(|scope| format!("{name}/{scope}"))
        .collect::<Vec<_>>()
        .join(" ");
    Ok(Issued {
        token,
        scope,
        expires_in,
    })
}

fn v2_claims(state: &State, session: &Session, audience: &str, expires_in: i64) -> Members {
    let user = &session.user;
    let mut claims = Members::default();
    claims.set("aud", audience);
    claims.set("iss", user_issuer(state, session));
    times(&mut claims, state.clock.now(), expires_in);
    internals(state, &mut claims);
    claims.set("azp", &session.application.app_id);
    claims.set("azpacr", session.client_auth.azpacr());
    claims.set("name", &user.display_name);
    claims.set("oid", &user.id);
    claims.set("preferred_username", &user.user_principal_name);
    claims.set("sid", &session.sid);
    claims.set("sub", pairwise_subject(audience, &user.id));
    claims.set("tid", &user.tenant);
    claims.set("ver", "2.0");
    claims
}

fn v1_claims(state: &State, session: &Session, audience: &str, expires_in: i64) -> Members {
    let user = &session.user;
    let mut claims = Members::default();
    claims.set("aud", audience);
    claims.set("iss", issuer_v1(&session.origin, &user.tenant));
    times(&mut claims, state.clock.now(), expires_in);
    internals(state, &mut claims);
    claims.set("acr", "1");
    claims.set("amr", ["pwd"]);
    claims.set("appid", &session.application.app_id);
    claims.set("appidacr", session.client_auth.azpacr());
    claims.set_some("family_name", user.surname.as_ref());
    claims.set_some("given_name", user.given_name.as_ref());
    claims.set_some("idp", user.idp.as_ref());
    claims.set("ipaddr", "127.0.0.1");
    claims.set("name", &user.display_name);
    claims.set("oid", &user.id);
    claims.set("sid", &session.sid);
    claims.set("sub", pairwise_subject(audience, &user.id));
    claims.set("tid", &user.tenant);
    claims.set("unique_name", &user.user_principal_name);
    claims.set("upn", &user.user_principal_name);
    claims.set("ver", "1.0");
    claims
}

fn capabilities(claims: &mut Members, session: &Session) {
    if !session.client_capabilities.is_empty() {
        claims.set("xms_cc", &session.client_capabilities);
    }
}

/// A token for Graph: its header carries a `nonce`, and the signature is over a header in which that is hashed, so that
/// whoever verifies it as an ordinary token fails (`entra.md` 5.5).
fn unverifiable(state: &State, claims: Members) -> Result<String, Refusal> {
    let signers = signers(state, &Sealing::Plain).map_err(|error| server_error(&error))?;
    let mut header = envelope(&signers.signing.kid);
    header.set("x5t", &signers.signing.kid);
    header.set("nonce", state.random.token(32));
    let mut draft = Draft::new(header, claims);
    state.faults.access_token().apply(&mut draft);
    let payload = base64url(draft.payload());
    let message = format!(
        "{}.{payload}",
        base64url(hashed_nonce(draft.header.clone()).to_text())
    );
    let signature = signers
        .signing
        .sign(message.as_bytes(), Algorithm::RS256)
        .map_err(|error| server_error(&error))?;
    let signature = base64url(edited(&signature, draft.signature));
    Ok(format!(
        "{}.{payload}.{signature}",
        base64url(draft.header.to_text())
    ))
}

fn hashed_nonce(mut header: Members) -> Members {
    let nonce = header
        .get("nonce")
        .and_then(|nonce| nonce.as_str().map(str::to_owned))
        .unwrap_or_default();
    header.set("nonce", base64url(sha256(nonce)));
    header
}

/// Who calls Graph: the claims of a token that was made here, has not expired, and has not been revoked.
pub(crate) struct GraphCaller {
    pub(crate) user: Option<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) app_id: String,
}

/// Verifies a Graph token. Tokens of another audience, and ID tokens, are refused like any stranger's.
pub(crate) fn verify_graph_token(state: &State, token: &str) -> Option<GraphCaller> {
    let mut parts = token.split('.');
    let (header, payload, signature) = (parts.next()?, parts.next()?, parts.next()?);
    let header = ordered(&from_base64url(header)?)?;
    let kid = header.get("kid")?;
    let message = format!("{}.{payload}", base64url(hashed_nonce(header).to_text()));
    let ring = read(&state.keys);
    let signing = ring.signing();
    let keys: Vec<_> = ring
        .published()
        .iter()
        .chain([&signing])
        .filter(|key| kid == key.kid.as_str())
        .cloned()
        .collect();
    drop(ring);
    let signs = |key: &SigningKey| {
        key.sign(message.as_bytes(), Algorithm::RS256)
            .is_ok_and(|expected| expected == signature)
    };
    let genuine = keys.iter().any(|key| signs(key));
    let claims: Value = serde_json::from_slice(&from_base64url(payload)?).ok()?;
    let current =
        claims.get("exp")?.as_i64()? > state.clock.now() && claims.get("aud")? == GRAPH_APP_ID;
    (genuine && current).then_some(())?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
    let delegated = text("scp");
    let user = delegated.is_some().then(|| text("oid")).flatten();
    if let Some(user) = &user {
        state
            .is_current(user, claims.get("xms_epoch").and_then(Value::as_u64)?)
            .then_some(())?;
    }
    let scopes = delegated
        .unwrap_or_default()
        .split(' ')
        .map(str::to_owned)
        .collect();
    Some(GraphCaller {
        user,
        scopes,
        app_id: text("appid")?,
    })
}

/// The header in its own order: a parsed value would be sorted, and the signature is over the text.
fn ordered(bytes: &[u8]) -> Option<Members> {
    let value: Value = serde_json::from_slice(bytes).ok()?;
    let mut header = Members::default();
    for name in ["typ", "alg", "kid", "x5t", "nonce"] {
        header.set(name, value.get(name)?);
    }
    (header.to_text().as_bytes() == bytes).then_some(header)
}

/// An access token of the application itself (`entra.md` 4.4).
pub(super) fn application_token(
    state: &State,
    session: &super::client_credentials::Daemon,
    resource: &Resource,
) -> Result<Issued, Refusal> {
    let expires_in = 3_600;
    let application = &session.application;
    let mut claims = Members::default();
    let principal = pairwise_guid(&application.app_id, &session.tid);
    let (api, name) = match resource {
        Resource::Graph => (None, GRAPH_APP_ID.to_owned()),
        Resource::Api { app_id, name } => (
            read(&state.directory).application(app_id).cloned(),
            name.clone(),
        ),
    };
    let v2 = api
        .as_ref()
        .is_some_and(|api| api.api.requested_access_token_version == Some(2));
    let audience = api
        .as_ref()
        .filter(|_| v2)
        .map_or(name, |api| api.app_id.clone());
    claims.set("aud", &audience);
    claims.set(
        "iss",
        if v2 {
            format!("{}/{}/v2.0", session.origin.url(), session.tid)
        } else {
            issuer_v1(&session.origin, &session.tid)
        },
    );
    times(&mut claims, state.clock.now(), expires_in);
    internals(state, &mut claims);
    claims.set(if v2 { "azp" } else { "appid" }, &application.app_id);
    claims.set(
        if v2 { "azpacr" } else { "appidacr" },
        session.client_auth.azpacr(),
    );
    if api
        .as_ref()
        .is_none_or(|api| api.optional_claims.access_token.has("idtyp"))
    {
        claims.set("idtyp", "app");
    }
    claims.set("oid", &principal);
    let roles = api
        .as_ref()
        .map(|api| granted_permissions(application, api))
        .unwrap_or_default();
    if !roles.is_empty() {
        claims.set("roles", roles);
    }
    claims.set("sub", &principal);
    claims.set("tid", &session.tid);
    claims.set("ver", if v2 { "2.0" } else { "1.0" });
    let token = match &api {
        Some(api) => sign(
            state,
            &Sealing::For(api),
            claims,
            &state.faults.access_token(),
            !v2,
        )?,
        None => unverifiable(state, claims)?,
    };
    Ok(Issued {
        token,
        scope: String::new(),
        expires_in,
    })
}

fn granted_permissions(application: &Application, api: &Application) -> Vec<String> {
    let prefix = format!("{}/", api.app_id);
    let granted = application
        .granted_application_permissions
        .iter()
        .filter_map(|granted| granted.strip_prefix(&prefix));
    let exists = |role: &&str| api.app_roles.iter().any(|known| known.value == **role);
    granted.filter(exists).map(str::to_owned).collect()
}

/// The object id of an application's service principal in a tenant.
fn pairwise_guid(app_id: &str, tid: &str) -> String {
    let mut bytes = [0_u8; 16];
    for (target, source) in bytes
        .iter_mut()
        .zip(sha256(format!("principal|{app_id}|{tid}")))
    {
        *target = source;
    }
    crate::random::guid_of(bytes)
}
