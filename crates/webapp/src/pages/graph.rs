//! The Graph page: what was asked, how it went, and the profile that came back.

use aad_auth::{
    DownstreamError, User,
    downstream::{AcquireError, DownstreamErrorKind, GraphAnswer, GraphError, TransportError},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::layout::initials;

/// The data of `graph.html`.
#[derive(Serialize)]
pub struct GraphPage {
    /// What was asked, in order.
    pub calls: Vec<Call>,
}

/// One call.
#[derive(Serialize)]
pub struct Call {
    method: &'static str,
    path: &'static str,
    scopes: String,
    ok: bool,
    status: String,
    milliseconds: u128,
    request_id: Option<String>,
    profile: Option<Profile>,
    problem: Option<String>,
    json: Option<String>,
}

/// The person, as Graph knows them: to be shown, and no more.
#[derive(Serialize)]
pub struct Profile {
    initials: String,
    name: String,
    job_title: Option<String>,
    mail: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Me {
    id: Option<String>,
    display_name: Option<String>,
    job_title: Option<String>,
    mail: Option<String>,
    user_principal_name: Option<String>,
}

impl Call {
    /// How a GET of `path` for `user` ended.
    pub fn new(
        path: &'static str,
        user: &User,
        outcome: &Result<GraphAnswer, DownstreamError>,
        milliseconds: u128,
    ) -> Self {
        let mut call = Self {
            method: "GET",
            path,
            scopes: scopes(user),
            ok: false,
            status: "No answer".to_owned(),
            milliseconds,
            request_id: None,
            profile: None,
            problem: None,
            json: None,
        };
        match outcome {
            Ok(answer) => call.answered(user, answer),
            Err(error) => call.problem = Some(unanswered(error.kind())),
        }
        call
    }

    fn answered(&mut self, user: &User, answer: &GraphAnswer) {
        self.status = answer.status.to_string();
        self.request_id.clone_from(&answer.request_id);
        let found = answer.json::<Value>().and_then(|json| {
            let me = Me::deserialize(&json).map_err(|_| GraphError::Unexpected)?;
            Ok((json, me))
        });
        match found {
            Ok((_, me)) if is_somebody_else(user, &me) => {
                self.problem = Some(
                    "Graph answered for another user. Who you are here is not changed by it."
                        .to_owned(),
                );
            }
            Ok((json, me)) => {
                self.ok = true;
                self.profile = Profile::new(me);
                self.json = Some(pretty(&json));
            }
            Err(error) => self.problem = Some(unusable(&error)),
        }
    }
}

impl Profile {
    fn new(me: Me) -> Option<Self> {
        let mail = me.mail.or(me.user_principal_name);
        let name = me.display_name.or_else(|| mail.clone())?;
        Some(Self {
            initials: initials(&name),
            name,
            job_title: me.job_title,
            mail,
        })
    }
}

/// What was granted for Graph; the scopes of OpenID Connect only when there are no others.
fn scopes(user: &User) -> String {
    const OPENID: [&str; 4] = ["openid", "profile", "email", "offline_access"];
    let mut shown: Vec<_> = user.scopes().iter().map(|scope| &**scope).collect();
    if shown.iter().any(|scope| !OPENID.contains(scope)) {
        shown.retain(|scope| !OPENID.contains(scope));
    }
    shown.join(" ")
}

/// Personal accounts have ids of another form at Graph: then nothing can be said.
fn is_somebody_else(user: &User, me: &Me) -> bool {
    let (Some(oid), Some(id)) = (user.oid(), me.id.as_deref()) else {
        return false;
    };
    id.len() == oid.len() && !id.eq_ignore_ascii_case(oid)
}

/// As much of it as anybody reads.
fn pretty(json: &Value) -> String {
    const LONGEST: usize = 32 * 1024;
    let mut text = serde_json::to_string_pretty(json).unwrap_or_default();
    if text.len() > LONGEST {
        let end = (0..=LONGEST).rev().find(|end| text.is_char_boundary(*end));
        text.truncate(end.unwrap_or_default());
        text.push_str("\n…");
    }
    text
}

fn unanswered(kind: &DownstreamErrorKind) -> String {
    let text = match kind {
        DownstreamErrorKind::Token(AcquireError::Unavailable { .. }) => {
            "Your access token has run out, and the identity provider cannot renew it at the \
             moment. You are still signed in."
        }
        DownstreamErrorKind::Token(_) => {
            "There is no access token for Graph at the moment. You are still signed in."
        }
        DownstreamErrorKind::Api(error) => return unusable(error),
        _ => "Graph could not be called.",
    };
    text.to_owned()
}

fn unusable(error: &GraphError) -> String {
    let text = match error {
        GraphError::NotConfigured => {
            "There is no Microsoft Graph at this identity provider. AAD_GRAPH_URL names one."
        }
        GraphError::Transport(TransportError::Timeout) => "Graph did not answer in time.",
        GraphError::Transport(TransportError::TooLarge) => "Graph's answer is too large.",
        GraphError::Transport(TransportError::Unreachable) => "Graph cannot be reached.",
        GraphError::Status { status, code, .. } => return refused(*status, code.as_deref()),
        _ => "What came back is not the JSON that Graph sends.",
    };
    text.to_owned()
}

fn refused(status: u16, code: Option<&str>) -> String {
    let text = match status {
        401 => "Graph does not accept the access token. You are still signed in here.",
        403 => {
            "This application may not read that on your behalf: a permission is missing or was \
             not agreed to."
        }
        404 => "Graph knows no such thing.",
        429 => "Graph has been asked too often. It will answer again in a moment.",
        300..=399 => "Graph wanted to send the request elsewhere, which is not done.",
        500.. => "Graph has a problem of its own at the moment.",
        _ => "Graph does not understand the request.",
    };
    code.map_or_else(
        || text.to_owned(),
        |code| format!("{text} Its code: {code}."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_answer_is_cut_between_characters() {
        let json = Value::String("ü".repeat(100_000));
        let text = pretty(&json);
        assert!(text.len() <= 32 * 1024 + 4);
        assert!(text.ends_with('…'));
    }

    #[test]
    fn a_profile_without_a_name_shows_the_address() {
        let me: Me = serde_json::from_str(r#"{"userPrincipalName":"a@b.example"}"#).unwrap();
        assert_eq!(Profile::new(me).unwrap().name, "a@b.example");
        let me: Me = serde_json::from_str("{}").unwrap();
        assert!(Profile::new(me).is_none());
    }
}
