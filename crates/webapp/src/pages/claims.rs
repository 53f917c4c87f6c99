//! The page of the claims: groups them by topic and explains each.

use aad_auth::{config::RolesClaim, session::Timestamp};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    Moment,
    dictionary::{self, Entry, Topic},
};

/// The data of `token_details.html`.
#[derive(Debug, Serialize)]
pub struct TokenDetails {
    user_key: &'static str,
    has_unstable: bool,
    groups: Vec<ClaimGroup>,
}

#[derive(Debug, Serialize)]
struct ClaimGroup {
    id: &'static str,
    title: &'static str,
    about: &'static str,
    claims: Vec<Claim>,
}

/// One row. `time`, `list` or `json` is the value; where all are `None`, it is `text`.
#[derive(Debug, Serialize)]
struct Claim {
    id: String,
    name: String,
    meaning: &'static str,
    never_a_key: bool,
    text: String,
    time: Option<Moment>,
    list: Option<Vec<String>>,
    more: Vec<String>,
    json: Option<String>,
}

/// How many members of a list are shown; the others are folded.
const SHOWN: usize = 12;

impl TokenDetails {
    /// Groups and explains `claims`.
    ///
    /// `has_directory_claims` is `true` where `tid` and `oid` identify users (Entra), and `false` where
    /// `iss` and `sub` do. `roles` names the claims that hold roles.
    pub fn new(
        claims: &Map<String, Value>,
        has_directory_claims: bool,
        roles: &RolesClaim,
        now: Timestamp,
    ) -> Self {
        let explained: Vec<_> = claims
            .iter()
            .map(|(name, value)| (dictionary::explain(name, roles), name.as_str(), value))
            .collect();
        let groups: Vec<_> = Topic::ALL
            .into_iter()
            .map(|topic| ClaimGroup::new(topic, &explained, now))
            .filter(|group| !group.claims.is_empty())
            .collect();
        Self {
            user_key: if has_directory_claims {
                "tid + oid"
            } else {
                "iss + sub"
            },
            has_unstable: groups.iter().flat_map(|g| &g.claims).any(|c| c.never_a_key),
            groups,
        }
    }
}

impl ClaimGroup {
    fn new(topic: Topic, claims: &[(Entry, &str, &Value)], now: Timestamp) -> Self {
        let (title, about) = topic.heading();
        let of_topic = claims.iter().filter(|(entry, ..)| entry.topic == topic);
        let mut found: Vec<_> = of_topic.collect();
        found.sort_by_key(|(entry, name, _)| (position(entry), *name));
        let claims = found
            .into_iter()
            .enumerate()
            .map(|(index, (entry, name, value))| {
                Claim::new(format!("{}-{index}", topic.id()), entry, name, value, now)
            });
        Self {
            id: topic.id(),
            title,
            about,
            claims: claims.collect(),
        }
    }
}

impl Claim {
    fn new(id: String, entry: &Entry, name: &str, value: &Value, now: Timestamp) -> Self {
        let mut claim = Self {
            id,
            name: name.to_owned(),
            meaning: entry.meaning,
            never_a_key: entry.never_a_key,
            text: String::new(),
            time: None,
            list: None,
            more: Vec::new(),
            json: None,
        };
        match value {
            Value::String(text) => claim.text.clone_from(text),
            Value::Array(members) if !members.is_empty() => {
                let mut shown: Vec<_> = members.iter().map(plain).collect();
                claim.more = shown.split_off(shown.len().min(SHOWN));
                claim.list = Some(shown);
            }
            Value::Object(_) => claim.json = serde_json::to_string_pretty(value).ok(),
            other => {
                claim.text = other.to_string();
                claim.time = entry.is_time.then(|| moment(other, now)).flatten();
            }
        }
        claim
    }
}

/// The position in the dictionary; unknown claims come last.
fn position(entry: &Entry) -> usize {
    dictionary::ENTRIES
        .iter()
        .position(|known| known.name == entry.name)
        .unwrap_or(usize::MAX)
}

/// A NumericDate may have a fraction (RFC 7519 section 2).
fn moment(value: &Value, now: Timestamp) -> Option<Moment> {
    let seconds = value
        .as_u64()
        .or_else(|| value.as_f64().filter(|s| *s >= 0.0).map(|s| s as u64))?;
    Moment::new(Timestamp::from_seconds(seconds), now)
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn details(claims: Value) -> Value {
        let Value::Object(claims) = claims else {
            panic!("an object")
        };
        let now = Timestamp::from_seconds(1_800_000_000);
        let roles = RolesClaim::standard();
        serde_json::to_value(TokenDetails::new(&claims, true, roles, now)).unwrap()
    }

    #[test]
    fn no_claim_is_lost() {
        let page = details(json!({
            "oid": "1", "email": "a@example.com", "exp": 1_800_003_600, "roles": [], "x": {"y": 1},
        }));
        let names: Vec<_> = page["groups"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|group| group["claims"].as_array().unwrap())
            .map(|claim| claim["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["oid", "email", "exp", "roles", "x"]);
        assert_eq!(
            page["groups"][1]["claims"][0]["time"]["relative"],
            "in 1 hour"
        );
        assert_eq!(page["has_unstable"], true);
    }

    #[test]
    fn odd_values_are_shown_as_they_are() {
        for value in [
            json!(null),
            json!(-1),
            json!(1e300),
            json!("text"),
            json!([[], {}, null]),
        ] {
            let page = details(json!({ "exp": value }));
            assert_eq!(
                page["groups"][0]["claims"][0]["time"],
                Value::Null,
                "{value}"
            );
        }
        let page = details(json!({ "exp": 1_800_000_000.5 }));
        assert_eq!(page["groups"][0]["claims"][0]["time"]["relative"], "now");
    }

    #[test]
    fn long_lists_are_folded() {
        let groups: Vec<_> = (0..200).map(|n| n.to_string()).collect();
        let page = details(json!({ "groups": groups }));
        let claim = &page["groups"][0]["claims"][0];
        assert_eq!(claim["list"].as_array().unwrap().len(), SHOWN);
        assert_eq!(claim["more"].as_array().unwrap().len(), 200 - SHOWN);
    }
}
