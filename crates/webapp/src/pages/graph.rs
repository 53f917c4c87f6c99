//! The Graph page: each request with its outcome, and the profile in the response.

use aad_auth::{
    DownstreamError, User,
    downstream::{AcquireError, DownstreamErrorKind, GraphAnswer, GraphError, TransportError},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::person::initials;

/// The data of `graph.html`.
#[derive(Serialize)]
pub struct GraphPage {
    /// In the order in which they were made.
    pub calls: Vec<Call>,
}

/// One request to Graph and its outcome.
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

/// The profile in Graph's response, for display only.
#[derive(Serialize)]
pub struct Profile {
    initials: String,
    name: String,
    job_title: Option<String>,
    mail: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GraphUser {
    id: Option<String>,
    display_name: Option<String>,
    job_title: Option<String>,
    mail: Option<String>,
    user_principal_name: Option<String>,
}

impl Call {
    /// Describes a GET of `path` on behalf of `user`.
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
            let me = GraphUser::deserialize(&json).map_err(|_| GraphError::Unexpected)?;
            Ok((json, me))
        });
        match found {
            Ok((_, me)) if is_another_user(user, &me) => {
                self.problem = Some(
                    "Graph answered for another user. Your identity here has not changed."
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
    fn new(me: GraphUser) -> Option<Self> {
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

/// The granted scopes. Those of OpenID Connect are left out where there are others.
fn scopes(user: &User) -> String {
    const OPENID: [&str; 4] = ["openid", "profile", "email", "offline_access"];
    let mut shown: Vec<_> = user.scopes().iter().map(|scope| &**scope).collect();
    if shown.iter().any(|scope| !OPENID.contains(scope)) {
        shown.retain(|scope| !OPENID.contains(scope));
    }
    shown.join(" ")
}

/// Graph has ids of another form for personal accounts, which cannot be compared.
fn is_another_user(user: &User, me: &GraphUser) -> bool {
    let (Some(oid), Some(id)) = (user.oid(), me.id.as_deref()) else {
        return false;
    };
    id.len() == oid.len() && !id.eq_ignore_ascii_case(oid)
}

/// Indented JSON, cut after 32 KiB.
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
        404 => "Graph does not know this resource.",
        429 => "Graph has been asked too often. It will answer again in a moment.",
        300..=399 => "Graph answered with a redirect, which this application does not follow.",
        500.. => "Graph has an internal error at the moment.",
        _ => "Graph refused the request.",
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
        let me: GraphUser = serde_json::from_str(r#"{"userPrincipalName":"a@b.example"}"#).unwrap();
        assert_eq!(Profile::new(me).unwrap().name, "a@b.example");
        let me: GraphUser = serde_json::from_str("{}").unwrap();
        assert!(Profile::new(me).is_none());
    }
}
