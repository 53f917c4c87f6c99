//! The provider, and the application's registration there.

use crate::{
    config_room::{
        AllowedTenants, Authority, AuthoritySettings, ClientAuth, EndpointHosts, Guid,
        settings_reader::SettingsReader,
    },
    secret::Secret,
};

/// The settings of the group `Identity`.
pub(super) struct IdentitySettings {
    pub(super) authority_and_hosts: Option<(Authority, EndpointHosts)>,
    pub(super) client: Option<ClientCredentials>,
    pub(super) client_auth: Option<ClientAuth>,
    pub(super) edit_profile: Option<Authority>,
    pub(super) password_reset: Option<Authority>,
    pub(super) allowed_tenants: AllowedTenants,
}

impl IdentitySettings {
    pub(super) fn read(reader: &mut SettingsReader<'_>) -> Self {
        let authority_and_hosts = authority(reader);
        let authority = authority_and_hosts.as_ref().map(|(authority, _)| authority);
        Self {
            client: ClientCredentials::read(reader, authority),
            client_auth: reader.parsed("AAD_CLIENT_AUTH", client_auth),
            edit_profile: further_user_flow(reader, authority, "AAD_USER_FLOW_EDIT_PROFILE"),
            password_reset: further_user_flow(reader, authority, "AAD_USER_FLOW_PASSWORD_RESET"),
            allowed_tenants: allowed_tenants(reader, authority),
            authority_and_hosts,
        }
    }

    pub(super) fn authority(&self) -> Option<&Authority> {
        let authority = self.authority_and_hosts.as_ref();
        authority.map(|(authority, _)| authority)
    }
}

/// The client id, and the client secrets in the order in which they are tried.
pub(super) struct ClientCredentials {
    pub(super) id: String,
    pub(super) secrets: Vec<Secret>,
}

impl ClientCredentials {
    fn read(reader: &mut SettingsReader<'_>, authority: Option<&Authority>) -> Option<Self> {
        let is_microsoft = authority.is_some_and(|authority| authority.tenant().is_some());
        let id = client_id(reader, is_microsoft);
        let secrets = client_secrets(reader, is_microsoft);
        let id = id?;
        (!secrets.is_empty()).then_some(Self { id, secrets })
    }

    /// The default audiences of bearer tokens: the client id, and the default application ID URI.
    pub(super) fn audiences(&self) -> Vec<String> {
        vec![self.id.clone(), format!("api://{}", self.id)]
    }
}

fn client_id(reader: &mut SettingsReader<'_>, is_microsoft: bool) -> Option<String> {
    let printable = |id: &&str| id.len() <= 256 && id.bytes().all(|b| b.is_ascii_graphic());
    let Some(id) = reader.text("AAD_CLIENT_ID").filter(printable) else {
        reader.problem(
            "AAD_CLIENT_ID",
            "must be the application (client) id from the registration's overview page",
        );
        return None;
    };
    Some(match is_microsoft {
        true => lower_guid(id),
        false => id.to_owned(),
    })
}

fn client_secrets(reader: &mut SettingsReader<'_>, is_microsoft: bool) -> Vec<Secret> {
    let secrets = reader.secrets("AAD_CLIENT_SECRET");
    let may_be_guid = reader.flag("AAD_CLIENT_SECRET_MAY_BE_GUID");
    let is_guid = |secret: &String| Guid::parse(secret).is_some();
    if is_microsoft && !may_be_guid && secrets.iter().any(is_guid) {
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
    secrets.into_iter().map(Secret::from).collect()
}

fn authority(reader: &mut SettingsReader<'_>) -> Option<(Authority, EndpointHosts)> {
    let authority = reader.text("AAD_AUTHORITY");
    // Workload identity injects the host of the cloud. It is no choice of the operator's, so it never
    // contradicts AAD_AUTHORITY.
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
    let further_hosts = reader.text("AAD_ENDPOINT_HOSTS");
    match settings.build() {
        Ok(authority) => {
            let own = authority.endpoint_hosts();
            let hosts = match further_hosts {
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

/// The authority with another user flow. `None` where the variable is not set.
fn further_user_flow(
    reader: &mut SettingsReader<'_>,
    authority: Option<&Authority>,
    variable: &'static str,
) -> Option<Authority> {
    let policy = reader.text(variable)?;
    reader.accept(authority?.with_user_flow(variable, policy))
}

fn allowed_tenants(
    reader: &mut SettingsReader<'_>,
    authority: Option<&Authority>,
) -> AllowedTenants {
    let allowed = match reader.text("AAD_ALLOWED_TENANTS") {
        Some(value) => reader.accept(AllowedTenants::parse(value)),
        None => {
            if authority.is_some_and(Authority::is_multi_tenant) {
                reader.problem(
                    "AAD_ALLOWED_TENANTS",
                    "must list the tenants whose users may sign in, since AAD_TENANT_ID accepts \
                     more than one; * accepts every tenant",
                );
            }
            None
        }
    };
    allowed.unwrap_or(AllowedTenants::Any)
}

fn client_auth(value: &str) -> Result<ClientAuth, &'static str> {
    match value {
        "client_secret_post" => Ok(ClientAuth::SecretPost),
        "client_secret_basic" => Ok(ClientAuth::SecretBasic),
        _ => Err("must be client_secret_post or client_secret_basic"),
    }
}

/// A GUID in lower case, as Microsoft's tokens write ids. Any other text is unchanged.
pub(super) fn lower_guid(text: &str) -> String {
    Guid::parse(text).map_or_else(|| text.to_owned(), |guid| guid.to_string())
}
