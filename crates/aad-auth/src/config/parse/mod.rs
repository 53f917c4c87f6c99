//! From variables to settings: one function for each group that belongs together.

mod place;
mod provider;
mod session;

use std::time::Duration;

pub(crate) use place::no_state_dir;
pub use place::{check_state_dir, default_state_dir, is_local};

use self::{
    place::{base_url, cors_origins, path, state_dir},
    provider::{
        Client, DEFAULT_TOKEN_CACHE, allowed_tenants, authority, ca_file, client, client_auth,
        further_user_flow, graph_url, lower_guid, response_mode, scopes, token_cache,
    },
    session::{limits, session_secrets, session_store},
};
use super::{
    Authority, BaseUrl, Config, ConfigError, CookieNames, EndpointHosts, ResponseMode, RolesClaim,
    SigningAlgorithms, Source, TAKEN, domain_hints::check_domain_hints, instance::instance_name,
    routes::is_free, source::Reader, table::unread,
};
use crate::clock::CLOCK_LEEWAY;

/// Parses every variable, and reports every problem at once.
pub(super) fn parse(source: &Source) -> Result<Config, ConfigError> {
    let mut reader = Reader::new(source);
    let authority = authority(&mut reader);
    let client = client(
        &mut reader,
        authority.as_ref().map(|(authority, _)| authority),
    );
    let base_url = base_url(&mut reader);
    let config = parse_rest(&mut reader, authority, client, base_url);
    unread(source)
        .into_iter()
        .for_each(|problem| reader.add(problem));
    reader.finish(config)
}

fn parse_rest(
    reader: &mut Reader<'_>,
    authority: Option<(Authority, EndpointHosts)>,
    client: Option<Client>,
    base_url: Option<BaseUrl>,
) -> Option<Config> {
    let signing_in = authority.as_ref().map(|(authority, _)| authority);
    let edit_profile = further_user_flow(reader, signing_in, "AAD_USER_FLOW_EDIT_PROFILE");
    let password_reset = further_user_flow(reader, signing_in, "AAD_USER_FLOW_PASSWORD_RESET");
    let allowed_tenants = allowed_tenants(reader, authority.as_ref().map(|(a, _)| a));
    let algorithms = reader
        .text("AAD_SIGNING_ALGORITHMS")
        .and_then(|value| reader.accept(SigningAlgorithms::parse(value)))
        .unwrap_or_default();
    let route_prefix = path(reader, "AAD_ROUTE_PREFIX", "/auth");
    let redirect_path = path(reader, "AAD_REDIRECT_PATH", "/auth/redirect");
    if !is_free(&redirect_path, &route_prefix) {
        reader.problem("AAD_REDIRECT_PATH", TAKEN);
    }
    let scopes = scopes(reader, signing_in);
    let domain_hints = reader.list("AAD_DOMAIN_HINTS");
    let domain_hints = reader
        .accept(check_domain_hints(domain_hints))
        .unwrap_or_default();
    let cookie_stem = reader.parsed("AAD_COOKIE_NAME", CookieNames::check_stem);
    let secrets = session_secrets(reader, base_url.as_ref());
    let (idle, max, recheck) = limits(reader);
    let audiences = reader.list("AAD_API_AUDIENCE");
    let is_microsoft = signing_in.is_some_and(|authority| authority.tenant().is_some());
    let audience = |text: &str| match (is_microsoft, text.strip_prefix("api://")) {
        (true, Some(id)) => format!("api://{}", lower_guid(id)),
        (true, None) => lower_guid(text),
        (false, _) => text.to_owned(),
    };
    let audiences: Vec<_> = audiences.into_iter().map(audience).collect();
    let trusted = reader.list("AAD_TRUSTED_AUDIENCES");
    let trusted = trusted.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let roles_claim = reader.parsed("AAD_ROLES_CLAIM", RolesClaim::parse);
    let client_auth = reader.parsed("AAD_CLIENT_AUTH", client_auth);
    let response_mode = reader.parsed("AAD_RESPONSE_MODE", response_mode);
    let graph_url = reader.parsed("AAD_GRAPH_URL", graph_url);
    let per_user = reader.parsed("AAD_MAX_SESSIONS_PER_USER", |value| {
        match value.parse::<usize>() {
            // An index of a store holds 4,096.
            Ok(number) if (1..=4000).contains(&number) => Ok(number),
            _ => Err("must be a number from 1 to 4000"),
        }
    });
    let timeout = reader.duration(
        "AAD_PROVIDER_TIMEOUT",
        Duration::from_secs(10),
        Duration::from_secs(1)..=Duration::from_secs(60),
    );
    let leeway = reader.duration(
        "AAD_CLOCK_LEEWAY",
        CLOCK_LEEWAY,
        Duration::ZERO..=Duration::from_secs(300),
    );
    let token_cache = reader.parsed("AAD_TOKEN_CACHE", token_cache);
    let cors_origins = cors_origins(reader);
    let app_signing_keys = reader.flag("AAD_APP_SIGNING_KEYS");
    let userinfo = reader.flag("AAD_USERINFO");
    let session_store = reader.parsed("AAD_SESSION_STORE", session_store);
    let state_dir = state_dir(reader);
    let ca_file = reader.parsed("AAD_CA_FILE", ca_file);
    let (authority, endpoint_hosts) = authority?;
    let (client_id, client_secrets) = client?;
    let base_url = base_url?;
    Some(Config {
        api_audiences: if audiences.is_empty() {
            vec![client_id.clone(), format!("api://{client_id}")]
        } else {
            audiences
        },
        trusted_audiences: trusted,
        roles_claim: roles_claim.unwrap_or_default(),
        cookies: CookieNames::new(
            &base_url,
            cookie_stem,
            instance_name(&route_prefix).as_deref(),
        ),
        authority,
        edit_profile,
        password_reset,
        endpoint_hosts,
        client_id,
        client_secrets,
        client_auth,
        allowed_tenants,
        signing_algorithms: algorithms,
        app_signing_keys,
        clock_leeway: leeway,
        token_cache: token_cache.unwrap_or(DEFAULT_TOKEN_CACHE),
        userinfo,
        response_mode: response_mode.unwrap_or(ResponseMode::Query),
        scopes,
        domain_hints,
        graph_url,
        ca_file,
        provider_timeout: timeout,
        base_url,
        redirect_path,
        route_prefix,
        session_secrets: secrets,
        session_store,
        state_dir,
        session_idle: idle,
        session_max: max,
        max_sessions_per_user: per_user,
        recheck,
        cors_origins,
    })
}
