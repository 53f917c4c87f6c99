//! From settings to an authority.

use url::Url;

use super::{
    Authority, AuthorityKind, Cloud, Problem, Tenant,
    authority_url::{parse_authority, parse_host},
    cloud::{EXTERNAL_ID_SUFFIX, USER_FLOW_SUFFIX},
};

/// The settings that choose an authority; an unset or empty variable is `None`.
#[derive(Clone, Copy, Debug, Default)]
pub struct AuthoritySettings<'a> {
    /// `AAD_TENANT_ID`.
    pub tenant_id: Option<&'a str>,
    /// `AAD_AUTHORITY_HOST`.
    pub authority_host: Option<&'a str>,
    /// `AAD_AUTHORITY`, instead of the two above.
    pub authority: Option<&'a str>,
    /// `AAD_USER_FLOW`.
    pub user_flow: Option<&'a str>,
}

pub(crate) const TENANT_ID: &str = "AAD_TENANT_ID";
pub(crate) const USER_FLOW: &str = "AAD_USER_FLOW";
const AUTHORITY: &str = "AAD_AUTHORITY";
const TENANT_EXAMPLE: &str = "f645ad92-e38d-4d1a-b510-d1b09a74a8ca";
const FLOW_EXAMPLE: &str = "B2C_1_sign_in";

impl AuthoritySettings<'_> {
    /// The authority that these settings describe.
    ///
    /// # Errors
    /// Every setting that cannot be used.
    pub fn build(self) -> Result<Authority, Vec<Problem>> {
        match self.authority {
            Some(authority) => self.whole(authority),
            None => self.parts(),
        }
    }

    fn whole(self, text: &str) -> Result<Authority, Vec<Problem>> {
        let others = [
            (TENANT_ID, self.tenant_id),
            ("AAD_AUTHORITY_HOST", self.authority_host),
        ];
        let mut problems: Vec<Problem> = others
            .iter()
            .filter(|(_, value)| value.is_some())
            .map(|(name, _)| {
                let rule = format!(
                    "says the same as {name} in another way: set either AAD_AUTHORITY, or \
                     AAD_TENANT_ID with AAD_AUTHORITY_HOST"
                );
                Problem::new(AUTHORITY, rule, "https://id.example.com")
            })
            .collect();
        match parse_authority(text, self.user_flow) {
            Ok(authority) if problems.is_empty() => Ok(authority),
            Ok(_) => Err(problems),
            Err(problem) => {
                problems.push(problem);
                Err(problems)
            }
        }
    }

    fn parts(self) -> Result<Authority, Vec<Problem>> {
        let origin = self.authority_host.map_or_else(global, parse_host);
        let flow = self
            .user_flow
            .map(|flow| parse_user_flow(USER_FLOW, flow))
            .transpose();
        let host = origin.as_ref().ok().and_then(Url::host_str);
        let tenant = parse_tenant(self.tenant_id, host);
        match (origin, flow, tenant) {
            (Ok(origin), Ok(flow), Ok(tenant)) => {
                assemble(origin, tenant, flow).map_err(|problem| vec![problem])
            }
            (origin, flow, tenant) => Err([origin.err(), flow.err(), tenant.err()]
                .into_iter()
                .flatten()
                .collect()),
        }
    }
}

/// Puts the parts together where they fit.
pub(crate) fn assemble(
    origin: Url,
    tenant: Tenant,
    flow: Option<Box<str>>,
) -> Result<Authority, Problem> {
    let host = origin.host_str().unwrap_or_default();
    let single = matches!(tenant, Tenant::Id(_) | Tenant::Domain(_));
    if !single && host.ends_with(EXTERNAL_ID_SUFFIX) {
        return Err(Problem::new(
            TENANT_ID,
            "must be the tenant's id or domain: External ID has no common endpoint",
            TENANT_EXAMPLE,
        ));
    }
    let kind = match flow {
        Some(_) if !single => {
            return Err(Problem::new(
                TENANT_ID,
                "must be the tenant's id or domain when AAD_USER_FLOW is set",
                "contoso.onmicrosoft.com",
            ));
        }
        Some(_) if Cloud::of_login_host(host).is_some() => {
            return Err(Problem::new(
                USER_FLOW,
                "needs AAD_AUTHORITY_HOST to be the host of the user flows: \
                 https://<name>.b2clogin.com or your custom domain",
                FLOW_EXAMPLE,
            ));
        }
        None if host.ends_with(USER_FLOW_SUFFIX) => {
            return Err(Problem::new(
                USER_FLOW,
                "must name the user flow for sign-up and sign-in when AAD_AUTHORITY_HOST is a \
                 b2clogin.com host",
                FLOW_EXAMPLE,
            ));
        }
        Some(policy) => AuthorityKind::UserFlow { tenant, policy },
        None => AuthorityKind::Entra { tenant },
    };
    Ok(Authority::new(kind, origin))
}

/// The name of a user flow or custom policy.
pub(crate) fn parse_user_flow(variable: &'static str, text: &str) -> Result<Box<str>, Problem> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if (1..=128).contains(&text.len()) && text.bytes().all(plain) {
        Ok(text.into())
    } else {
        Err(Problem::new(
            variable,
            "must be the name of a user flow: letters, digits, _ and -, at most 128",
            FLOW_EXAMPLE,
        ))
    }
}

