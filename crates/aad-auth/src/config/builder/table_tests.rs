//! Every setting of the table against the builder: the method, its documentation, and its effect.

use std::{path::PathBuf, time::Duration};

use crate::{
    config_room::{
        ClientAuth, Config, ConfigBuilder, Group, ResponseMode, SETTINGS, Setting, Source, StoreUrl,
    },
    secret::{ExposeSecret, Secret},
};

const TENANT: &str = "f645ad92-e38d-4d1a-b510-d1b09a74a8ca";
const CLIENT: &str = "00001111-aaaa-2222-bbbb-3333cccc4444";
const GUID: &str = "11112222-aaaa-4bbb-8ccc-333344445555";
/// Base64 of 66 bytes.
const SEAL: &str =
    "QUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJD";
const B2C: (&str, &str) = ("AAD_AUTHORITY_HOST", "https://contoso.b2clogin.com");
const FLOW: (&str, &str) = ("AAD_USER_FLOW", "B2C_1_sign_in");

/// Settings that are parameters of `Config::entra` and `Config::oidc`, not methods.
const PARAMETERS: [&str; 3] = ["AAD_TENANT_ID", "AAD_CLIENT_ID", "AAD_AUTHORITY"];

fn settings() -> impl Iterator<Item = &'static Setting> {
    SETTINGS
        .iter()
        .filter(|setting| setting.group != Group::Reserved)
}

fn variables(rows: &[(&str, &str)]) -> Config {
    let base = [
        ("AAD_TENANT_ID", TENANT),
        ("AAD_CLIENT_ID", CLIENT),
        ("AAD_CLIENT_SECRET", "first~secret"),
        ("AAD_BASE_URL", "http://localhost:8080"),
    ];
    let source: Source = base.iter().chain(rows).copied().collect();
    Config::parse(&source).unwrap()
}

fn in_code() -> ConfigBuilder {
    Config::entra(TENANT, CLIENT)
        .client_secret("first~secret")
        .base_url("http://localhost:8080")
}

fn b2c() -> ConfigBuilder {
    in_code().authority_host(B2C.1).user_flow(FLOW.1)
}

/// All of a configuration as text. A new field does not compile until it stands here.
fn all_of(config: &Config) -> String {
    let Config {
        authority,
        edit_profile,
        password_reset,
        endpoint_hosts,
        client_id,
        client_secrets,
        client_auth,
        allowed_tenants,
        signing_algorithms,
        app_signing_keys,
        clock_leeway,
        token_cache,
        userinfo,
        response_mode,
        api_audiences,
        trusted_audiences,
        roles_claim,
        scopes,
        domain_hints,
        graph_url,
        ca_file,
        provider_timeout,
        base_url,
        redirect_path,
        route_prefix,
        cookies,
        session_secrets,
        session_store,
        state_dir,
        session_idle,
        session_max,
        max_sessions_per_user,
        recheck,
        cors_origins,
    } = config;
    let exposed = |secrets: &[Secret]| {
        let texts = secrets.iter().map(ExposeSecret::expose_secret);
        texts.map(str::to_owned).collect::<Vec<_>>()
    };
    let store = session_store.as_ref().map(|store| match store {
        StoreUrl::Memory => "memory".to_owned(),
        StoreUrl::File(path) => format!("file {}", path.display()),
        StoreUrl::Redis(url) => url.expose_secret().to_owned(),
    });
    let (client_secrets, session_secrets) = (exposed(client_secrets), exposed(session_secrets));
    let identity = format!(
        "{authority:?} {edit_profile:?} {password_reset:?} {endpoint_hosts:?} {client_id} \
         {client_secrets:?} {client_auth:?} {allowed_tenants:?}"
    );
    let address =
        format!("{base_url:?} {redirect_path} {route_prefix} {cookies:?} {cors_origins:?}");
    let session = format!(
        "{session_secrets:?} {store:?} {state_dir:?} {session_idle:?} {session_max:?} \
         {max_sessions_per_user:?} {recheck:?}"
    );
    let sign_in = format!("{scopes:?} {domain_hints:?} {response_mode:?} {userinfo}");
    let tokens = format!(
        "{signing_algorithms:?} {app_signing_keys} {clock_leeway:?} {token_cache} \
         {api_audiences:?} {trusted_audiences:?} {roles_claim:?}"
    );
    let calls = format!("{graph_url:?} {ca_file:?} {provider_timeout:?}");
    format!("{identity}\n{address}\n{session}\n{sign_in}\n{tokens}\n{calls}")
}

