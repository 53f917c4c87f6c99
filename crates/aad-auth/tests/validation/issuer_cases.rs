//! Runs every row of `issuer_cases.txt`. B26 and B27, which need time to pass, are in `keyring.rs`.

use aad_auth::{
    config::{AllowedTenants, Authority, Tenant},
    internals::{
        config::AuthoritySettings,
        provider::{Issuer, Metadata},
        validation::{Verifier, VerifierSettings},
    },
};
use serde_json::{Map, Value};

use crate::{
    tokens::{self, CLIENT, FakeProvider, ManualTime, NOW, OTHER, T, TestKey, V2, V2T},
    world::{World, expected, outcome},
};

const TABLE: &str = include_str!("issuer_cases.txt");
const TG: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
const GOV: &str = "https://login.microsoftonline.us/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0";
const B: &str = "https://fabrikamb2c.b2clogin.com/775527ff-9a37-4307-8b3d-cc311f58d925/v2.0/";

#[tokio::test]
async fn every_row() {
    let rows: Vec<&str> = TABLE
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .collect();
    let mut wrong = Vec::new();
    for row in &rows {
        let columns: Vec<&str> = row.split(" | ").map(str::trim).collect();
        let [id, what, input, want] = columns[..] else {
            panic!("not four columns: {row}");
        };
        let found = run(what, input).await;
        let refused_somehow = want == "refused" && found.starts_with("refused");
        if found != want && !refused_somehow {
            wrong.push(format!("{id}: wanted {want}, got {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(rows.len() > 110, "the table has lost rows: {}", rows.len());
}

async fn run(what: &str, input: &str) -> String {
    match what {
        "template" => template(input),
        "authority" => authority(unquote(input)),
        "settings" => settings(input),
        "metadata" => metadata(input),
        "id" | "access" => Case::parse(input).run(what).await,
        _ => panic!("unknown kind of row: {what}"),
    }
}

fn template(input: &str) -> String {
    let mut words = input.split_whitespace();
    let template = Issuer::parse(&text(words.next().unwrap())).unwrap();
    let values: Map<String, Value> = words.map(pair).collect();
    let tid = values["tid"].as_str();
    if template.accepts(values["iss"].as_str().unwrap(), tid) {
        "accepted".to_owned()
    } else {
        "refused".to_owned()
    }
}

fn authority(input: &str) -> String {
    let settings = AuthoritySettings {
        authority: Some(input),
        ..AuthoritySettings::default()
    };
    described(settings.build())
}

fn settings(input: &str) -> String {
    let mut settings = AuthoritySettings::default();
    let words: Vec<(&str, String)> = input
        .split_whitespace()
        .map(|word| word.split_once('=').unwrap())
        .map(|(name, value)| (name, text(value)))
        .collect();
    for (name, value) in &words {
        match *name {
            "authority" => settings.authority = Some(value),
            "host" => settings.authority_host = Some(value),
            "tenant" => settings.tenant_id = Some(value),
            _ => return audience_settings(),
        }
    }
    described(settings.build())
}

/// F13: no audience at all is an error of configuration.
fn audience_settings() -> String {
    let fake = FakeProvider::new(&Value::Null, &[]);
    let time = ManualTime::at(NOW);
    let provider = tokens::provider(tokens::common(), &fake, &time);
    let mut settings = VerifierSettings::new(CLIENT, AllowedTenants::Any);
    settings.api_audiences.clear();
    let clock = std::sync::Arc::new(time.clock.clone());
    Verifier::new(provider, clock, settings).map_or_else(
        |problem| format!("refused {problem}"),
        |_| "accepted".to_owned(),
    )
}

fn described<E>(result: Result<Authority, E>) -> String {
    result.map_or_else(
        |_| "refused".to_owned(),
        |authority| format!("=> {}", authority.id()),
    )
}

fn metadata(input: &str) -> String {
    let words: Vec<String> = input.split_whitespace().map(text).collect();
    let authority = AuthoritySettings {
        authority: Some(&words[0]),
        ..AuthoritySettings::default()
    };
    let authority = authority.build().unwrap();
    let mut hosts = authority.endpoint_hosts();
    if let Some(listed) = words.get(2).and_then(|word| word.strip_prefix("listed=")) {
        hosts = hosts.with_further(listed).unwrap();
    }
    let base = authority.origin().as_str().trim_end_matches('/').to_owned();
    let document = tokens::metadata(&base, &words[1]).to_string();
    match Metadata::parse(document.as_bytes(), &authority, &hosts) {
        Ok(_) => "accepted".to_owned(),
        Err(error) => format!("refused {}", error.code()),
    }
}

/// A token and the provider around it.
struct Case {
    authority: Authority,
    metadata: Option<Value>,
    settings: VerifierSettings,
    key: Value,
    keys: bool,
    kid: String,
    sign: String,
    first: Option<String>,
    claims: Vec<(String, Option<Value>)>,
}

impl Case {
    fn parse(input: &str) -> Self {
        let mut words = input.split_whitespace();
        let mut case = Self::preset(words.next().unwrap());
        for word in words {
            let (name, value) = pair(word);
            case.set(&name, value, word.ends_with("=-"));
        }
        case
    }

    fn preset(name: &str) -> Self {
        let (settings, issuer) = match name {
            "common" => (
                of("https://login.microsoftonline.com/common"),
                V2T.to_owned(),
            ),
            "organizations" => (
                of("https://login.microsoftonline.com/organizations"),
                V2T.to_owned(),
            ),
            "consumers" => (
                of("https://login.microsoftonline.com/consumers"),
                text("MSA"),
            ),
            "gov" => (
                of("https://login.microsoftonline.us/common"),
                "https://login.microsoftonline.us/{tenantid}/v2.0".to_owned(),
            ),
            "tenant" => (of("https://login.microsoftonline.com/T"), V2.to_owned()),
            "flow" => (
                of("https://fabrikamb2c.b2clogin.com/fabrikamb2c.onmicrosoft.com/b2c_1_susi"),
                B.to_owned(),
            ),
            generic => {
                let issuer = text(generic.strip_prefix("generic:").unwrap());
                (of(&issuer), issuer)
            }
        };
        let base = settings.origin().as_str().trim_end_matches('/').to_owned();
        let mut metadata = tokens::metadata(&base, &issuer);
        metadata
            .as_object_mut()
            .unwrap()
            .remove("cloud_instance_name");
        let mut key = TestKey::number(0).jwk("k1");
        if issuer.contains("{tenantid}") {
            key["issuer"] = issuer.into();
        }
        Self {
            authority: settings,
            metadata: Some(metadata),
            settings: VerifierSettings::new(CLIENT, AllowedTenants::Any),
            key,
            keys: true,
            kid: "k1".to_owned(),
            sign: "right".to_owned(),
            first: None,
            claims: Vec::new(),
        }
    }

    fn set(&mut self, name: &str, value: Value, remove: bool) {
        let text = value.as_str().unwrap_or_default().to_owned();
        if let Some(member) = name.strip_prefix("key.") {
            let member = if member == "cloud" {
                "cloud_instance_name"
            } else {
                member
            };
            set(&mut self.key, member, value, remove);
            return;
        }
        match name {
            "v1" => self.settings.v1_access_tokens = text == "on",
            "keys" => self.keys = false,
            "metadata" => self.metadata = None,
            "cloud" => {
                let metadata = self.metadata.as_mut().unwrap();
                set(metadata, "cloud_instance_name", value, remove);
            }
            "kid" => self.kid = text,
            "sign" => self.sign = text,
            "audiences" => {
                self.settings.api_audiences = text.split(',').map(str::to_owned).collect();
            }
            "allowed" => self.settings.tenants = AllowedTenants::parse(&text).unwrap(),
            "first:TID" => self.first = Some(format!("\"TID\":{value},")),
            _ => self
                .claims
                .push((name.to_owned(), (!remove).then_some(value))),
        }
    }

    async fn run(self, kind: &str) -> String {
        let mut claims = if kind == "id" {
            tokens::id_claims()
        } else {
            tokens::access_claims()
        };
        if self.authority.tenant().is_none()
            || matches!(self.authority.tenant(), Some(Tenant::Domain(_)))
        {
            claims.as_object_mut().unwrap().remove("tid");
        }
        for (name, value) in self.claims {
            let remove = value.is_none();
            set(&mut claims, &name, value.unwrap_or_default(), remove);
        }
        let mut payload = claims.to_string();
        if let Some(first) = self.first {
            payload.insert_str(1, &first);
        }
        let header = format!(r#"{{"typ":"JWT","alg":"RS256","kid":"{}"}}"#, self.kid);
        let signer = TestKey::number(usize::from(self.sign == "other"));
        let mut token = signer.sign_raw(&header, payload.as_bytes());
        if self.sign == "none" {
            token.truncate(token.rfind('.').unwrap() + 1);
        }
        let keys = if self.keys {
            vec![self.key]
        } else {
            Vec::new()
        };
        let metadata = self.metadata.unwrap_or_default();
        let settings = self.settings;
        let world = World::new(self.authority, &metadata, &keys, |defaults| {
            *defaults = settings;
        });
        if kind == "id" {
            outcome(world.verifier.id_token(&token, expected()).await)
        } else {
            outcome(world.access(&token).await)
        }
    }
}

fn of(authority: &str) -> Authority {
    let authority = text(authority);
    tokens::authority(AuthoritySettings {
        authority: Some(&authority),
        ..AuthoritySettings::default()
    })
}

fn set(object: &mut Value, name: &str, value: Value, remove: bool) {
    let object = object.as_object_mut().unwrap();
    if remove {
        object.remove(name);
    } else {
        object.insert(name.to_owned(), value);
    }
}

/// `name=value`, where the value is JSON, a name of the table, or plain text.
fn pair(word: &str) -> (String, Value) {
    let (name, value) = word.split_once('=').unwrap();
    let parsed = match serde_json::from_str::<Value>(value) {
        // `ver` is a text although it looks like a number.
        Ok(Value::Number(_)) | Err(_) => Value::String(text(value)),
        Ok(Value::String(quoted)) => Value::String(replaced(&quoted)),
        Ok(other) => other,
    };
    (name.to_owned(), parsed)
}

/// A name of the table, or a text with tenants put in.
fn text(word: &str) -> String {
    let word = unquote(word);
    match word {
        "T" => T.to_owned(),
        "TB" => OTHER.to_owned(),
        "TG" => TG.to_owned(),
        "C" => CLIENT.to_owned(),
        "api://C" => format!("api://{CLIENT}"),
        "V1" => format!("https://sts.windows.net/{T}/"),
        "V11" => format!("https://login.microsoftonline.com/{T}/v1.1"),
        "V2" => V2.to_owned(),
        "V1t" => "https://sts.windows.net/{tenantid}/".to_owned(),
        "V11t" => "https://login.microsoftonline.com/{tenantid}/v1.1".to_owned(),
        "V2t" => V2T.to_owned(),
        "PPE2" => format!("https://login.windows-ppe.net/{T}/v2.0"),
        "GOV" => GOV.to_owned(),
        "MSA" => format!(
            "https://login.microsoftonline.com/{}/v2.0",
            Tenant::CONSUMER_ID
        ),
        "B" => B.to_owned(),
        "B'" => B.replace("fabrikamb2c", "catb2c"),
        "Btfp" => format!("https://fabrikamb2c.b2clogin.com/tfp/{OTHER}/b2c_1_susi/v2.0"),
        "Bcust" => {
            "https://public.msidlabb2c.com/cpimtestpartners.onmicrosoft.com/v2.0/".to_owned()
        }
        other => replaced(other),
    }
}

/// `T` and `TB` standing alone between the punctuation of an address.
fn replaced(text: &str) -> String {
    let mut result = text.to_owned();
    for (name, tenant) in [("TB", OTHER), ("T", T)] {
        for (before, after) in [("/", "/"), ("/", "."), ("-", "-")] {
            let from = format!("{before}{name}{after}");
            result = result.replace(&from, &format!("{before}{tenant}{after}"));
        }
        if let Some(rest) = result.strip_suffix(&format!("/{name}")) {
            result = format!("{rest}/{tenant}");
        }
    }
    result
}

fn unquote(word: &str) -> &str {
    word.strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(word)
}
