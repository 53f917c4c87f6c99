//! What is said of the provider, and of us as its client.

use std::{fs, path::PathBuf};

use url::Url;

use crate::{
    config_room::{
        AllowedTenants, Authority, AuthoritySettings, ClientAuth, EndpointHosts, Guid,
        ResponseMode, is_loopback, parse_roots, source::Reader,
    },
    secret::Secret,
};

pub(super) type Client = (String, Vec<Secret>);

pub(super) fn authority(reader: &mut Reader<'_>) -> Option<(Authority, EndpointHosts)> {
    let authority = reader.text("AAD_AUTHORITY");
    // Workload identity injects the host of the cloud; it says nothing beside AAD_AUTHORITY.
    let injected = match authority {
        Some(_) => None,
        None => reader.text("AZURE_AUTHORITY_HOST"),
    };
    let settings = AuthoritySettings {
        tenant_id: reader.text("AAD_TENANT_ID"),
        authority_host: reader.text("AAD_AUTHORITY_HOST").or(injected),
        authority,
        user_flow: reader.text("AAD_USER_FLOW"),
    };
    let hosts = reader.text("AAD_ENDPOINT_HOSTS");
    match settings.build() {
        Ok(authority) => {
            let own = authority.endpoint_hosts();
            let hosts = match hosts {
                Some(list) => reader.accept(own.with_further(list))?,
                None => own,
            };
            Some((authority, hosts))
        }
        Err(problems) => {
            problems.into_iter().for_each(|problem| reader.add(problem));
            None
        }
    }
}

/// Another user flow of the authority for signing in.
pub(super) fn further_user_flow(
    reader: &mut Reader<'_>,
    authority: Option<&Authority>,
    variable: &'static str,
) -> Option<Authority> {
    let policy = reader.text(variable)?;
    reader.accept(authority?.with_user_flow(variable, policy))
}

pub(super) fn client(reader: &mut Reader<'_>, authority: Option<&Authority>) -> Option<Client> {
    let id = reader.text("AAD_CLIENT_ID");
    let printable = |id: &str| id.len() <= 256 && id.bytes().all(|b| b.is_ascii_graphic());
    if id.is_none_or(|id| !printable(id)) {
        reader.problem(
            "AAD_CLIENT_ID",
            "must be the application (client) id from the registration's overview page",
        );
    }
    let secrets = reader.secrets("AAD_CLIENT_SECRET");
    let may_be_id = reader.flag("AAD_CLIENT_SECRET_MAY_BE_GUID");
    let is_microsoft = authority.is_some_and(|authority| authority.tenant().is_some());
    if is_microsoft && !may_be_id && secrets.iter().any(|secret| Guid::parse(secret).is_some()) {
        reader.problem(
            "AAD_CLIENT_SECRET",
            "is a GUID, as the Secret ID is: copy the secret's Value instead (where the Value really \
             is a GUID, set AAD_CLIENT_SECRET_MAY_BE_GUID=true)",
        );
    }
    if secrets.is_empty() {
        reader.problem(
            "AAD_CLIENT_SECRET",
            "must be the Value (not the Secret ID) of a client secret of the registration, or a \
             comma-separated list of them; AAD_CLIENT_SECRET_FILE names a file that holds it",
        );
    }
    let id = id.filter(|id| printable(id))?;
    let id = if is_microsoft {
        lower_guid(id)
    } else {
        id.to_owned()
    };
    (!secrets.is_empty()).then(|| (id, secrets.into_iter().map(Secret::from).collect()))
}

/// Microsoft's tokens write ids in lower case; portals and scripts do not always.
pub(super) fn lower_guid(text: &str) -> String {
    Guid::parse(text).map_or_else(|| text.to_owned(), |guid| guid.to_string())
}

