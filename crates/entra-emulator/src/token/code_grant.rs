//! The authorization-code grant.

use crate::aadsts::Refusal;
use crate::authority::{Audience, Authority};
use crate::directory::{Application, Platform, User, registered_platform};
use crate::encoding::{base64url, sha256};
use crate::http::{Origin, Params};
use crate::members::Members;
use crate::pkce;
use crate::scope::{Resource, Scopes};
use crate::state::{Code, CodeState, State};
use crate::sync::{lock, read};

use super::UserSession;
use super::client_auth::authenticate;
use super::cross_origin::Sender;
use super::issue::{client_capabilities, issue};
use super::refresh_token::{LIFETIME, RefreshToken, SINGLE_PAGE_LIFETIME};

/// Answers `grant_type=authorization_code`.
pub(super) fn redeem(
    state: &State,
    (origin, sender): (Origin, &Sender),
    authority: &Authority,
    application: Application,
    params: &Params,
) -> Result<Members, Refusal> {
    let text = params.require("code")?;
    let platform = registered_platform(&application, params.require("redirect_uri")?);
    let public = matches!(platform, Some(Platform::SinglePage | Platform::Public));
    sender.may_redeem_for(platform, params.has("code_verifier"))?;
    let client_auth = authenticate(state, &application, authority, params, public)?;
    let code = fresh(state, text)?;
    check(&code, authority, &application, params)?;
    let scopes = scopes(state, params, &code)?;
    // A request that is refused before this point must not use up another client's code.
    use_up(state, text)?;
    let single_page = platform == Some(Platform::SinglePage);
    let user = enabled_user(state, &code.user)?;
    let refresh = refresh_token(state, authority, params, &code, single_page);
    let session = UserSession {
        origin,
        user,
        application,
        policy: authority.policy.clone(),
        scopes,
        nonce: code.nonce,
        sid: code.sid,
        auth_time: code.auth_time,
        show_auth_time: code.show_auth_time,
        acrs: code.acrs,
        client_auth,
        client_capabilities: client_capabilities(params),
    };
    let mut answer = issue(state, &session, params, &refresh)?;
    if single_page {
        answer.set("refresh_token_expires_in", SINGLE_PAGE_LIFETIME);
    }
    Ok(answer)
}

/// Builds the first refresh token of a sign-in.
fn refresh_token(
    state: &State,
    authority: &Authority,
    params: &Params,
    code: &Code,
    single_page: bool,
) -> RefreshToken {
    let lifetime = if single_page {
        SINGLE_PAGE_LIFETIME
    } else {
        LIFETIME
    };
    RefreshToken {
        family: family(params.get("code").unwrap_or_default()),
        generation: 0,
        app_id: code.app_id.clone(),
        user: code.user.clone(),
        epoch: state.epoch(&code.user),
        scope: scope_text(params, code),
        sid: code.sid.clone(),
        auth_time: code.auth_time,
        acrs: code.acrs.clone(),
        policy: authority.policy.clone(),
        expires_at: state.clock.now().saturating_add(lifetime),
        absolute: single_page,
    }
}

fn use_up(state: &State, text: &str) -> Result<(), Refusal> {
    if lock(&state.codes).redeem(text) {
        return Ok(());
    }
    Err(replayed(state, &family(text)))
}

fn enabled_user(state: &State, id: &str) -> Result<User, Refusal> {
    let user = read(&state.directory).user(id).cloned();
    user.filter(|user| user.account_enabled)
        .ok_or_else(|| Refusal::invalid_grant(50_057, "The user account is disabled."))
}

fn fresh(state: &State, text: &str) -> Result<Code, Refusal> {
    let found = lock(&state.codes).peek(text, state.clock.now());
    match found {
        CodeState::Fresh(code) => Ok(*code),
        CodeState::Redeemed => Err(replayed(state, &family(text))),
        CodeState::Expired => Err(Refusal::invalid_grant(
            70_008,
            "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request.",
        )),
        CodeState::Unknown => Err(Refusal::invalid_grant(
            70_000,
            "The provided authorization code is not valid.",
        )),
    }
}

