use crate::aadsts::Refusal;
use crate::authority::{Audience, Authority};
use crate::authorize::{Code, Platform, Redeemed, registered_platform};
use crate::directory::Application;
use crate::encoding::{base64url, sha256};
use crate::http::{Origin, Params};
use crate::members::Members;
use crate::scope::Scopes;
use crate::state::State;
use crate::sync::{lock, read};

use super::Session;
use super::client_auth::authenticate;
use super::cross_origin::Sender;
use super::issue::{client_capabilities, issue};
use super::refresh_token::{LIFETIME, RefreshToken, SINGLE_PAGE_LIFETIME};

/// `grant_type=authorization_code`
pub(super) fn redeem(
    state: &State,
    (origin, sender): (Origin, &Sender),
    authority: &Authority,
    application: Application,
    params: &Params,
) -> Result<Members, Refusal> {
    let text = params.get("code").ok_or_else(|| Refusal::missing("code"))?;
    let redirect_uri = params
        .get("redirect_uri")
        .ok_or_else(|| Refusal::missing("redirect_uri"))?;
    let platform = registered_platform(&application, redirect_uri);
    let public = matches!(platform, Some(Platform::SinglePage | Platform::Public));
    sender.may_redeem_for(platform, params.has("code_verifier"))?;
    let client_auth = authenticate(state, &application, authority, params, public)?;
    let code = fresh(state, text)?;
    check(&code, authority, &application, redirect_uri)?;
    verify_challenge(&code, params.get("code_verifier"))?;
    let scopes = scopes(state, params, &code)?;
    // Used up only now: a request refused before this leaves the code to its owner.
    if !lock(&state.codes).redeem(text) {
        return Err(replayed(state, &family(text)));
    }
    let user = read(&state.directory).user(&code.user).cloned();
    let user = user.filter(|user| user.account_enabled);
    let user =
        user.ok_or_else(|| Refusal::invalid_grant(50_057, "The user account is disabled."))?;
    let single_page = platform == Some(Platform::SinglePage);
    let refresh = RefreshToken {
        family: family(text),
        generation: 0,
        app_id: application.app_id.clone(),
        user: user.id.clone(),
        epoch: state.epoch(&user.id),
        scope: scope_text(params, &code),
        sid: code.sid.clone(),
        auth_time: code.auth_time,
        acrs: code.acrs.clone(),
        policy: authority.policy.clone(),
        expires_at: state.clock.now().saturating_add(if single_page {
            SINGLE_PAGE_LIFETIME
        } else {
            LIFETIME
        }),
        absolute: single_page,
    };
    let session = Session {
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

fn fresh(state: &State, text: &str) -> Result<Code, Refusal> {
    let found = lock(&state.codes).peek(text, state.clock.now());
    match found {
        Redeemed::Fresh(code) => Ok(*code),
        Redeemed::Again => Err(replayed(state, &family(text))),
        Redeemed::Expired => Err(Refusal::invalid_grant(
            70_008,
            "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request.",
        )),
        Redeemed::Unknown => Err(Refusal::invalid_grant(
            70_000,
            "The provided authorization code is not valid.",
        )),
    }
}

/// 54005. In strict mode everything the first redemption gave is revoked with it (RFC 6749 4.1.2).
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

fn family(code: &str) -> String {
    base64url(sha256(format!("family|{code}")))
}

fn check(
    code: &Code,
    authority: &Authority,
    application: &Application,
    redirect_uri: &str,
) -> Result<(), Refusal> {
    if code.app_id != application.app_id {
        return Err(Refusal::invalid_grant(
            70_000,
            "The authorization code was issued to another client.",
        ));
    }
    if code.redirect_uri != redirect_uri {
        return Err(Refusal::invalid_grant(
            50_011,
            "The redirect_uri of the authorization code differs from the one in this request.",
        ));
    }
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

/// RFC 7636 4.6.
fn verify_challenge(code: &Code, verifier: Option<&str>) -> Result<(), Refusal> {
    let mismatch = || {
        Refusal::invalid_grant(
            501_481,
            "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
        )
    };
    match (&code.challenge, verifier) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(mismatch()),
        (Some(_), None) => Err(Refusal::missing("code_verifier")),
        (Some(challenge), Some(verifier)) => {
            let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
            if !(43..=128).contains(&verifier.len()) || !verifier.bytes().all(unreserved) {
                return Err(Refusal::invalid_request(
                    501_491,
                    "Invalid size or characters of code_verifier parameter.",
                ));
            }
            let computed = if challenge.plain {
                verifier.to_owned()
            } else {
                base64url(sha256(verifier))
            };
            if computed == challenge.value {
                Ok(())
            } else {
                Err(mismatch())
            }
        }
    }
}

fn scopes(state: &State, params: &Params, code: &Code) -> Result<Scopes, Refusal> {
    let Some(text) = params.get("scope") else {
        return Ok(code.scopes.clone());
    };
    let asked = Scopes::parse(text, &read(&state.directory))?;
    asked.one_resource()?;
    // The ID token and the refresh token follow the authorization request.
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
            crate::scope::Resource::Graph => String::new(),
            crate::scope::Resource::Api { name, .. } => format!("{name}/"),
        };
        words.extend(names.iter().map(|name| format!("{prefix}{name}")));
    }
    words.join(" ")
}