/// The setting, the rows of variables, and the calls that stand for them.
type Case<'a> = (&'static str, Vec<(&'a str, &'a str)>, ConfigBuilder);

#[rustfmt::skip] // One line a case.
fn identity_and_address() -> Vec<Case<'static>> {
    let one = |variable, value, builder| (variable, vec![(variable, value)], builder);
    let flow = |variable| (variable, vec![B2C, FLOW, (variable, "B2C_1_x")]);
    let (edit_profile, edit_rows) = flow("AAD_USER_FLOW_EDIT_PROFILE");
    let (password_reset, reset_rows) = flow("AAD_USER_FLOW_PASSWORD_RESET");
    vec![
        one("AAD_CLIENT_SECRET", r"first~secret,one\,more\\", in_code().client_secret(r"one,more\")),
        (
            "AAD_CLIENT_SECRET_MAY_BE_GUID",
            vec![
                ("AAD_CLIENT_SECRET_MAY_BE_GUID", "true"),
                ("AAD_CLIENT_SECRET", "first~secret,11112222-aaaa-4bbb-8ccc-333344445555"),
            ],
            in_code().client_secret(GUID).client_secret_may_be_guid(true),
        ),
        one("AAD_CLIENT_AUTH", "client_secret_basic", in_code().client_auth(ClientAuth::SecretBasic)),
        one("AAD_ALLOWED_TENANTS", TENANT, in_code().allowed_tenants([TENANT])),
        one("AAD_AUTHORITY_HOST", "https://login.microsoftonline.us", in_code().authority_host("https://login.microsoftonline.us")),
        ("AAD_USER_FLOW", vec![B2C, FLOW], b2c()),
        (edit_profile, edit_rows, b2c().user_flow_edit_profile("B2C_1_x")),
        (password_reset, reset_rows, b2c().user_flow_password_reset("B2C_1_x")),
        one("AAD_ENDPOINT_HOSTS", "a.example,b.example:1", in_code().endpoint_hosts(["a.example", "b.example:1"])),
        one("AAD_BASE_URL", "http://localhost:1/x", in_code().base_url("http://localhost:1/x")),
        one("AAD_REDIRECT_PATH", "/back", in_code().redirect_path("/back")),
        one("AAD_ROUTE_PREFIX", "/login", in_code().route_prefix("/login")),
        one("AAD_COOKIE_NAME", "shop", in_code().cookie_name("shop")),
        one("AAD_CORS_ORIGINS", "https://a.test,https://b.test", in_code().cors_origins(["https://a.test", "https://b.test"])),
    ]
}

#[rustfmt::skip] // One line a case.
fn session_and_sign_in() -> Vec<Case<'static>> {
    let one = |variable, value, builder| (variable, vec![(variable, value)], builder);
    let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
    vec![
        one("AAD_SESSION_SECRET", SEAL, in_code().session_secret(SEAL)),
        one("AAD_SESSION_STORE", "memory", in_code().session_store("memory")),
        one("AAD_STATE_DIR", "/var/lib/x", in_code().state_dir("/var/lib/x")),
        one("AAD_SESSION_IDLE", "90m", in_code().session_idle(minutes(90))),
        one("AAD_SESSION_MAX", "2d", in_code().session_max(minutes(2 * 24 * 60))),
        one("AAD_MAX_SESSIONS_PER_USER", "7", in_code().max_sessions_per_user(7)),
        one("AAD_RECHECK", "5m", in_code().recheck(minutes(5))),
        one("AAD_SCOPES", "openid User.Read", in_code().scopes(["openid", "User.Read"])),
        one("AAD_DOMAIN_HINTS", "a.test,consumers", in_code().domain_hints(["a.test", "consumers"])),
        one("AAD_RESPONSE_MODE", "form_post", in_code().response_mode(ResponseMode::FormPost)),
        one("AAD_USERINFO", "true", in_code().userinfo(true)),
    ]
}