/// Refuses a code that was redeemed before (54005).
///
/// Strict mode also revokes the refresh tokens of the first redemption (RFC 6749 section 4.1.2).
fn replayed(state: &State, family: &str) -> Refusal {
    lock(&state.codes).count_replay();
    if read(&state.switches).strict_refresh {
        lock(&state.grants).revoke_family(family);
    }
    Refusal::invalid_grant(
        54_005,
        "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.",
    )
}

/// Names the family of the refresh tokens of a code.
fn family(code: &str) -> String {
    base64url(sha256(format!("family|{code}")))
}

fn check(
    code: &Code,
    authority: &Authority,
    application: &Application,
    params: &Params,
) -> Result<(), Refusal> {
    if code.app_id != application.app_id {
        return Err(Refusal::invalid_grant(
            70_000,
            "The authorization code was issued to another client.",
        ));
    }
    if params.get("redirect_uri") != Some(code.redirect_uri.as_str()) {
        return Err(Refusal::invalid_grant(
            50_011,
            "The redirect_uri of the authorization code differs from the one in this request.",
        ));
    }
    check_authority(code, authority)?;
    pkce::verify(code.challenge.as_ref(), params.get("code_verifier"))
}

/// Checks that this authority issued the code, or is the tenant of the user.
fn check_authority(code: &Code, authority: &Authority) -> Result<(), Refusal> {
    let issued_by = code.authority.split_once('/').map(|(_, policy)| policy);
    let asked = authority.policy.as_deref();
    if issued_by != asked {
        return Err(Refusal::invalid_grant(
            90_088,
            format!(
                "The provided grant has not been issued for this endpoint. Actual Value : {} and Expected Value : {}",
                issued_by.unwrap_or_default(),
                asked.unwrap_or_default()
            ),
        ));
    }
    let same_authority = code.authority == authority.segment;
    let fits = match &authority.audience {
        Audience::Tenant(tenant) => same_authority || tenant.id == code.tid,
        Audience::Common | Audience::Organizations => same_authority,
    };
    if fits {
        Ok(())
    } else {
        Err(Refusal::invalid_grant(
            700_005,
            "Provided authorization code is intended to use against other tenant, thus rejected.",
        ))
    }
}

fn scopes(state: &State, params: &Params, code: &Code) -> Result<Scopes, Refusal> {
    let Some(text) = params.get("scope") else {
        return Ok(code.scopes.clone());
    };
    let asked = Scopes::parse(text, &read(&state.directory))?;
    asked.require_one_resource()?;
    // The authorization request alone decides on the ID token and the refresh token.
    Ok(Scopes {
        openid: code.scopes.openid,
        profile: code.scopes.profile,
        email: code.scopes.email,
        offline_access: code.scopes.offline_access,
        resources: if asked.resources.is_empty() {
            code.scopes.resources.clone()
        } else {
            asked.resources
        },
    })
}

/// Writes the scopes for the refresh token.
fn scope_text(params: &Params, code: &Code) -> String {
    let flags = [
        ("openid", code.scopes.openid),
        ("profile", code.scopes.profile),
        ("email", code.scopes.email),
    ];
    let mut words: Vec<String> = flags
        .iter()
        .filter(|(_, on)| *on)
        .map(|(name, _)| (*name).to_owned())
        .collect();
    if let Some(text) = params.get("scope") {
        words.extend(text.split_ascii_whitespace().map(str::to_owned));
    } else if let Some((resource, names)) = code.scopes.resources.first() {
        let prefix = match resource {
            Resource::Graph => String::new(),
            Resource::Api { name, .. } => format!("{name}/"),
        };
        words.extend(names.iter().map(|name| format!("{prefix}{name}")));
    }
    words.join(" ")
}