pub(super) fn allowed_tenants(
    reader: &mut Reader<'_>,
    authority: Option<&Authority>,
) -> AllowedTenants {
    match reader.text("AAD_ALLOWED_TENANTS") {
        Some(value) => reader.accept(AllowedTenants::parse(value)),
        None => {
            if authority.is_some_and(Authority::is_multi_tenant) {
                reader.problem(
                    "AAD_ALLOWED_TENANTS",
                    "must list the tenants whose users may sign in, since AAD_TENANT_ID lets in \
                     more than one; * lets every tenant in",
                );
            }
            None
        }
    }
    .unwrap_or(AllowedTenants::Any)
}

/// By default a refresh token is asked for at Microsoft only. At other providers `offline_access`
/// means a grant that outlives the user's session there (OpenID Connect Core 1.0 section 11): it takes
/// a permission of its own, and many give a refresh token without it.
pub(super) fn scopes(reader: &mut Reader<'_>, authority: Option<&Authority>) -> Vec<String> {
    let is_microsoft = authority.is_none_or(|authority| authority.tenant().is_some());
    let default = if is_microsoft {
        "openid profile email offline_access"
    } else {
        "openid profile email"
    };
    let scopes = reader.parsed("AAD_SCOPES", |value| {
        let scopes: Vec<_> = value.split([' ', ',']).filter(|s| !s.is_empty()).collect();
        // RFC 6749 appendix A.4 (scope-token).
        let valid = |b: u8| b.is_ascii_graphic() && b != b'"' && b != b'\\';
        if !scopes.contains(&"openid") {
            Err("must contain openid: without it there is no ID token")
        } else if !scopes.iter().all(|scope| scope.bytes().all(valid)) {
            Err("must be scope names separated by spaces")
        } else {
            Ok(scopes)
        }
    });
    let scopes = scopes.unwrap_or_else(|| default.split(' ').collect());
    scopes.into_iter().map(str::to_owned).collect()
}

pub(super) fn client_auth(value: &str) -> Result<ClientAuth, &'static str> {
    match value {
        "client_secret_post" => Ok(ClientAuth::SecretPost),
        "client_secret_basic" => Ok(ClientAuth::SecretBasic),
        _ => Err("must be client_secret_post or client_secret_basic"),
    }
}

pub(super) fn response_mode(value: &str) -> Result<ResponseMode, &'static str> {
    match value {
        "query" => Ok(ResponseMode::Query),
        "form_post" => Ok(ResponseMode::FormPost),
        _ => Err("must be query or form_post"),
    }
}

pub(super) const DEFAULT_TOKEN_CACHE: usize = 16 << 20;

/// Bytes, with `KiB` or `MiB` behind if need be. Less than a handful of tokens would only cost.
pub(super) fn token_cache(value: &str) -> Result<usize, &'static str> {
    let (number, unit) = match (value.strip_suffix("KiB"), value.strip_suffix("MiB")) {
        (Some(number), _) => (number, 1 << 10),
        (_, Some(number)) => (number, 1 << 20),
        _ => (value, 1),
    };
    let number: Option<usize> = number.trim().parse().ok();
    match number.and_then(|number| number.checked_mul(unit)) {
        Some(bytes) if bytes == 0 || ((1 << 20)..=(1 << 30)).contains(&bytes) => Ok(bytes),
        _ => Err("must be 0 (off) or a size from 1MiB to 1024MiB"),
    }
}

/// A file that can be read and holds nothing but certificates.
pub(super) fn ca_file(value: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(value);
    let pem = fs::read(&path)
        .map_err(|error| format!("names a file that cannot be read ({})", error.kind()))?;
    match parse_roots(&pem) {
        Some(_) => Ok(path),
        None => Err("names a file that is not a list of PEM certificates".to_owned()),
    }
}

pub(super) fn graph_url(value: &str) -> Result<Url, &'static str> {
    let url = Url::parse(value).map_err(|_| "must be an absolute URL")?;
    let allowed = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    if allowed && url.query().is_none() && url.fragment().is_none() {
        Ok(url)
    } else {
        Err("must be https (http on loopback only), without query and fragment")
    }
}