/// The tenant, or the initial domain that follows from an External ID or B2C host.
pub(crate) fn parse_tenant(text: Option<&str>, host: Option<&str>) -> Result<Tenant, Problem> {
    let inferred = host
        .and_then(|host| {
            host.strip_suffix(EXTERNAL_ID_SUFFIX)
                .or_else(|| host.strip_suffix(USER_FLOW_SUFFIX))
        })
        .map(|name| {
            // External ID also answers under the tenant's id as its label.
            if super::Guid::is_canonical(name) {
                name.to_owned()
            } else {
                format!("{name}.onmicrosoft.com")
            }
        });
    text.or(inferred.as_deref())
        .ok_or("is not set: it says whose users sign in")
        .and_then(|text| Tenant::parse(text).ok_or("is not a tenant"))
        .map_err(|fault| {
            let rule = format!(
                "{fault}; it must be the directory (tenant) id or a verified domain, or one of \
                 common, organizations, consumers"
            );
            Problem::new(TENANT_ID, rule, TENANT_EXAMPLE)
        })
}

fn global() -> Result<Url, Problem> {
    parse_host(&format!("https://{}", Cloud::GLOBAL.login_host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(settings: AuthoritySettings<'_>) -> Result<String, String> {
        settings
            .build()
            .map(|authority| authority.id())
            .map_err(|problems| {
                let texts: Vec<_> = problems.iter().map(ToString::to_string).collect();
                texts.join("\n")
            })
    }

    #[test]
    fn a_tenant_alone_is_in_the_global_cloud() {
        let settings = AuthoritySettings {
            tenant_id: Some("F645AD92-e38d-4d1a-b510-d1b09a74a8ca"),
            ..AuthoritySettings::default()
        };
        let id = "https://login.microsoftonline.com/f645ad92-e38d-4d1a-b510-d1b09a74a8ca/v2.0";
        assert_eq!(build(settings).unwrap(), id);
        assert_eq!(
            settings
                .build()
                .unwrap()
                .metadata_url(Some("c"))
                .unwrap()
                .as_str(),
            format!("{id}/.well-known/openid-configuration?appid=c")
        );
    }

    #[test]
    fn nothing_at_all_names_the_tenant_variable() {
        let error = build(AuthoritySettings::default()).unwrap_err();
        assert!(error.starts_with("AAD_TENANT_ID: is not set"), "{error}");
    }

    #[test]
    fn every_problem_is_reported_at_once() {
        let error = build(AuthoritySettings {
            tenant_id: Some("contoso"),
            authority_host: Some("http://login.example.com"),
            user_flow: Some("no/flow"),
            ..AuthoritySettings::default()
        })
        .unwrap_err();
        for variable in ["AAD_TENANT_ID: ", "AAD_AUTHORITY_HOST: ", "AAD_USER_FLOW: "] {
            assert!(error.contains(variable), "{error}");
        }
    }

    #[test]
    fn external_id_and_user_flows_know_their_domain() {
        let external = AuthoritySettings {
            authority_host: Some("https://cpimtestpartners.ciamlogin.com/"),
            ..AuthoritySettings::default()
        };
        assert_eq!(
            build(external).unwrap(),
            "https://cpimtestpartners.ciamlogin.com/cpimtestpartners.onmicrosoft.com/v2.0"
        );
        let flow = AuthoritySettings {
            authority_host: Some("https://fabrikamb2c.b2clogin.com"),
            user_flow: Some("b2c_1_susi"),
            ..AuthoritySettings::default()
        };
        assert_eq!(
            build(flow).unwrap(),
            "https://fabrikamb2c.b2clogin.com/fabrikamb2c.onmicrosoft.com/b2c_1_susi/v2.0"
        );
    }

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        for (settings, variable) in [
            (
                AuthoritySettings {
                    tenant_id: Some("common"),
                    authority_host: Some("https://x.ciamlogin.com"),
                    ..AuthoritySettings::default()
                },
                "AAD_TENANT_ID",
            ),
            (
                AuthoritySettings {
                    authority_host: Some("https://x.b2clogin.com"),
                    ..AuthoritySettings::default()
                },
                "AAD_USER_FLOW",
            ),
            (
                AuthoritySettings {
                    tenant_id: Some("contoso.com"),
                    user_flow: Some("b2c_1_susi"),
                    ..AuthoritySettings::default()
                },
                "AAD_USER_FLOW",
            ),
            (
                AuthoritySettings {
                    tenant_id: Some("contoso.com"),
                    authority: Some("https://id.example.com"),
                    ..AuthoritySettings::default()
                },
                "AAD_AUTHORITY",
            ),
        ] {
            let error = build(settings).unwrap_err();
            assert!(error.starts_with(variable), "{error}");
        }
    }

    #[test]
    fn further_user_flows_share_the_tenant_and_need_the_first() {
        let flow = AuthoritySettings {
            authority_host: Some("https://fabrikamb2c.b2clogin.com"),
            user_flow: Some("b2c_1_susi"),
            ..AuthoritySettings::default()
        };
        let edit = flow
            .build()
            .unwrap()
            .with_user_flow("AAD_USER_FLOW_EDIT_PROFILE", "b2c_1_edit");
        assert_eq!(
            edit.unwrap().id(),
            "https://fabrikamb2c.b2clogin.com/fabrikamb2c.onmicrosoft.com/b2c_1_edit/v2.0"
        );
        let entra = AuthoritySettings {
            tenant_id: Some("common"),
            ..AuthoritySettings::default()
        };
        let problem = entra
            .build()
            .unwrap()
            .with_user_flow("AAD_USER_FLOW_EDIT_PROFILE", "x");
        assert_eq!(problem.unwrap_err().variable, "AAD_USER_FLOW_EDIT_PROFILE");
    }
}