#[rustfmt::skip] // One line a case.
fn tokens_and_calls(ca_file: &str) -> Vec<Case<'_>> {
    let one = |variable, value, builder| (variable, vec![(variable, value)], builder);
    vec![
        one("AAD_CLOCK_LEEWAY", "5s", in_code().clock_leeway(Duration::from_secs(5))),
        one("AAD_SIGNING_ALGORITHMS", "PS256,ES256", in_code().signing_algorithms(["PS256", "ES256"])),
        one("AAD_APP_SIGNING_KEYS", "true", in_code().app_signing_keys(true)),
        one("AAD_API_AUDIENCE", "api://x,y", in_code().api_audience(["api://x", "y"])),
        one("AAD_TRUSTED_AUDIENCES", "x,y", in_code().trusted_audiences(["x", "y"])),
        one("AAD_ROLES_CLAIM", r"a.b,c\,d", in_code().roles_claim(["a.b", r"c\,d"])),
        one("AAD_TOKEN_CACHE", "4MiB", in_code().token_cache(4 << 20)),
        one("AAD_CA_FILE", ca_file, in_code().ca_file(PathBuf::from(ca_file))),
        one("AAD_PROVIDER_TIMEOUT", "3s", in_code().provider_timeout(Duration::from_secs(3))),
        one("AAD_GRAPH_URL", "https://graph.test", in_code().graph_url("https://graph.test")),
    ]
}

#[test]
fn every_setting_has_a_method_that_makes_the_same_configuration_as_its_variable() {
    let ca = rcgen::generate_simple_self_signed(["ca.test".to_owned()]).unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), ca.cert.pem()).unwrap();
    let mut cases = identity_and_address();
    cases.extend(session_and_sign_in());
    cases.extend(tokens_and_calls(file.path().to_str().unwrap()));

    let mut tested: Vec<_> = cases.iter().map(|(variable, ..)| *variable).collect();
    tested.extend(PARAMETERS);
    tested.sort_unstable();
    let mut known: Vec<_> = settings().map(|setting| setting.name).collect();
    known.sort_unstable();
    assert_eq!(tested, known);

    let base = all_of(&variables(&[]));
    assert_eq!(base, all_of(&in_code().build().unwrap()));
    for (variable, rows, builder) in cases {
        let expected = all_of(&variables(&rows));
        assert_ne!(expected, base, "{variable} has its default");
        let built = builder.build().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(all_of(&built), expected, "{variable}");
    }
}

#[test]
fn a_generic_provider_is_the_same_in_code_and_in_variables() {
    let issuer = "https://id.example.com/realms/staff";
    let source = Source::new()
        .with("AAD_AUTHORITY", issuer)
        .with("AAD_CLIENT_ID", "My-App")
        .with("AAD_CLIENT_SECRET", "x")
        .with("AAD_BASE_URL", "http://localhost:8080");
    let built = Config::oidc(issuer, "My-App")
        .client_secret("x")
        .base_url("http://localhost:8080");
    let (parsed, built) = (Config::parse(&source).unwrap(), built.build().unwrap());
    assert_eq!(all_of(&built), all_of(&parsed));
}

#[test]
fn every_method_is_named_like_its_variable_and_its_documentation_names_the_variable() {
    let code = [
        include_str!("identity.rs"),
        include_str!("address.rs"),
        include_str!("session.rs"),
        include_str!("sign_in.rs"),
        include_str!("tokens.rs"),
        include_str!("calls.rs"),
    ]
    .join("\n");
    for setting in settings().filter(|setting| !PARAMETERS.contains(&setting.name)) {
        let method = setting.method.unwrap();
        assert_eq!(format!("AAD_{}", method.to_uppercase()), setting.name);
        let (before, _) = code
            .split_once(&format!("    pub fn {method}("))
            .unwrap_or_else(|| panic!("{method} does not exist"));
        let documentation = before.rsplit("\n\n").next().unwrap();
        // A paragraph break in a doc comment is no empty line, so this is the whole comment.
        let named = format!("`{}`", setting.name);
        assert!(documentation.contains(&named), "{method}");
    }
    for setting in SETTINGS.iter().filter(|row| row.group == Group::Reserved) {
        assert_eq!(setting.method, None);
    }
}
